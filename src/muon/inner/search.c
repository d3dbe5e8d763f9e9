#include "muon/inner/search.h"

#include "linalg/linalg.h"
#include "muon/inner/repair.h"

#include <math.h>
#include <string.h>

/* Iterations without progress; in float fewer, since double can go on. */
enum { patience = sizeof(real) == sizeof(float) ? 16 : 50 };

void muon_search_place(struct muon_search *s, struct muon_pool *pool) {
    struct muon_reduced *const r = &s->r;
    const size_t n = r->n, nn = n * n;
    real **const squares[] = {&r->X,      &r->M, &r->V, &r->X_best, &r->B_best,
                              &r->C_best, &r->B, &r->C, &r->H,      &r->T};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        *squares[i] = muon_pool_take(pool, nn);
    r->lambda = muon_pool_take(pool, n);
    r->sigma = muon_pool_take(pool, n);
    r->repair = muon_pool_take(pool, muon_repair_doubles(n));
    r->eig_work = muon_pool_take(pool, lin_eig_work(n));
    if (s->method != NULL)
        s->method->place(s->state, n, pool);
}

static double decompose_at(struct muon_reduced *r, const real *X) {
    const size_t bytes = r->n * r->n * sizeof *X;
    if (X != NULL)
        memcpy(r->X, X, bytes);
    else
        memset(r->X, 0, bytes);
    lin_sym(r->n, r->X);
    return muon_reduced_decompose(r, r->X);
}

/* A warm start this much worse than X' = 0 may be taken: finding out costs more. */
static const double slack = 0.05;

/* A lower bound of d(0) / b, d being convex: d(X') - <sym K, X'> */
static double bound_at_zero(struct muon_reduced *r, double dual) {
    muon_reduced_inverse_roots(r, 0.0, r->sigma);
    muon_reduced_polar_step(r, r->sigma, r->B, r->C);
    return dual - lin_dot(r->n * r->n, r->B, r->X);
}

/* At X' = start where its dual value beats that of X' = 0, else there. What is found out about the point is kept. */
static void first_point(struct muon_reduced *r, const real *start, bool judge) {
    double dual = decompose_at(r, start);
    if (judge && (r->failed || !(bound_at_zero(r, dual) > (1.0 - slack) * dual))) {
        const bool failed = r->failed;
        const double here = failed ? INFINITY : dual;
        memset(r->X_best, 0, r->n * r->n * sizeof *r->X_best);
        r->failed = false;
        if (!(here < muon_reduced_dual_value(r, r->X_best))) /* NaN included */
            dual = decompose_at(r, NULL);
    }
    muon_reduced_update_dual(r, dual, r->X);
    r->decomposed = true;
    r->mean_sigma = dual / (double)r->n;
    muon_repair_expect(r);
}

static void begin(struct muon_search *s, const real *start, bool judge) {
    struct muon_reduced *const r = &s->r;
    const size_t bytes = r->n * r->n * sizeof *r->X;
    s->best_gap = INFINITY;
    r->R = NULL;
    r->dual = INFINITY;
    r->primal = 0.0; /* of A = 0 */
    r->rough = 0.0;
    r->stalled = r->failed = r->unscaled = r->decomposed = false;
    memset(r->B_best, 0, bytes);
    memset(r->C_best, 0, bytes);
    first_point(r, start, judge);
    s->method->start(s->state, r);
}

void muon_search_begin(struct muon_search *s, const real *start) {
    begin(s, start, start != NULL);
}

void muon_search_begin_at(struct muon_search *s, const real *start) {
    begin(s, start, false);
}

void muon_search_go_on(struct muon_search *s, size_t *iterations, size_t max_iter) {
    struct muon_reduced *const r = &s->r;
    if (isinf(s->best_gap)) /* it begins */
        s->improved_at = *iterations;
    while (*iterations < max_iter) {
        s->method->iterate(s->state, r);
        ++*iterations;
        const double gap = muon_reduced_gap(r);
        if (gap < 0.999 * s->best_gap && gap > -1e-9) {
            s->best_gap = gap;
            s->improved_at = *iterations;
        }
        r->stalled = r->stalled || *iterations - s->improved_at >= patience;
        if (gap <= r->target_gap || r->stalled || r->failed)
            return;
    }
}
