#include "oracle/ceiling.h"

#include "base/rng.h"
#include "oracle/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 999, TENTHS = 10 };

/* A table of residuals: a row a state, an arm a column, without what is common to the arms of the row. */
struct table {
    size_t arms, states;
    double *half[2]; /* (states, arms) */
    double *drawn;   /* (states, arms) */
    double m[TRM_ARMS_MOST];
    size_t single;
};

static size_t smallest(const double *row, size_t arms) {
    size_t best = 0;
    for (size_t a = 1; a < arms; a++)
        best = row[a] < row[best] ? a : best;
    return best;
}

struct figures {
    double agreement, gap, studentised;
};

/* Of the first half, and of `second` in the place of the second one. */
static struct figures figures_of(const struct table *t, const double *second) {
    struct figures f = {0};
    double mean = 0, square = 0;
    for (size_t s = 0; s < t->states; s++) {
        const double *const x = t->half[0] + s * t->arms, *const y = second + s * t->arms;
        const size_t i = smallest(x, t->arms), j = smallest(y, t->arms);
        const double gap = 0.5 * (x[t->single] + y[t->single] - y[i] - x[j]), away = gap - mean;
        mean += away / (double)(s + 1);
        square += away * (gap - mean);
        f.agreement += i == j;
    }
    f.agreement /= (double)t->states;
    f.gap = mean;
    f.studentised = square > 0 ? mean / sqrt(square) : mean > 0 ? HUGE_VAL : mean < 0 ? -HUGE_VAL : 0;
    return f;
}

/* The second half with its noise, what is left of it around the arms' means, permuted among the arms of each state. */
static void draw(const struct table *t, struct rng *rng) {
    for (size_t s = 0; s < t->states; s++) {
        uint32_t order[TRM_ARMS_MOST];
        const double *const from = t->half[1] + s * t->arms;
        double *const to = t->drawn + s * t->arms;
        rng_permutation(rng, order, (uint32_t)t->arms);
        for (size_t a = 0; a < t->arms; a++)
            to[a] = t->m[a] + from[order[a]] - t->m[order[a]];
    }
}

static void compare_halves(struct table *t, uint64_t seed, struct trm_ceiling *c) {
    const struct figures f = figures_of(t, t->half[1]);
    struct rng rng = rng_stream(seed, RNG_SPLIT, 3, 0);
    size_t agree = 0, gain = 0;
    c->agreement = f.agreement, c->gap = f.gap;
    c->agreement_null = c->gap_null = 0;
    for (int k = 0; k < DRAWS; k++) {
        draw(t, &rng);
        const struct figures null = figures_of(t, t->drawn);
        c->agreement_null += null.agreement / DRAWS;
        c->gap_null += null.gap / DRAWS;
        agree += null.agreement >= f.agreement;
        gain += null.studentised >= f.studentised;
    }
    c->agreement_p = (1.0 + (double)agree) / (1.0 + DRAWS);
    c->gap_p = (1.0 + (double)gain) / (1.0 + DRAWS);
}

/* Is it a state of its own, and not the copy that another run of the seed has? */
static bool counts(const struct trm_statistics *of, const struct trm_sample *const *samples, size_t i,
                   int64_t *run_of_seed) {
    if (of->oracle != TRM_ORACLE_MERGE)
        return true;
    if (i == 0 || samples[i]->seed != samples[i - 1]->seed)
        *run_of_seed = samples[i]->run;
    return samples[i]->run == *run_of_seed;
}

static void take_row(const double *values, uint64_t mask, double *row, size_t arms) {
    double sum = 0;
    for (size_t arm = 0, a = 0; a < arms; arm++)
        if (mask >> arm & 1)
            sum += row[a++] = values[arm];
    for (size_t a = 0; a < arms; a++)
        row[a] -= sum / (double)arms;
}

/* ---- phases */

struct phases {
    size_t arms, states, runs;
    double *row;           /* (states, arms) */
    unsigned char *tenth;  /* (states) */
    size_t *begin, *shift; /* (runs + 1), (runs) */
};

/* What the best arm of each tenth gains over the best of all, each run's rows shifted round. */
static double gain_of(const struct phases *p) {
    double sum[TENTHS][TRM_ARMS_MOST] = {{0}}, total[TRM_ARMS_MOST] = {0}, best = 0;
    for (size_t r = 0; r < p->runs; r++) {
        const size_t n = p->begin[r + 1] - p->begin[r];
        for (size_t k = 0; k < n; k++) {
            const double *const row = p->row + (p->begin[r] + (k + p->shift[r]) % n) * p->arms;
            double *const to = sum[p->tenth[p->begin[r] + k]];
            for (size_t a = 0; a < p->arms; a++)
                to[a] += row[a], total[a] += row[a];
        }
    }
    for (size_t t = 0; t < TENTHS; t++)
        best += sum[t][smallest(sum[t], p->arms)];
    return (total[smallest(total, p->arms)] - best) / (double)p->states;
}

static void compare_phases(struct phases *p, uint64_t seed, struct trm_ceiling *c) {
    struct rng rng = rng_stream(seed, RNG_SPLIT, 4, 0);
    size_t as_large = 0;
    c->phase_gain = gain_of(p);
    c->phase_null = 0;
    for (int k = 0; k < DRAWS; k++) {
        for (size_t r = 1; r < p->runs; r++) /* all together shifted alike are no draw: the first stays */
            p->shift[r] = rng_below(&rng, (uint32_t)(p->begin[r + 1] - p->begin[r]));
        const double null = gain_of(p);
        c->phase_null += null / DRAWS;
        as_large += null >= c->phase_gain;
    }
    c->phase_p = (1.0 + (double)as_large) / (1.0 + DRAWS);
}

