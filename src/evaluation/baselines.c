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

void baseline_schedule(const struct partition *parts, struct predictions *predicted) {
    double sum[TENTHS][TRM_ARMS_MOST] = {{0}};
    size_t count[TENTHS] = {0};
    int choice[TENTHS];
    for (size_t i = 0; i < parts->part[TRM_TRAIN].count; i++) {
        const struct trm_sample *const s = parts->part[TRM_TRAIN].at[i];
        const size_t t = tenth_of(s);
        count[t]++;
        for (int arm = 0; arm < (int)parts->names.count; arm++)
            if (parts->arms >> arm & 1)
                sum[t][arm] -= s->change[arm]; /* the most probable is the largest */
    }
    for (size_t t = 0; t < TENTHS; t++)
        choice[t] = count[t] > 0 ? most_probable(sum[t], parts->arms) : parts->best_single;
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        answer(predicted, i, choice[tenth_of(parts->part[TRM_TEST].at[i])]);
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
