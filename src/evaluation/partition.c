#include "evaluation/partition.h"

#include <stdlib.h>
#include <string.h>

static enum trm_status collect(struct partition *parts, const struct trm_dataset *dataset,
                               const struct trm_split *split, struct trm_error *error) {
    size_t count;
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    parts->all = samples;
    parts->count = count;
    for (int p = 0; p < TRM_PARTS; p++) {
        parts->part[p].at = calloc(split->samples[p] + 1, sizeof *parts->part[p].at);
        if (parts->part[p].at == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", count);
    }
    for (size_t i = 0; i < count; i++) {
        struct partition_samples *const part = &parts->part[split->part[i]];
        part->at[part->count++] = &samples[i];
    }
    return TRM_OK;
}

/* A state of a run: its seed, its step and, to the bit, its features. */
static int by_state(const void *left, const void *right) {
    const struct trm_sample *const a = *(const struct trm_sample *const *)left;
    const struct trm_sample *const b = *(const struct trm_sample *const *)right;
    if (a->seed != b->seed || a->step != b->step)
        return a->seed != b->seed ? (a->seed > b->seed) - (a->seed < b->seed)
                                  : (a->step > b->step) - (a->step < b->step);
    return memcmp(a->feature, b->feature, sizeof a->feature);
}

/* Was none of these samples learned from? */
static enum trm_status check_unseen(const struct partition_samples *learned, size_t parts,
                                    const struct partition_samples *test, struct trm_error *error) {
    size_t common = 0;
    for (size_t p = 0; p < parts; p++) {
        const size_t bytes = learned[p].count * sizeof *learned[p].at;
        const struct trm_sample **const sorted = malloc(bytes + 1);
        if (sorted == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "no memory to compare %zu samples", learned[p].count);
        memcpy(sorted, learned[p].at, bytes);
        qsort(sorted, learned[p].count, sizeof *sorted, by_state);
        for (size_t i = 0; i < test->count; i++)
            common += bsearch(&test->at[i], sorted, learned[p].count, sizeof *sorted, by_state) != NULL;
        free(sorted);
    }
    return common == 0
               ? TRM_OK
               : trm_fail(error, TRM_INVALID,
                          "--test-data: %zu of its %zu samples were trained on or validated with; give a "
                          "data set of other runs",
                          common, test->count);
}

/* All samples of another data set in the place of the test part. */
static enum trm_status test_on(struct partition *parts, const struct trm_dataset *other,
                               struct trm_error *error) {
    struct partition_samples *const test = &parts->part[TRM_TEST];
    parts->all = trm_dataset_samples(other, &parts->count);
    free(test->at);
    *test = (struct partition_samples){.at = calloc(parts->count + 1, sizeof *test->at), .count = 0};
    if (test->at == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", parts->count);
    while (test->count < parts->count) {
        test->at[test->count] = &parts->all[test->count];
        test->count++;
    }
    return check_unseen(&parts->part[TRM_TRAIN], TRM_TEST - TRM_TRAIN, test, error);
}

/* Number the groups of the test part, and find each sample's neighbour. */
static enum trm_status link_test(struct partition *parts, const struct trm_sample *first,
                                 const struct trm_statistics *st, struct trm_error *error) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    size_t *const number = calloc(st->groups + 1, sizeof *number);
    parts->group = calloc(test->count + 1, sizeof *parts->group);
    parts->previous = calloc(test->count + 1, sizeof *parts->previous);
    parts->label_before = calloc(test->count + 1, sizeof *parts->label_before);
    parts->oracle = calloc(test->count + 1, sizeof *parts->oracle);
    if (number == NULL || parts->oracle == NULL || parts->group == NULL || parts->previous == NULL ||
        parts->label_before == NULL) {
        free(number);
        return trm_fail(error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", test->count);
    }
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        if (number[s->group] == 0)
            number[s->group] = ++parts->groups;
        parts->oracle[i] = trm_sample_oracle(s, parts->arms);
        parts->group[i] = number[s->group] - 1;
        const bool follows =
            i > 0 && test->at[i - 1]->run == s->run && test->at[i - 1]->position + 1 == s->position;
        parts->previous[i] = follows ? (long)i - 1 : NO_SAMPLE;
        const bool begins = s == first || s[-1].run != s->run || s[-1].position + 1 != s->position;
        parts->label_before[i] = begins ? -1 : s[-1].label;
    }
    free(number);
    return TRM_OK;
}

static void learn_single(struct partition *parts) {
    const struct partition_samples *const train = &parts->part[TRM_TRAIN];
    const int count = (int)parts->names.count;
    double sum[TRM_ARMS_MOST] = {0};
    for (size_t i = 0; i < train->count; i++) {
        parts->seen |= UINT64_C(1) << train->at[i]->label;
        for (int arm = 0; arm < count; arm++)
            if (parts->arms >> arm & 1)
                sum[arm] += train->at[i]->change[arm];
    }
    parts->best_single = -1;
    for (int arm = 0; arm < count; arm++)
        if ((parts->arms >> arm & 1) && (parts->best_single < 0 || sum[arm] < sum[parts->best_single]))
            parts->best_single = arm;
}

enum trm_status partition_create(struct partition *parts, const struct trm_dataset *dataset,
                                 const struct trm_split *split, uint64_t arms,
                                 const struct trm_evaluation_options *options, struct trm_error *error) {
    const struct trm_dataset *const tested = options->test_data != NULL ? options->test_data : dataset;
    struct trm_statistics learned, st;
    trm_dataset_statistics(dataset, &learned);
    trm_dataset_statistics(tested, &st);
    *parts = (struct partition){.names = st.arms,
                                .kind = st.oracle,
                                .halves = st.halves,
                                .arms = arms & st.present,
                                .options = options};
    enum trm_status status = TRM_OK;
    if (!trm_arm_names_equal(&learned.arms, &st.arms) || learned.present != st.present)
        status =
            trm_fail(error, TRM_INVALID,
                     "--test-data: has other arms than the data set that was trained on; give one made of "
                     "runs with the same");
    else if (parts->arms == 0)
        status =
            trm_fail(error, TRM_INVALID,
                     "the router knows none of the arms in this data set; evaluate it on data like those it "
                     "was trained on");
    if (status == TRM_OK)
        status = collect(parts, dataset, split, error);
    if (status == TRM_OK && options->test_data != NULL)
        status = test_on(parts, tested, error);
    if (status == TRM_OK && (parts->part[TRM_TEST].count == 0 || parts->part[TRM_TRAIN].count == 0))
        status = trm_fail(error, TRM_INVALID, "the split leaves no %s samples; collect more steps",
                          parts->part[TRM_TEST].count == 0 ? "test" : "training");
    if (status == TRM_OK)
        status = link_test(parts, parts->all, &st, error);
    if (status != TRM_OK) {
        partition_destroy(parts);
        return status;
    }
    learn_single(parts);
    trm_split_moments(dataset, split, parts->mean, parts->deviation);
    return TRM_OK;
}

void partition_destroy(struct partition *parts) {
    for (int p = 0; p < TRM_PARTS; p++)
        free(parts->part[p].at);
    free(parts->group);
    free(parts->previous);
    free(parts->label_before);
    free(parts->oracle);
    *parts = (struct partition){.groups = 0};
}

bool partition_has_oracle(const struct partition *parts, const struct trm_sample *sample) {
    return !parts->halves || !isnan(sample->half[0][0]);
}

size_t partition_resamples(const struct partition *parts) {
    return parts->groups < TRM_FEWEST_GROUPS ? 0 : parts->options->resamples;
}

void partition_features(const struct partition *parts, const struct trm_sample *sample,
                        double x[TRM_FEATURE_COUNT]) {
    for (int f = 0; f < TRM_FEATURE_COUNT; f++)
        x[f] = parts->deviation[f] > 0 ? (sample->feature[f] - parts->mean[f]) / parts->deviation[f] : 0;
}

int most_probable(const double probability[TRM_ARMS_MOST], uint64_t mask) {
    int best = -1;
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        if ((mask >> arm & 1) && (best < 0 || probability[arm] > probability[best]))
            best = arm;
    return best;
}

enum trm_status partition_progress(const struct partition *parts, const char *what, size_t done, size_t total,
                                   struct trm_error *error) {
    const struct trm_evaluation_options *const o = parts->options;
    if (o->progress != NULL)
        o->progress(o->context, what, done, total);
    if (o->stop != NULL && o->stop(o->context))
        return trm_fail(error, TRM_STOPPED, "the evaluation was stopped; nothing was written");
    return TRM_OK;
}
