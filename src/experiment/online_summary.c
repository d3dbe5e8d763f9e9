/* Every number of the summary comes from the store. */
#include "experiment/online.h"
#include "experiment/online_config.h"
#include "experiment/policy.h"
#include "experiment/steps.h"
#include "experiment/summary.h"

#include "base/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_WINDOW = 20 };

/* What is gathered about one policy over its runs. */
struct gathered {
    size_t steps;             /* of all runs */
    double *feature, *decide; /* (steps): times of all steps; of those where it decided */
    size_t features, decides; /* filled */
    double feature_sum, decide_sum, cost_sum, cycle_sum;
};

struct reading {
    struct trm_store *store;
    struct trm_run *runs;
    size_t run_count;
    struct online_summary *summary;
    struct gathered gathered[ONLINE_MAX_POLICIES];
};

static bool needs_features(const struct online_summary *s, const struct online_policy *policy) {
    return policy_needs_features(policy_find(policy->name, &s->arms));
}

static void add(struct online_spread *spread, double value) {
    if (isnan(value))
        return;
    /* Welford: deviation holds the sum of squares until finish() */
    const double old = spread->count > 0 ? spread->mean : 0.0;
    spread->count++;
    spread->mean = old + (value - old) / (double)spread->count;
    spread->deviation =
        (spread->count > 1 ? spread->deviation : 0.0) + (value - old) * (value - spread->mean);
}

static void finish(struct online_spread *spread) {
    if (spread->count == 0)
        spread->mean = spread->deviation = NAN;
    else
        spread->deviation = spread->count > 1 ? sqrt(spread->deviation / (double)(spread->count - 1)) : 0.0;
}

/* Of the first run that has some; stores whose arms are the five solvers have none. */
static enum trm_status find_arms(struct reading *r, struct trm_error *error) {
    struct trm_arms *const arms = &r->summary->arms;
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && arms->count == 0 && i < r->run_count; i++)
        status = trm_store_arms(r->store, r->runs[i].id, arms, NULL, error);
    if (arms->count == 0)
        *arms = trm_arms_default();
    return status;
}

