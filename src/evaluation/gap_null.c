/* Could the gap between the best single arm and the oracle be noise alone?

   The oracle takes the smallest of K noisy numbers at every step, so that it is below the best single arm also where
   no arm is ever better than another: no interval of the gap reaches 0. The null hypothesis here is
       change of arm a at step t = what is common to all arms at t + mu_a + independent noise.
   With r = change - mean over the arms (free of the common part), m_a = mean r of the arm, and e = r - mean r of the
   arm in the block, a draw from it is
       r*(a, t) = m_a + (K/(K-1) . n/(n-1))^1/2 e(a, pi_a(t)),     pi_a: of the n steps of t's block, one for each arm
   where the factor gives back the variance that the means took. Its gap, that of the arm with the smallest mean, is
   compared with the true one. p = (1 + draws whose gap is not smaller) / (1 + draws); above 0.05 the gap is within
   noise. It sees arms that exclude one another within a block or take turns between blocks; a preference as random in
   size as noise is told apart from noise by no test with one value a step. Samples of several runs at one step share
   their changes and are one step here. */
#include "evaluation/metrics.h"

#include "base/rng.h"

#include <stdlib.h>

enum { DRAWS = 999 };

struct null {
    size_t arms, count, blocks;
    double *change;          /* (count, arms) r, a row a step; e, scaled, once the mean is taken */
    double *drawn;           /* (count, arms) */
    size_t *begin;           /* (blocks + 1) rows */
    uint32_t *order;         /* (count) */
    double m[TRM_ARMS_MOST]; /* (arms) */
};

/* Mean of the arm that is smallest on average - mean of the smallest. */
static double gap_of(const struct null *n, const double *values) {
    double sum[TRM_ARMS_MOST] = {0}, oracle = 0, single = INFINITY;
    for (size_t t = 0; t < n->count; t++, values += n->arms) {
        double smallest = INFINITY;
        for (size_t a = 0; a < n->arms; a++) {
            sum[a] += values[a];
            smallest = fmin(smallest, values[a]);
        }
        oracle += smallest;
    }
    for (size_t a = 0; a < n->arms; a++)
        single = fmin(single, sum[a]);
    return (single - oracle) / (double)n->count;
}

/* A row of r for each step of the test part (the first run of a seed has them all), block by block. */
static void list_steps(struct null *n, const struct partition *parts) {
    const struct partition_samples *const test = &parts->part[TRM_TEST];
    const bool shared = parts->kind == TRM_ORACLE_MERGE;
    const struct trm_sample *last = NULL;
    for (size_t i = 0; i < test->count; i++) {
        const struct trm_sample *const s = test->at[i];
        if (last != NULL && shared && s->seed == last->seed && s->run != last->run)
            continue;
        if (last == NULL || s->run != last->run || s->group != last->group)
            n->begin[n->blocks++] = n->count;
        last = s;
        double *const row = n->change + n->count++ * n->arms, sum = 0;
        for (size_t arm = 0, a = 0; arm < parts->names.count; arm++)
            if (parts->arms >> arm & 1)
                sum += row[a++] = s->change[arm];
        for (size_t a = 0; a < n->arms; a++)
            row[a] -= sum / (double)n->arms;
    }
    n->begin[n->blocks] = n->count;
}

/* m, and e in place of r. */
static void take_means(struct null *n) {
    const double K = (double)n->arms;
    for (size_t b = 0; b < n->blocks; b++) {
        const size_t begin = n->begin[b], end = n->begin[b + 1];
        const double steps = (double)(end - begin);
        const double scale = end - begin > 1 ? sqrt(K / (K - 1) * steps / (steps - 1)) : 0;
        for (size_t a = 0; a < n->arms; a++) {
            double sum = 0;
            for (size_t t = begin; t < end; t++)
                sum += n->change[t * n->arms + a];
            n->m[a] += sum / (double)n->count;
            for (size_t t = begin; t < end; t++)
                n->change[t * n->arms + a] = scale * (n->change[t * n->arms + a] - sum / steps);
        }
    }
}

static void draw(struct null *n, struct rng *rng) {
    for (size_t b = 0; b < n->blocks; b++) {
        const size_t begin = n->begin[b], steps = n->begin[b + 1] - begin;
        for (size_t a = 0; a < n->arms; a++) {
            rng_permutation(rng, n->order, (uint32_t)steps);
            for (size_t t = 0; t < steps; t++)
                n->drawn[(begin + t) * n->arms + a] =
                    n->m[a] + n->change[(begin + n->order[t]) * n->arms + a];
        }
    }
}

enum trm_status gap_null(const struct partition *parts, double *p, struct trm_error *error) {
    const size_t most = parts->part[TRM_TEST].count;
    struct null n = {.begin = calloc(most + 1, sizeof *n.begin), .order = calloc(most + 1, sizeof *n.order)};
    for (size_t arm = 0; arm < parts->names.count; arm++)
        n.arms += parts->arms >> arm & 1;
    n.change = calloc(2 * most * n.arms + 1, sizeof *n.change);
    enum trm_status status = TRM_OK;
    *p = 1;
    if (n.begin == NULL || n.order == NULL || n.change == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory to compare the arms of %zu samples", most);
    else if (n.arms > 1) {
        n.drawn = n.change + most * n.arms;
        list_steps(&n, parts);
        const double gap = gap_of(&n, n.change);
        struct rng rng = rng_stream(parts->options->seed, RNG_SPLIT, 2, 0);
        size_t as_large = 0;
        take_means(&n);
        for (int k = 0; k < DRAWS; k++) {
            draw(&n, &rng);
            as_large += gap_of(&n, n.drawn) >= gap;
        }
        *p = (1.0 + (double)as_large) / (1.0 + DRAWS);
    }
    free(n.begin);
    free(n.order);
    free(n.change);
    return status;
}
