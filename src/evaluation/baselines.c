/* Policies that need no training worth the name. */
#include "evaluation/exam.h"

#include "base/rng.h"

enum { TENTHS = 10 };

static void answer(struct exam_answers *answers, size_t i, int arm) {
    answers->arm[i] = arm;
    answers->confidence[i] = NAN;
}

void baseline_fixed(const struct exam *exam, int arm, struct exam_answers *answers) {
    for (size_t i = 0; i < exam->part[TRM_TEST].count; i++)
        answer(answers, i, arm);
}

void baseline_random(const struct exam *exam, struct exam_answers *answers) {
    struct rng rng = rng_stream(exam->options->seed, RNG_ROUTER, 1, 0);
    int list[TRM_ARMS];
    uint32_t count = 0;
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if (exam->arms >> arm & 1)
            list[count++] = arm;
    for (size_t i = 0; i < exam->part[TRM_TEST].count; i++)
        answer(answers, i, list[rng_below(&rng, count)]);
}

static size_t tenth_of(const struct trm_sample *s) {
    const size_t tenth = s->step * TENTHS / (s->epochs * s->steps_per_epoch);
    return tenth < TENTHS ? tenth : TENTHS - 1;
}

void baseline_schedule(const struct exam *exam, struct exam_answers *answers) {
    double sum[TENTHS][TRM_ARMS] = {{0}};
    size_t count[TENTHS] = {0};
    int choice[TENTHS];
    for (size_t i = 0; i < exam->part[TRM_TRAIN].count; i++) {
        const struct trm_sample *const s = exam->part[TRM_TRAIN].at[i];
        const size_t t = tenth_of(s);
        count[t]++;
        for (int arm = 0; arm < TRM_ARMS; arm++)
            if (exam->arms >> arm & 1)
                sum[t][arm] -= s->change[arm]; /* the most probable is the largest */
    }
    for (size_t t = 0; t < TENTHS; t++)
        choice[t] = count[t] > 0 ? exam_most_probable(sum[t], exam->arms) : exam->best_single;
    for (size_t i = 0; i < exam->part[TRM_TEST].count; i++)
        answer(answers, i, choice[tenth_of(exam->part[TRM_TEST].at[i])]);
}

void baseline_last_best(const struct exam *exam, struct exam_answers *answers) {
    const struct exam_part *const test = &exam->part[TRM_TEST];
    for (size_t i = 0; i < test->count; i++) {
        const long before = exam->previous[i];
        const int arm = before != EXAM_NONE ? test->at[before]->label : exam->best_single;
        answer(answers, i, exam->arms >> arm & 1 ? arm : exam->best_single);
    }
}

void baseline_oracle(const struct exam *exam, struct exam_answers *answers) {
    for (size_t i = 0; i < exam->part[TRM_TEST].count; i++)
        answer(answers, i, exam->part[TRM_TEST].at[i]->label);
}
