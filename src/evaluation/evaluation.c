/* One policy and all baselines on one split. */
#include "evaluation/baselines.h"
#include "evaluation/metrics.h"
#include "evaluation/notes.h"

#include "base/clock.h"
#include "base/numbers.h"
#include "base/options.h"
#include "base/threads.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OTHER_SCORES = 11 + TRM_LEARNERS
}; /* beside every arm: the policy, its variant, random, learners and eight more */

static const char *const metric_names[] = {
#define X(name, text) #name,
    TRM_METRIC_LIST(X)
#undef X
};

const char *trm_metric_name(int metric) {
    return metric >= 0 && metric < TRM_METRICS ? metric_names[metric] : NULL;
}

static const struct trm_evaluation_options own_default = {.size = sizeof own_default,
                                                          .test_split = NAN,
                                                          .resamples = 1000,
                                                          .baseline_epochs = 100,
                                                          .baseline_steps = 10000,
                                                          .seed = 42};

void trm_evaluation_options_init(struct trm_evaluation_options *options, size_t size) {
    options_give(options, size, &own_default, sizeof own_default);
}

const char *evaluation_options_take(struct trm_evaluation_options *o,
                                    const struct trm_evaluation_options *given) {
    *o = own_default;
    const char *const wrong = options_take(o, sizeof *o, sizeof *o, given);
    if (wrong != NULL)
        return wrong;
    if (!isnan(o->test_split) && !(o->test_split > 0 && o->test_split < 1))
        return "the test share must be above 0 and below 1: something to train on, and something to test on";
    if (o->resamples > 100000)
        return "at most 100000 resamples are drawn";
    if (o->baseline_epochs > 10000)
        return "baselines are trained for at most 10000 epochs";
    if (o->baseline_steps < 1 || o->baseline_steps > 1000000000)
        return "baselines are trained for 1 to 1000000000 steps";
    return NULL;
}

const char *trm_evaluation_check(const struct trm_evaluation_options *options) {
    struct trm_evaluation_options own;
    return evaluation_options_take(&own, options);
}

struct work {
    struct partition parts;
    struct predictions predicted;
    struct trm_evaluation *evaluation;
    struct trm_error *error;
};

/* What the policy predicts, and how long it takes for it. */
static enum trm_status ask(struct work *w, const struct trm_policy *policy) {
    const struct partition_samples *const test = &w->parts.part[TRM_TEST];
    const double start = clock_seconds();
    for (size_t i = 0; i < test->count; i++) {
        double probability[TRM_ARMS_MOST] = {0};
        int arm = -1;
        const enum trm_status status =
            policy->decide(policy->context, test->at[i]->feature, w->parts.arms, &arm, probability, w->error);
        if (status != TRM_OK)
            return status;
        if (arm < 0 || arm >= (int)w->parts.names.count || !(w->parts.arms >> arm & 1))
            return trm_fail(w->error, TRM_INVALID, "%s chose arm %d, which is not offered", policy->name,
                            arm);
        w->predicted.arm[i] = arm;
        w->predicted.confidence[i] = probability[arm];
    }
    w->predicted.microseconds = 1e6 * (clock_seconds() - start) / (double)test->count;
    w->predicted.parameters = policy->parameters;
    w->predicted.cycles = policy->cycles != NULL ? policy->cycles(policy->context) : NAN;
    return TRM_OK;
}

/* Score the predictions that are there under this name, and make room for the next. */
static enum trm_status score(struct work *w, enum trm_status answered, const char *name) {
    struct trm_evaluation *const e = w->evaluation;
    if (answered != TRM_OK)
        return answered;
    const size_t most = w->parts.names.count + OTHER_SCORES;
    assert(e->score_count < most);
    struct trm_score *const s = &e->scores[e->score_count];
    snprintf(s->name, sizeof s->name, "%s", name);
    enum trm_status status = metrics_measure(&w->parts, &w->predicted, e, s, w->error);
    if (status == TRM_OK)
        status = partition_progress(&w->parts, "metrics", ++e->score_count, most, w->error);
    w->predicted.parameters = 0;
    w->predicted.cycles = w->predicted.microseconds = NAN;
    return status;
}

