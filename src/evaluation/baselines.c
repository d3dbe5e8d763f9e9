/* Policies that need no training worth the name. */
#include "evaluation/baselines.h"

#include "base/rng.h"

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

void baseline_plan(const struct partition *parts, enum plan_kind kind, struct predictions *predicted) {
    const struct partition_samples *const train = &parts->part[TRM_TRAIN], *const test =
                                                                               &parts->part[TRM_TEST];
    struct plan plan;
    plan_fit(kind, train->at, train->count, parts->arms, &plan);
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        answer(predicted, i, plan.arm[plan_part(s->step, s->epochs * s->steps_per_epoch)]);
    }
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
