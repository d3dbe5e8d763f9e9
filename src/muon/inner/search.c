#include "muon/inner/search.h"

#include "linalg/linalg.h"
#include "muon/inner/repair.h"

#include <math.h>
#include <string.h>

enum { patience = 50 };

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

static void start_from(struct muon_reduced *r, const real *start, double cold_dual) {
    const size_t nn = r->n * r->n;
    memcpy(r->X, start, nn * sizeof *r->X);
    lin_sym(r->n, r->X);
    const double dual = muon_reduced_dual_value(r, r->X);
    if (dual < cold_dual && !r->failed) {
        muon_reduced_update_dual(r, dual, r->X);
        return;
    }
    memset(r->X, 0, nn * sizeof *r->X); /* NaN included */
    r->failed = false;
}

void muon_search_begin(struct muon_search *s, const real *start) {
    struct muon_reduced *const r = &s->r;
    const size_t bytes = r->n * r->n * sizeof *r->X;
    s->best_gap = INFINITY;
    r->R = NULL;
    r->dual = INFINITY;
    r->primal = 0.0; /* of A = 0 */
    r->gap_per_square = 10.0;
    r->stalled = r->failed = r->unscaled = false;
    memset(r->B_best, 0, bytes);
    memset(r->C_best, 0, bytes);
    memset(r->X, 0, bytes);
    const double cold_dual = muon_reduced_dual_value(r, r->X); /* and the spectrum of Gamma */
    muon_reduced_update_dual(r, cold_dual, r->X);
    r->mean_sigma = 0.0;
    for (size_t i = 0; i < r->n; i++)
        r->mean_sigma += sqrt(fmax(r->sigma[i], 0.0)) / (double)r->n;
    if (start != NULL)
        start_from(r, start, cold_dual);
    s->method->start(s->state, r);
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