static void list_phases(struct phases *p, const struct trm_sample *const *samples, size_t count,
                        const struct trm_statistics *of, uint64_t mask) {
    const struct trm_sample *last = NULL;
    int64_t run_of_seed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct trm_sample *const s = samples[i];
        if (!counts(of, samples, i, &run_of_seed))
            continue;
        if (last == NULL || last->run != s->run)
            p->begin[p->runs++] = p->states;
        last = s;
        const size_t tenth = s->step * TENTHS / (s->epochs * s->steps_per_epoch);
        p->tenth[p->states] = (unsigned char)(tenth < TENTHS ? tenth : TENTHS - 1);
        take_row(s->change, mask, p->row + p->states++ * p->arms, p->arms);
    }
    p->begin[p->runs] = p->states;
}

/* ---- both */

static void list_halves(struct table *t, const struct trm_sample *const *samples, size_t count,
                        uint64_t mask) {
    for (size_t i = 0; i < count; i++)
        if (!isnan(samples[i]->half[0][0])) {
            for (size_t h = 0; h < 2; h++)
                take_row(samples[i]->half[h], mask, t->half[h] + t->states * t->arms, t->arms);
            t->states++;
        }
    for (size_t a = 0; a < t->arms; a++)
        for (size_t s = 0; s < t->states; s++)
            t->m[a] += 0.5 * (t->half[0][s * t->arms + a] + t->half[1][s * t->arms + a]) / (double)t->states;
}

/* Means of the oracle and of one arm over the states with halves. */
static void value(struct trm_ceiling *c, const struct trm_sample *const *samples, size_t count,
                  uint64_t mask) {
    c->oracle = c->single = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(samples[i]->half[0][0])) {
            c->oracle += trm_sample_oracle(samples[i], mask) / (double)c->states;
            c->single += 0.5 * (samples[i]->half[0][c->best_single] + samples[i]->half[1][c->best_single]) /
                         (double)c->states;
        }
}

double trm_sample_oracle(const struct trm_sample *s, uint64_t mask) {
    int best = -1, chosen[2] = {-1, -1};
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        if (mask >> arm & 1) {
            best = best < 0 || s->change[arm] < s->change[best] ? arm : best;
            for (size_t h = 0; h < 2; h++)
                chosen[h] = chosen[h] < 0 || s->half[h][arm] < s->half[h][chosen[h]] ? arm : chosen[h];
        }
    const double crossed = 0.5 * (s->half[1][chosen[0]] + s->half[0][chosen[1]]);
    return isnan(crossed) ? s->change[best] : crossed;
}

static int best_of(const struct trm_sample *const *samples, size_t count, uint64_t mask) {
    double sum[TRM_ARMS_MOST] = {0};
    int best = -1;
    for (size_t i = 0; i < count; i++)
        for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
            if (mask >> arm & 1)
                sum[arm] += samples[i]->change[arm];
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        if ((mask >> arm & 1) && (best < 0 || sum[arm] < sum[best]))
            best = arm;
    return best;
}

enum trm_status trm_ceiling_measure(const struct trm_sample *const *samples, size_t count,
                                    const struct trm_statistics *of, uint64_t mask, int best_single,
                                    uint64_t seed, struct trm_ceiling *c, struct trm_error *error) {
    struct table t = {.arms = 0};
    *c = (struct trm_ceiling){.best_single = best_single >= 0 ? best_single : best_of(samples, count, mask)};
#define X(name, text) c->name = NAN;
    TRM_CEILING_LIST(X)
#undef X
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++) {
        if (arm == c->best_single)
            t.single = t.arms;
        t.arms += mask >> arm & 1;
    }
    const size_t room = count * t.arms + 1;
    struct phases p = {
        .arms = t.arms, .tenth = calloc(count + 1, 1), .begin = calloc(2 * count + 2, sizeof *p.begin)};
    t.half[0] = calloc(room, 4 * sizeof *t.half[0]);
    enum trm_status status = TRM_OK;
    if (p.tenth == NULL || p.begin == NULL || t.half[0] == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for the noise ceiling of %zu samples", count);
    else if (t.arms > 1) {
        t.half[1] = t.half[0] + room, t.drawn = t.half[1] + room, p.row = t.drawn + room;
        p.shift = p.begin + count + 1;
        list_halves(&t, samples, count, mask);
        list_phases(&p, samples, count, of, mask);
        c->states = t.states, c->runs = p.runs;
        if (t.states > 0) {
            value(c, samples, count, mask);
            compare_halves(&t, seed, c);
        }
        if (p.runs > 1)
            compare_phases(&p, seed, c);
    }
    free(p.tenth);
    free(p.begin);
    free(t.half[0]);
    return status;
}

enum trm_status trm_dataset_ceiling(const struct trm_dataset *d, uint64_t seed, struct trm_ceiling *ceiling,
                                    struct trm_error *error) {
    const struct trm_sample **const at = calloc(d->count + 1, sizeof *at);
    if (at == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for the noise ceiling of %zu samples", d->count);
    for (size_t i = 0; i < d->count; i++)
        at[i] = &d->samples[i];
    const enum trm_status status =
        trm_ceiling_measure(at, d->count, &d->statistics, d->statistics.present, -1, seed, ceiling, error);
    free(at);
    return status;
}
