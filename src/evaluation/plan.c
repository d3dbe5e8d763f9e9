#include "evaluation/plan.h"

#include "evaluation/partition.h"

static const char *const names[] = {
#define X(name, word, text) #word,
    PLAN_LIST(X)
#undef X
};

const char *plan_name(int kind) {
    return kind >= 0 && kind < PLANS ? names[kind] : NULL;
}

size_t plan_part(size_t step, size_t steps) {
    const size_t part = step * PLAN_PARTS / steps;
    return part < PLAN_PARTS ? part : PLAN_PARTS - 1;
}

/* What the arms gained: the most probable is the one with the largest sum. */
struct gains {
    double all[TRM_ARMS_MOST], part[PLAN_PARTS][TRM_ARMS_MOST];
    size_t count[PLAN_PARTS];
};

static void sum_up(const struct trm_sample *const *samples, size_t count, uint64_t arms, struct gains *sum) {
    for (size_t i = 0; i < count; i++) {
        const struct trm_sample *const s = samples[i];
        const size_t part = plan_part(s->step, s->epochs * s->steps_per_epoch);
        sum->count[part]++;
        for (size_t arm = 0; arm < TRM_ARMS_MOST; arm++)
            if (arms >> arm & 1)
                sum->all[arm] -= s->change[arm], sum->part[part][arm] -= s->change[arm];
    }
}

static void fit_two_phases(const struct gains *sum, uint64_t arms, struct plan *plan) {
    double best = -HUGE_VAL;
    for (size_t from = 0; from < PLAN_PARTS; from++) {
        double phase[2][TRM_ARMS_MOST] = {{0}};
        for (size_t t = 0; t < PLAN_PARTS; t++)
            for (size_t arm = 0; arm < TRM_ARMS_MOST; arm++)
                phase[t >= from][arm] += sum->part[t][arm];
        const int first = most_probable(phase[0], arms), second = most_probable(phase[1], arms);
        if (phase[0][first] + phase[1][second] <= best)
            continue;
        best = phase[0][first] + phase[1][second];
        for (size_t t = 0; t < PLAN_PARTS; t++)
            plan->arm[t] = t >= from ? second : first;
    }
}

void plan_fit(enum plan_kind kind, const struct trm_sample *const *samples, size_t count, uint64_t arms,
              struct plan *plan) {
    struct gains sum = {.all = {0}};
    sum_up(samples, count, arms, &sum);
    const int single = most_probable(sum.all, arms);
    for (size_t t = 0; t < PLAN_PARTS; t++)
        plan->arm[t] = kind == PLAN_SCHEDULE && sum.count[t] > 0 ? most_probable(sum.part[t], arms) : single;
    if (kind == PLAN_TWO_PHASE)
        fit_two_phases(&sum, arms, plan);
}
