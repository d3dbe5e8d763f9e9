#include "evaluation/exam.h"

#include <stdlib.h>

static enum trm_status collect(struct exam *exam, const struct trm_dataset *dataset,
                               const struct trm_split *split, struct trm_error *error) {
    size_t count;
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    for (int p = 0; p < TRM_PARTS; p++) {
        exam->part[p].at = calloc(split->samples[p] + 1, sizeof *exam->part[p].at);
        if (exam->part[p].at == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", count);
    }
    for (size_t i = 0; i < count; i++) {
        struct exam_part *const part = &exam->part[split->part[i]];
        part->at[part->count++] = &samples[i];
    }
    return TRM_OK;
}

/* Number the groups of the test part, and find each sample's neighbour. */
static enum trm_status link_test(struct exam *exam, const struct trm_statistics *st,
                                 struct trm_error *error) {
    const struct exam_part *const test = &exam->part[TRM_TEST];
    size_t *const number = calloc(st->groups + 1, sizeof *number);
    exam->group = calloc(test->count + 1, sizeof *exam->group);
    exam->previous = calloc(test->count + 1, sizeof *exam->previous);
    if (number == NULL || exam->group == NULL || exam->previous == NULL) {
        free(number);
        return trm_fail(error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", test->count);
    }
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        if (number[s->group] == 0)
            number[s->group] = ++exam->groups;
        exam->group[i] = number[s->group] - 1;
        const bool follows =
            i > 0 && test->at[i - 1]->run == s->run && test->at[i - 1]->position + 1 == s->position;
        exam->previous[i] = follows ? (long)i - 1 : EXAM_NONE;
    }
    free(number);
    return TRM_OK;
}

static void learn_single(struct exam *exam) {
    const struct exam_part *const train = &exam->part[TRM_TRAIN];
    double sum[TRM_ARMS] = {0};
    for (size_t i = 0; i < train->count; i++) {
        exam->seen |= 1u << train->at[i]->label;
        for (int arm = 0; arm < TRM_ARMS; arm++)
            if (exam->arms >> arm & 1)
                sum[arm] += train->at[i]->change[arm];
    }
    exam->best_single = -1;
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if ((exam->arms >> arm & 1) && (exam->best_single < 0 || sum[arm] < sum[exam->best_single]))
            exam->best_single = arm;
}

enum trm_status exam_create(struct exam *exam, const struct trm_dataset *dataset,
                            const struct trm_split *split, unsigned arms,
                            const struct trm_evaluation_options *options, struct trm_error *error) {
    struct trm_statistics st;
    trm_dataset_statistics(dataset, &st);
    *exam = (struct exam){.arms = arms & st.present, .options = options};
    enum trm_status status = TRM_OK;
    if (exam->arms == 0)
        status = trm_fail(
            error, TRM_INVALID,
            "the router knows none of the solvers in this data set; evaluate it on data like those it "
            "was trained on");
    if (status == TRM_OK)
        status = collect(exam, dataset, split, error);
    if (status == TRM_OK && (exam->part[TRM_TEST].count == 0 || exam->part[TRM_TRAIN].count == 0))
        status = trm_fail(error, TRM_INVALID, "the split leaves no %s samples; collect more steps",
                          exam->part[TRM_TEST].count == 0 ? "test" : "training");
    if (status == TRM_OK)
        status = link_test(exam, &st, error);
    if (status != TRM_OK) {
        exam_destroy(exam);
        return status;
    }
    learn_single(exam);
    trm_split_moments(dataset, split, exam->mean, exam->deviation);
    return TRM_OK;
}

void exam_destroy(struct exam *exam) {
    for (int p = 0; p < TRM_PARTS; p++)
        free(exam->part[p].at);
    free(exam->group);
    free(exam->previous);
    *exam = (struct exam){.groups = 0};
}

void exam_features(const struct exam *exam, const struct trm_sample *sample, double x[TRM_FEATURE_COUNT]) {
    for (int f = 0; f < TRM_FEATURE_COUNT; f++)
        x[f] = exam->deviation[f] > 0 ? (sample->feature[f] - exam->mean[f]) / exam->deviation[f] : 0;
}

int exam_most_probable(const double probability[TRM_ARMS], unsigned mask) {
    int best = -1;
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if ((mask >> arm & 1) && (best < 0 || probability[arm] > probability[best]))
            best = arm;
    return best;
}

enum trm_status exam_progress(const struct exam *exam, const char *what, size_t done, size_t total,
                              struct trm_error *error) {
    const struct trm_evaluation_options *const o = exam->options;
    if (o->progress != NULL)
        o->progress(o->context, what, done, total);
    if (o->stop != NULL && o->stop(o->context))
        return trm_fail(error, TRM_STOPPED, "the evaluation was stopped; nothing was written");
    return TRM_OK;
}