static enum trm_status score_simple(struct work *w) {
    baseline_random(&w->parts, &w->predicted);
    enum trm_status status = score(w, TRM_OK, "random");
    for (int arm = 0; status == TRM_OK && arm < (int)w->parts.names.count; arm++) {
        char name[8 + TRM_ARM_NAME];
        if (!(w->parts.arms >> arm & 1))
            continue;
        snprintf(name, sizeof name, "always %s", w->parts.names.name[arm]);
        baseline_fixed(&w->parts, arm, &w->predicted);
        status = score(w, TRM_OK, name);
    }
    if (status == TRM_OK) {
        baseline_fixed(&w->parts, w->parts.best_single, &w->predicted);
        status = score(w, TRM_OK, "best single arm");
    }
    if (status == TRM_OK) {
        baseline_plan(&w->parts, PLAN_SCHEDULE, &w->predicted);
        status = score(w, TRM_OK, "progress schedule");
    }
    if (status == TRM_OK) {
        baseline_plan(&w->parts, PLAN_TWO_PHASE, &w->predicted);
        status = score(w, TRM_OK, "two-phase switch");
    }
    for (int kind = 0; status == TRM_OK && kind < TRM_LEARNERS; kind++)
        status = score(w, baseline_learner(&w->parts, (enum trm_learner_kind)kind, &w->predicted, w->error),
                       trm_learner_name(kind));
    return status;
}

static enum trm_status score_trained(struct work *w, const struct trm_policy *policy) {
    enum trm_status status =
        score(w, baseline_logistic(&w->parts, &w->predicted, w->error), "logistic regression");
    const bool networks = w->parts.options->baseline_epochs > 0;
    if (status == TRM_OK && networks && policy->parameters > 0) {
        const struct baseline_shape shape =
            baseline_shape_for(3, policy->parameters, w->parts.names.count, false);
        status = score(w, baseline_network(&w->parts, "mlp", &shape, &w->predicted, w->error), "mlp");
    }
    if (status == TRM_OK && networks && policy->layers > 1 && policy->computation > 0) {
        const struct baseline_shape shape =
            baseline_shape_for(policy->layers, policy->computation, w->parts.names.count, true);
        status = score(w, baseline_network(&w->parts, "feed-forward", &shape, &w->predicted, w->error),
                       "feed-forward");
    }
    return status;
}

static enum trm_status score_bounds(struct work *w) {
    baseline_last_best(&w->parts, &w->predicted);
    enum trm_status status = score(w, TRM_OK, "best of the step before");
    if (status == TRM_OK) {
        baseline_oracle(&w->parts, &w->predicted);
        status = score(w, TRM_OK, w->parts.halves ? "label (optimistic)" : "oracle");
    }
    return status;
}

/* Of the test part; the phases are those of the whole data set. */
static enum trm_status measure_ceiling(struct work *w, const struct trm_dataset *dataset) {
    struct trm_evaluation *const e = w->evaluation;
    const struct partition_samples *const test = &w->parts.part[TRM_TEST];
    struct trm_statistics st;
    struct trm_ceiling all;
    trm_dataset_statistics(dataset, &st);
    e->oracle_kind = st.oracle;
    enum trm_status status = trm_dataset_ceiling(dataset, e->seed, &all, w->error);
    if (status == TRM_OK)
        status = trm_ceiling_measure(test->at, test->count, &st, w->parts.arms, e->best_single, e->seed,
                                     &e->ceiling, w->error);
    if (status != TRM_OK)
        return status;
    e->gap_p =
        e->ceiling.gap_p; /* without halves it is not defined, and asked of the permutations within blocks */
    e->ceiling.runs = all.runs, e->ceiling.phase_gain = all.phase_gain;
    e->ceiling.phase_null = all.phase_null, e->ceiling.phase_p = all.phase_p;
    return TRM_OK;
}

