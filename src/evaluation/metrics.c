/* Metrics of one policy, with the intervals of their bootstrap. */
#include "evaluation/metrics.h"

#include <stdlib.h>
#include <string.h>

enum { BINS = 10, VALUES = TRM_METRICS + TRM_ARMS_MOST };

/* What does not change between resamples. */
struct regrets {
    double *of;        /* (test) */
    size_t *by_regret; /* (test) order */
};

static double relative(double reference, double own) {
    return reference == own ? 0 : 100 * (reference - own) / fabs(reference);
}

/* The smallest regret that 95 % of the weight does not exceed. */
static double percentile(const struct partition *parts, const struct regrets *regrets, const double *weight,
                         double total) {
    const size_t count = parts->part[TRM_TEST].count;
    double below = 0;
    for (size_t k = 0; k < count; k++) {
        const size_t i = regrets->by_regret[k];
        below += weight[parts->group[i]];
        if (below >= 0.95 * total)
            return regrets->of[i];
    }
    return regrets->of[regrets->by_regret[count - 1]];
}

static double macro_f1(double confusion[TRM_ARMS_MOST][TRM_ARMS_MOST], size_t count) {
    double sum = 0;
    int classes = 0;
    for (size_t k = 0; k < count; k++) {
        double labelled = 0, chosen = 0;
        for (size_t j = 0; j < count; j++) {
            labelled += confusion[k][j];
            chosen += confusion[j][k];
        }
        if (labelled + chosen > 0) {
            sum += 2 * confusion[k][k] / (labelled + chosen);
            classes++;
        }
    }
    return classes > 0 ? sum / classes : NAN;
}

struct calibration {
    double weight[BINS], confidence[BINS], right[BINS];
};

static double calibration_error(const struct calibration *c, double total) {
    double error = 0;
    for (int b = 0; b < BINS; b++)
        error += fabs(c->right[b] - c->confidence[b]);
    return error / total;
}

/* Every metric and share under these weights of the groups. */
static void measure(const struct partition *parts, const struct predictions *predicted,
                    const struct regrets *regrets, const double *weight, bool within_noise,
                    double value[VALUES]) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    double total = 0, right = 0, tied = 0, change = 0, regret = 0, pairs = 0, switched = 0, known = 0,
           known_change = 0;
    double confusion[TRM_ARMS_MOST][TRM_ARMS_MOST], share[TRM_ARMS_MOST] = {0};
    struct calibration bins = {{0}, {0}, {0}};
    bool probable = true;
    for (size_t k = 0; k < parts->names.count; k++)
        memset(confusion[k], 0, parts->names.count * sizeof **confusion);
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        const double w = weight[parts->group[i]], confidence = predicted->confidence[i];
        const int arm = predicted->arm[i];
        total += w;
        right += w * (arm == s->label);
        tied += (s->tied >> arm & 1) != 0 ? w : 0;
        change += w * s->change[arm];
        known += partition_has_oracle(parts, s) ? w : 0;
        known_change += partition_has_oracle(parts, s) ? w * s->change[arm] : 0;
        regret += w * regrets->of[i];
        confusion[s->label][arm] += w;
        share[arm] += w;
        probable = probable && !isnan(confidence);
        if (parts->previous[i] != NO_SAMPLE) {
            pairs += w;
            switched += w * (arm != predicted->arm[parts->previous[i]]);
        }
        if (!isnan(confidence)) {
            const int bin = (int)fmin(BINS - 1, fmax(0, floor(confidence * BINS)));
            bins.weight[bin] += w;
            bins.confidence[bin] += w * confidence;
            bins.right[bin] += w * (arm == s->label);
        }
    }
    const struct reference_changes m = bootstrap_changes(parts, weight);
    value[TRM_METRIC_agreement] = right / total;
    value[TRM_METRIC_agreement_tied] = tied / total;
    value[TRM_METRIC_change] = change / total;
    value[TRM_METRIC_vs_random] = relative(m.random, change / total);
    value[TRM_METRIC_vs_admm] = relative(m.admm, change / total);
    value[TRM_METRIC_vs_single] = relative(m.single, change / total);
    value[TRM_METRIC_gap_closed] =
        within_noise || !(m.gap > 0) ? NAN : (m.single_known - known_change / known) / m.gap;
    value[TRM_METRIC_regret] = regret / total;
    value[TRM_METRIC_regret_p95] = percentile(parts, regrets, weight, total);
    value[TRM_METRIC_macro_f1] = macro_f1(confusion, parts->names.count);
    value[TRM_METRIC_calibration] = probable ? calibration_error(&bins, total) : NAN;
    value[TRM_METRIC_switches] = pairs > 0 ? switched / pairs : NAN;
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        value[TRM_METRICS + arm] = parts->arms >> arm & 1 ? share[arm] / total : NAN;
}

