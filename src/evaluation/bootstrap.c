/* The bootstrap, and what every policy is compared with. Groups are drawn with replacement, and every sample counts
   as often as its group was drawn. */
#include "evaluation/metrics.h"

#include "base/rng.h"
#include "base/statistics.h"

#include <stdlib.h>
#include <string.h>

static double mean_present(const struct partition *parts, const struct trm_sample *s) {
    double sum = 0;
    int count = 0;
    for (size_t arm = 0; arm < parts->names.count; arm++)
        if (parts->arms >> arm & 1) {
            sum += s->change[arm];
            count++;
        }
    return sum / count;
}

struct reference_changes bootstrap_changes(const struct partition *parts, const double *weight) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    const int admm = trm_arm_names_find(&parts->names, "admm");
    struct reference_changes m = {0};
    double total = 0, known = 0;
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        const double w = weight[parts->group[i]];
        total += w;
        if (partition_has_oracle(parts, s)) {
            known += w;
            m.oracle += w * parts->oracle[i];
            m.single_known += w * s->change[parts->best_single];
            m.gap +=
                w * (parts->halves ? 0.5 * (s->half[0][parts->best_single] + s->half[1][parts->best_single]) -
                                         parts->oracle[i]
                                   : 0);
        }
        m.random += w * mean_present(parts, s);
        m.admm += admm >= 0 && parts->arms >> admm & 1 ? w * s->change[admm] : NAN;
        m.single += w * s->change[parts->best_single];
    }
    m.oracle /= known;
    m.single_known /= known;
    m.random /= total;
    m.admm /= total;
    m.single /= total;
    m.gap = parts->halves ? m.gap / known : m.single - m.oracle;
    return m;
}

/* How often each group was drawn in resample b. */
void bootstrap_draw(const struct partition *parts, size_t b, double *weight) {
    struct rng rng = rng_stream(parts->options->seed, RNG_SPLIT, 1, b);
    for (size_t g = 0; g < parts->groups; g++)
        weight[g] = 0;
    for (size_t g = 0; g < parts->groups; g++)
        weight[rng_below(&rng, (uint32_t)parts->groups)] += 1;
}

static double at_share(const double *sorted, size_t count, double share) {
    const double place = share * (double)(count - 1);
    const size_t below = (size_t)place;
    const double rest = place - (double)below;
    return below + 1 < count ? sorted[below] + rest * (sorted[below + 1] - sorted[below]) : sorted[below];
}

/* The middle 95 % of the resampled values; those that are not defined in a resample are left out. */
struct trm_interval bootstrap_interval(double value, double *resampled, size_t count) {
    struct trm_interval out = {value, NAN, NAN};
    size_t kept = 0;
    for (size_t b = 0; b < count; b++)
        if (isfinite(resampled[b]))
            resampled[kept++] = resampled[b];
    if (!isfinite(value) || kept == 0)
        return out;
    statistics_sort(kept, resampled);
    out.low = at_share(resampled, kept, 0.025);
    out.high = at_share(resampled, kept, 0.975);
    return out;
}

static double persistence(const struct partition *parts, const double *weight) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    double pairs = 0, same = 0;
    for (size_t i = 0; i < test->count; i++)
        if (parts->previous[i] != NO_SAMPLE) {
            const double w = weight[parts->group[i]];
            pairs += w;
            same += w * (test->at[i]->label == test->at[parts->previous[i]]->label);
        }
    return pairs > 0 ? same / pairs : NAN;
}

enum { REFERENCES = 6 };

static void refer(const struct partition *parts, const double *weight, double value[REFERENCES]) {
    const struct reference_changes m = bootstrap_changes(parts, weight);
    const double all[REFERENCES] = {m.oracle, m.random, m.admm, m.single, m.gap, persistence(parts, weight)};
    memcpy(value, all, sizeof all);
}

enum trm_status bootstrap_references(const struct partition *parts, struct trm_evaluation *e,
                                     struct trm_error *error) {
    const size_t resamples = partition_resamples(parts);
    double *const weight = calloc(parts->groups, sizeof *weight);
    double *const drawn = calloc(REFERENCES * (resamples + 1), sizeof *drawn);
    double value[REFERENCES], one[REFERENCES];
    enum trm_status status = TRM_OK;
    if (weight == NULL || drawn == NULL) {
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for %zu resamples", resamples);
        goto done;
    }
    for (size_t g = 0; g < parts->groups; g++)
        weight[g] = 1;
    refer(parts, weight, value);
    for (size_t b = 0; b < resamples; b++) {
        bootstrap_draw(parts, b, weight);
        refer(parts, weight, one);
        for (size_t v = 0; v < REFERENCES; v++)
            drawn[v * resamples + b] = one[v];
    }
    struct trm_interval *const to[REFERENCES] = {&e->oracle, &e->random, &e->admm,
                                                 &e->single, &e->gap,    &e->persistence};
    for (size_t v = 0; v < REFERENCES; v++)
        *to[v] = bootstrap_interval(value[v], drawn + v * resamples, resamples);
    status = parts->halves ? TRM_OK : gap_null(parts, &e->gap_p, error);
    e->gap_within_noise = e->gap_p > 0.05;
done:
    free(weight);
    free(drawn);
    return status;
}