/* The policies in their fixed order, those that have a run; and a result for each run. */
static enum trm_status list(struct reading *r, struct trm_error *error) {
    struct online_summary *const s = r->summary;
    const char *const path = trm_store_path(r->store);
    for (size_t i = 0; i < r->run_count; i++)
        if (policy_find(r->runs[i].settings.solver, &s->arms) < 0)
            return trm_fail(error, TRM_FORMAT, "%s: run %lld is one of %s, which online does not run", path,
                            (long long)r->runs[i].id, r->runs[i].settings.solver);
        else if (r->runs[i].settings.epochs != r->runs[0].settings.epochs)
            return trm_fail(error, TRM_FORMAT, "%s: its runs have different numbers of epochs", path);
    s->result = calloc(r->run_count + 1, sizeof *s->result);
    if (s->result == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the summary");
    for (int id = 0; id < POLICY_FIXED + (int)s->arms.count; id++) {
        bool there = false;
        for (size_t i = 0; i < r->run_count; i++)
            if (policy_find(r->runs[i].settings.solver, &s->arms) == id) {
                s->result[i].policy = s->policy_count;
                there = true;
            }
        if (there)
            policy_name(id, &s->arms, s->policy[s->policy_count++].name);
    }
    s->result_count = r->run_count;
    return TRM_OK;
}

static enum trm_status make_room(struct reading *r, struct trm_error *error) {
    struct online_summary *const s = r->summary;
    const size_t rows = s->epochs * s->arms.count;
    s->shares = calloc(rows * s->policy_count + 1, sizeof *s->shares);
    bool enough = s->shares != NULL;
    for (size_t p = 0; enough && p < s->policy_count; p++) {
        struct gathered *const g = &r->gathered[p];
        s->policy[p].share = s->shares + p * rows;
        g->feature = calloc(2 * g->steps + 1, sizeof *g->feature);
        enough = g->feature != NULL;
        g->decide = enough ? g->feature + g->steps : NULL;
    }
    return enough ? TRM_OK : trm_fail(error, TRM_NO_MEMORY, "out of memory for the summary");
}

/* The medians and shares of one run into its result and its policy. */
static enum trm_status measure(struct reading *r, size_t i, const struct run_steps *steps,
                               struct trm_error *error) {
    struct online_result *const result = &r->summary->result[i];
    struct online_policy *const policy = &r->summary->policy[result->policy];
    struct gathered *const g = &r->gathered[result->policy];
    const bool with = needs_features(r->summary, policy);
    double *const cost = calloc(steps->count + 1, sizeof *cost);
    if (cost == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the summary");
    for (size_t k = 0; k < steps->count && g->features < g->steps; k++) {
        cost[k] = run_steps_cost(steps, k, with);
        result->seconds += cost[k] * (double)steps->each;
        g->feature[g->features++] = steps->feature[k];
        g->feature_sum += with ? steps->feature[k] : 0.0;
        g->decide_sum += steps->decide[k];
        g->cost_sum += cost[k];
        if (steps->decided[k]) {
            g->decide[g->decides++] = steps->decide[k];
            g->cycle_sum += steps->cycles[k];
        }
        policy->total_share[steps->arm[k]] += 1.0;
        if (steps->epoch[k] < r->summary->epochs)
            policy->share[steps->epoch[k] * r->summary->arms.count + (size_t)steps->arm[k]] += 1.0;
    }
    result->ms_per_step = 1e3 * statistics_median(steps->count, cost);
    result->switches = run_steps_switches(steps);
    free(cost);
    add(&policy->ms_per_step, result->ms_per_step);
    add(&policy->switches, result->switches);
    return TRM_OK;
}

static void to_shares(double *counts, size_t arms) {
    double sum = 0.0;
    for (size_t arm = 0; arm < arms; arm++)
        sum += counts[arm];
    for (size_t arm = 0; arm < arms && sum > 0.0; arm++)
        counts[arm] /= sum;
}

/* First reading: what each run came to, how long its rows are, and the default target. */
static enum trm_status read_results(struct reading *r, struct trm_error *error) {
    struct online_summary *const s = r->summary;
    double largest = NAN, half = NAN;
    for (size_t i = 0; i < r->run_count; i++) {
        const struct trm_run *const run = &r->runs[i];
        struct online_result *const result = &s->result[i];
        struct online_policy *const policy = &s->policy[result->policy];
        struct run_steps steps;
        enum trm_status status = trm_store_hash(r->store, run->id, result->hash, error);
        if (status == TRM_OK)
            status = run_steps_read(r->store, run, &s->arms, &steps, error);
        if (status != TRM_OK)
            return status;
        const bool done = run->result.status == TRM_RUN_DONE && run->result.has_test;
        result->seed = run->settings.seed, result->status = run->result.status;
        result->test_accuracy = done ? run->result.test_accuracy : NAN;
        result->test_loss = done ? run->result.test_loss : NAN;
        result->train_loss = done ? steps.train_loss : NAN;
        result->target_seconds = result->target_steps = result->ms_per_step = NAN;
        result->early_seconds = result->early_steps = NAN;
        policy->diverged += run->result.status == TRM_RUN_DIVERGED;
        r->gathered[result->policy].steps += done ? steps.count : 0;
        if (done)
            largest = fmax(largest, steps.train_loss), half = fmax(half, steps.half_loss);
        run_steps_free(&steps);
        add(&policy->test_accuracy, result->test_accuracy);
        add(&policy->test_loss, result->test_loss);
        add(&policy->train_loss, result->train_loss);
    }
    if (isnan(largest))
        return trm_fail(error, TRM_FORMAT, "%s: none of its %zu runs is done%s", trm_store_path(r->store),
                        r->run_count,
                        r->run_count > 0 && r->runs[0].result.status == TRM_RUN_DIVERGED
                            ? ": they diverged; --resume with a smaller --spectral-budget, --lr or "
                              "--lr-rest goes on from their last good checkpoints"
                            : "");
    if (isnan(s->target))
        s->target = largest;
    s->early = half;
    return TRM_OK;
}

/* Second reading: times, shares, and when the target was reached. */
static enum trm_status read_steps(struct reading *r, struct trm_error *error) {
    struct online_summary *const s = r->summary;
    for (size_t i = 0; i < r->run_count; i++) {
        struct online_result *const result = &s->result[i];
        struct online_policy *const policy = &s->policy[result->policy];
        struct run_steps steps;
        if (isnan(result->test_accuracy))
            continue;
        enum trm_status status = run_steps_read(r->store, &r->runs[i], &s->arms, &steps, error);
        if (status != TRM_OK)
            return status;
        status = measure(r, i, &steps, error);
        const bool with = needs_features(s, policy);
        const struct run_steps_reach target = run_steps_to(&steps, s->target, s->window, with),
                                     early = run_steps_to(&steps, s->early, s->window, with);
        result->target_seconds = target.seconds, result->target_steps = target.steps;
        result->early_seconds = early.seconds, result->early_steps = early.steps;
        run_steps_free(&steps);
        if (status != TRM_OK)
            return status;
        add(&policy->target_seconds, result->target_seconds);
        add(&policy->target_steps, result->target_steps);
        add(&policy->early_seconds, result->early_seconds);
        add(&policy->early_steps, result->early_steps);
    }
    return TRM_OK;
}

static void conclude(struct reading *r) {
    enum { SPREADS = 9 };
    for (size_t p = 0; p < r->summary->policy_count; p++) {
        struct online_policy *const policy = &r->summary->policy[p];
        struct gathered *const g = &r->gathered[p];
        struct online_spread *const spreads[SPREADS] = {
            &policy->test_accuracy, &policy->test_loss,     &policy->train_loss,
            &policy->ms_per_step,   &policy->switches,      &policy->target_seconds,
            &policy->target_steps,  &policy->early_seconds, &policy->early_steps};
        for (size_t i = 0; i < SPREADS; i++)
            finish(spreads[i]);
        for (size_t epoch = 0; epoch < r->summary->epochs; epoch++)
            to_shares(policy->share + epoch * r->summary->arms.count, r->summary->arms.count);
        to_shares(policy->total_share, r->summary->arms.count);
        policy->feature_us = 1e6 * statistics_median(g->features, g->feature);
        policy->decide_us = g->decides > 0 ? 1e6 * statistics_median(g->decides, g->decide) : 0.0;
        policy->feature_overhead = g->cost_sum > 0.0 ? g->feature_sum / g->cost_sum : 0.0;
        policy->decide_overhead = g->cost_sum > 0.0 ? g->decide_sum / g->cost_sum : 0.0;
        policy->cycles = g->decides > 0 ? g->cycle_sum / (double)g->decides : 0.0;
    }
}

static enum trm_status read_all(struct reading *r, struct trm_error *error) {
    struct online_summary *const s = r->summary;
    enum trm_status status = trm_store_runs(r->store, &r->runs, &r->run_count, error);
    if (status == TRM_OK)
        status = find_arms(r, error);
    if (status == TRM_OK)
        status = list(r, error);
    if (status == TRM_OK)
        status = read_results(r, error);
    if (status != TRM_OK)
        return status;
    const struct trm_run_settings *const first = &r->runs[0].settings;
    const size_t an_epoch = first->steps_per_epoch / first->record_every;
    s->epochs = first->epochs;
    for (size_t i = 0; i < r->run_count; i++) {
        const size_t interval = online_config_interval(r->runs[i].settings.config);
        s->interval = i == 0 || interval > s->interval ? interval : s->interval;
    }
    s->window = an_epoch < 1 ? 1 : an_epoch < LONGEST_WINDOW ? an_epoch : LONGEST_WINDOW;
    status = make_room(r, error);
    if (status == TRM_OK)
        status = read_steps(r, error);
    if (status == TRM_OK)
        conclude(r);
    return status;
}

enum trm_status online_summary_read(const char *path, double target, struct online_summary *summary,
                                    struct trm_error *error) {
    struct reading r = {.summary = summary};
    *summary = (struct online_summary){.target = target};
    enum trm_status status = trm_store_open(path, TRM_STORE_READ, &r.store, error);
    if (status == TRM_OK)
        status = read_all(&r, error);
    for (size_t p = 0; p < ONLINE_MAX_POLICIES; p++)
        free(r.gathered[p].feature);
    free(r.runs);
    trm_store_close(r.store, NULL);
    if (status != TRM_OK)
        online_summary_free(summary);
    return status;
}

void online_summary_free(struct online_summary *summary) {
    free(summary->result);
    free(summary->shares);
    *summary = (struct online_summary){0};
}
