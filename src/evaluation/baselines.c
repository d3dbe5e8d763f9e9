/* Policies that need no training worth the name. */
#include "evaluation/baselines.h"

#include "base/rng.h"

enum { TENTHS = 10 };

static void answer(struct predictions *predicted, size_t i, int arm) {
    predicted->arm[i] = arm;
    predicted->confidence[i] = NAN;
}

void baseline_fixed(const struct partition *parts, int arm, struct predictions *predicted) {
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, arm);
}

void baseline_random(const struct partition *parts, struct predictions *predicted) {
    struct rng rng = rng_stream(parts->options->seed, RNG_ROUTER, 1, 0);
    int list[TRM_ARMS_MOST];
    uint32_t count = 0;
    for (int arm = 0; arm < (int)parts->names.count; arm++)
        if (parts->arms >> arm & 1)
            list[count++] = arm;
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, list[rng_below(&rng, count)]);
}

static size_t tenth_of(const struct trm_sample *s) {
    const size_t tenth = s->step * TENTHS / (s->epochs * s->steps_per_epoch);
    return tenth < TENTHS ? tenth : TENTHS - 1;
}

/* Sums of the changes of the training part by tenth of the run and arm. */
static void sum_tenths(const struct partition *parts, double sum[TENTHS][TRM_ARMS_MOST],
                       size_t count[TENTHS]) {
    for (size_t i = 0; i < parts->part[TRM_TRAIN].count; i++) {
        const struct trm_sample *const s = parts->part[TRM_TRAIN].at[i];
        const size_t t = tenth_of(s);
        count[t]++;
        for (size_t arm = 0; arm < parts->names.count; arm++)
            if (parts->arms >> arm & 1)
                sum[t][arm] -= s->change[arm]; /* the most probable is the largest */
    }
}

void baseline_schedule(const struct partition *parts, struct predictions *predicted) {
    double sum[TENTHS][TRM_ARMS_MOST] = {{0}};
    size_t count[TENTHS] = {0};
    int choice[TENTHS];
    sum_tenths(parts, sum, count);
    for (size_t t = 0; t < TENTHS; t++)
        choice[t] = count[t] > 0 ? most_probable(sum[t], parts->arms) : parts->best_single;
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, choice[tenth_of(parts->part[TRM_TEST].at[i])]);
}

void baseline_two_phases(const struct partition *parts, struct predictions *predicted) {
    double sum[TENTHS][TRM_ARMS_MOST] = {{0}}, best = -HUGE_VAL;
    size_t count[TENTHS] = {0}, change = 0;
    int phase[2] = {parts->best_single, parts->best_single};
    sum_tenths(parts, sum, count);
    for (size_t from = 0; from < TENTHS; from++) {
        double part[2][TRM_ARMS_MOST] = {{0}};
        for (size_t t = 0; t < TENTHS; t++)
            for (size_t arm = 0; arm < parts->names.count; arm++)
                part[t >= from][arm] += sum[t][arm];
        const int first = most_probable(part[0], parts->arms), second = most_probable(part[1], parts->arms);
        if (part[0][first] + part[1][second] > best) {
            best = part[0][first] + part[1][second];
            phase[0] = first, phase[1] = second, change = from;
        }
    }
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, phase[tenth_of(parts->part[TRM_TEST].at[i]) >= change]);
}

enum trm_status baseline_learner(const struct partition *parts, enum trm_learner_kind kind,
                                 struct predictions *predicted, struct trm_error *error) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    struct trm_learner *learner = NULL;
    enum trm_status status = TRM_OK;
    size_t next = 0;
    for (size_t i = 0; status == TRM_OK && i < parts->count; i++) {
        const struct trm_sample *const s = &parts->all[i];
        if (i == 0 || s->run != s[-1].run) {
            trm_learner_destroy(learner);
            status = trm_learner_create(&learner, kind, parts->arms, parts->options->seed + (uint64_t)s->run,
                                        error);
        }
        if (status != TRM_OK)
            break;
        const double steps = (double)(s->epochs * s->steps_per_epoch);
        const int arm = trm_learner_choose(learner, s->feature, (double)s->step / steps);
        trm_learner_reward(learner, -s->change[arm]);
        if (next < test->count && test->at[next] == s)
            answer(predicted, next++, arm);
    }
    trm_learner_destroy(learner);
    return status;
}

void baseline_last_best(const struct partition *parts, struct predictions *predicted) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    for (size_t i = 0; i < test->count; i++) {
        const int before = parts->label_before[i];
        answer(predicted, i, before >= 0 && parts->arms >> before & 1 ? before : parts->best_single);
    }
}

void baseline_oracle(const struct partition *parts, struct predictions *predicted) {
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, parts->part[TRM_TEST].at[i]->label);
}