static enum trm_status run(struct work *w, const struct trm_policy *policy, const struct trm_dataset *dataset,
                           const struct trm_split *split) {
    struct trm_evaluation *const e = w->evaluation;
    const size_t count = w->parts.part[TRM_TEST].count;
    e->other_data = w->parts.options->test_data != NULL;
    e->samples = count;
    e->groups = w->parts.groups;
    e->train_samples = w->parts.part[TRM_TRAIN].count;
    e->validation_samples = w->parts.part[TRM_VALIDATION].count;
    e->names = w->parts.names;
    e->arms = w->parts.arms;
    e->seen = w->parts.seen;
    e->best_single = w->parts.best_single;
    e->resamples = partition_resamples(&w->parts);
    e->seed = w->parts.options->seed;
    e->scores = calloc(e->names.count + OTHER_SCORES, sizeof *e->scores);
    w->predicted = (struct predictions){.arm = calloc(count, sizeof *w->predicted.arm),
                                        .confidence = calloc(count, sizeof *w->predicted.confidence),
                                        .cycles = NAN,
                                        .microseconds = NAN};
    if (e->scores == NULL || w->predicted.arm == NULL || w->predicted.confidence == NULL)
        return trm_fail(w->error, TRM_NO_MEMORY, "no memory to evaluate on %zu samples", count);
    enum trm_status status = measure_ceiling(w, dataset);
    if (status == TRM_OK)
        status = bootstrap_references(&w->parts, e, w->error);
    if (status == TRM_OK)
        status = score(w, ask(w, policy), policy->name);
    if (status == TRM_OK && policy->variant != NULL)
        status = score(w, ask(w, policy->variant), policy->variant->name);
    if (status == TRM_OK)
        status = score_simple(w);
    if (status == TRM_OK)
        status = score_trained(w, policy);
    if (status == TRM_OK)
        status = score_bounds(w);
    if (status == TRM_OK)
        notes_write(&w->parts, split, e);
    return status;
}

enum trm_status trm_evaluate_policy(const struct trm_policy *policy, const struct trm_dataset *dataset,
                                    const struct trm_split_options *split_options,
                                    const struct trm_evaluation_options *given,
                                    struct trm_evaluation *evaluation, struct trm_error *error) {
    struct trm_evaluation_options own, *const options = &own;
    struct work w = {.evaluation = evaluation, .error = error};
    struct trm_split split;
    const char *const wrong = evaluation_options_take(&own, given);
    *evaluation = (struct trm_evaluation){.split = *split_options};
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    if (!isnan(options->test_split) && options->test_split != split_options->test_share)
        return trm_fail(
            error, TRM_INVALID,
            "--test-split %g differs from the %g that the router was trained with; leave it out or give "
            "%g, else training samples would be tested on",
            options->test_split, split_options->test_share, split_options->test_share);
    enum trm_status status = trm_dataset_split(dataset, split_options, &split, error);
    if (status != TRM_OK)
        return status;
    const struct threads_before before = threads_enter(0);
    const locale_t numbers = numbers_begin();
    status = partition_create(&w.parts, dataset, &split, policy->arms, options, error);
    if (status == TRM_OK)
        status = run(&w, policy, options->test_data != NULL ? options->test_data : dataset, &split);
    numbers_end(numbers);
    threads_leave(before);
    free(w.predicted.arm);
    free(w.predicted.confidence);
    partition_destroy(&w.parts);
    trm_split_free(&split);
    if (status != TRM_OK)
        trm_evaluation_free(evaluation);
    return status;
}

void trm_evaluation_free(struct trm_evaluation *evaluation) {
    free(evaluation->scores);
    *evaluation = (struct trm_evaluation){.score_count = 0};
}