struct regret_at {
    double regret;
    size_t index;
};

static int by_regret(const void *left, const void *right) {
    const struct regret_at *const a = left, *const b = right;
    return a->regret != b->regret ? (a->regret > b->regret) - (a->regret < b->regret)
                                  : (a->index > b->index) - (a->index < b->index);
}

static bool sort_regrets(const struct partition *parts, const struct predictions *predicted,
                         struct regrets *regrets) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    struct regret_at *const order = calloc(test->count, sizeof *order);
    regrets->of = calloc(test->count, sizeof *regrets->of);
    regrets->by_regret = calloc(test->count, sizeof *regrets->by_regret);
    if (order == NULL || regrets->of == NULL || regrets->by_regret == NULL) {
        free(order);
        return false;
    }
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        double best = s->change[s->label];
        for (size_t arm = 0; arm < parts->names.count; arm++)
            if (parts->arms >> arm & 1)
                best = fmin(best, s->change[arm]);
        regrets->of[i] = s->change[predicted->arm[i]] - best;
        order[i] = (struct regret_at){regrets->of[i], i};
    }
    qsort(order, test->count, sizeof *order, by_regret);
    for (size_t k = 0; k < test->count; k++)
        regrets->by_regret[k] = order[k].index;
    free(order);
    return true;
}

enum trm_status metrics_measure(const struct partition *parts, const struct predictions *predicted,
                                struct trm_evaluation *evaluation, struct trm_score *score,
                                struct trm_error *error) {
    const size_t resamples = partition_resamples(parts);
    struct regrets regrets = {NULL, NULL};
    double *const weight = calloc(parts->groups, sizeof *weight);
    double *const drawn = calloc(VALUES * (resamples + 1), sizeof *drawn); /* (VALUES, resamples) */
    double value[VALUES], one[VALUES];
    enum trm_status status = TRM_OK;
    if (weight == NULL || drawn == NULL || !sort_regrets(parts, predicted, &regrets)) {
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for %zu resamples", resamples);
        goto done;
    }
    for (size_t g = 0; g < parts->groups; g++)
        weight[g] = 1;
    measure(parts, predicted, &regrets, weight, evaluation->gap_within_noise, value);
    for (size_t b = 0; b < resamples; b++) {
        bootstrap_draw(parts, b, weight);
        measure(parts, predicted, &regrets, weight, evaluation->gap_within_noise, one);
        for (size_t v = 0; v < VALUES; v++)
            drawn[v * resamples + b] = one[v];
    }
    for (size_t v = 0; v < VALUES; v++)
        *(v < TRM_METRICS ? &score->metric[v] : &score->share[v - TRM_METRICS]) =
            bootstrap_interval(value[v], drawn + v * resamples, resamples);
    for (size_t i = 0; i < parts->part[TRM_TEST].count; i++)
        score->confusion[parts->part[TRM_TEST].at[i]->label][predicted->arm[i]]++;
    score->parameters = predicted->parameters;
    score->cycles = predicted->cycles;
    score->microseconds = predicted->microseconds;
done:
    free(regrets.of);
    free(regrets.by_regret);
    free(weight);
    free(drawn);
    return status;
}
