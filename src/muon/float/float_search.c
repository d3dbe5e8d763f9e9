#include "muon/float/float_search.h"

#include "linalg/linalg.h"
#include "muon/inner/quasi_newton.h"
#include "muon/inner/search.h"
#include "muon/precision.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct muon_float_search {
    struct muon_search search;
    struct muon_reduction reduction;
    const struct muon_panel *panel;
    float *A;    /* m x n */
    float *both; /* 2n x n, [B - S C; C] */
    float *start;
    float *pool;
};

static const struct muon_method *method(enum muon_solver_id id) {
    switch (id) {
    case MUON_SOLVER_quasi_newton:
        return &muon_method_quasi_newton;
    case MUON_SOLVER_dual_ascent:
        return &muon_method_dual_ascent;
    case MUON_SOLVER_admm:
        return &muon_method_admm;
    case MUON_SOLVER_frank_wolfe:
        return &muon_method_frank_wolfe;
    default:
        return NULL;
    }
}

bool muon_float_search_has(enum muon_solver_id id) {
    return method(id) != NULL;
}

static void place(struct muon_float_search *f, struct muon_pool *pool) {
    const size_t m = f->search.r.m, n = f->search.r.n;
    f->A = muon_pool_take(pool, m * n);
    f->both = muon_pool_take(pool, 2 * n * n);
    f->start = muon_pool_take(pool, n * n);
    muon_search_place(&f->search, pool);
    f->search.r.scratch_mn = f->A;
}

struct muon_float_search *muon_float_search_create(enum muon_solver_id id, size_t m, size_t n, size_t k,
                                                   const struct muon_options *options) {
    struct muon_float_search *const f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    struct muon_search *const s = &f->search;
    s->method = method(id);
    s->state = calloc(1, s->method->size);
    s->r.m = m, s->r.n = n, s->r.k = k, s->r.options = options, s->r.reduction = &f->reduction;
    struct muon_pool pool = {0};
    if (s->state != NULL)
        place(f, &pool);
    f->pool = pool.memory = calloc(pool.used + 1, sizeof *pool.memory);
    if (s->state == NULL || f->pool == NULL) {
        muon_float_search_destroy(f);
        return NULL;
    }
    pool.used = 0;
    place(f, &pool);
    return f;
}

void muon_float_search_destroy(struct muon_float_search *f) {
    if (f == NULL)
        return;
    free(f->search.state);
    free(f->pool);
    free(f);
}

void muon_float_search_begin(struct muon_float_search *f, const struct muon_panel *panel, double radius,
                             double target_gap, const double *start) {
    struct muon_reduced *const r = &f->search.r;
    f->panel = panel;
    f->reduction = (struct muon_reduction){.S = panel->S, .Omega = panel->Omega, .N = panel->N};
    r->radius = radius;
    r->target_gap = target_gap;
    for (size_t i = 0; start != NULL && i < r->n * r->n; i++)
        f->start[i] = (float)start[i];
    muon_search_begin(&f->search, start != NULL ? f->start : NULL);
}

void muon_float_search_aim(struct muon_float_search *f, double target_gap) {
    f->search.r.target_gap = target_gap;
}

bool muon_float_search_go_on(struct muon_float_search *f, size_t *iterations, size_t max_iter, double *gap,
                             bool *stalled) {
    muon_search_go_on(&f->search, iterations, max_iter);
    *gap = muon_reduced_gap(&f->search.r);
    *stalled = f->search.r.stalled;
    return !f->search.r.failed;
}

static void widen(size_t count, const float *from, double *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

bool muon_float_search_scout(struct muon_float_search *f, size_t *iterations, size_t max_iter, double *X) {
    struct muon_reduced *const r = &f->search.r;
    if (!(r->lambda[0] > muon_float_flat * r->lambda[r->n - 1]))
        return false;
    r->rough = muon_float_rough;
    muon_search_go_on(&f->search, iterations, max_iter);
    widen(r->n * r->n, r->X, X);
    return !r->failed;
}

double muon_float_search_smoothing(const struct muon_float_search *f) {
    return muon_quasi_newton_smoothing(f->search.state);
}

bool muon_float_search_is_newton(const struct muon_float_search *f) {
    return muon_quasi_newton_is_newton(f->search.state);
}

size_t muon_float_search_points(const struct muon_float_search *f) {
    return muon_float_search_is_newton(f) ? 0
                                          : muon_anderson_points(muon_quasi_newton_history(f->search.state));
}

void muon_float_search_point(struct muon_float_search *f, size_t back, double *X, double *F) {
    const struct muon_reduced *const r = &f->search.r;
    muon_anderson_point(muon_quasi_newton_history(f->search.state), back, r->B, r->C);
    widen(r->n * r->n, r->B, X);
    widen(r->n * r->n, r->C, F);
}

void muon_float_search_dual_point(const struct muon_float_search *f, double *X) {
    widen(f->search.r.n * f->search.r.n, f->search.r.X_best, X);
}

float *muon_float_search_step(struct muon_float_search *f) {
    const struct muon_reduced *const r = &f->search.r;
    const size_t m = r->m, n = r->n;
    const blasint k = (blasint)n;
    for (size_t j = 0; j < n; j++) {
        memcpy(f->both + 2 * n * j, r->B_best + n * j, n * sizeof *f->both);
        memcpy(f->both + 2 * n * j + n, r->C_best + n * j, n * sizeof *f->both);
    }
    cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, k, k, k, -1.0f, f->panel->S, k, r->C_best, k, 1.0f,
                f->both, 2 * k); /* B - S C */
    lin_tall_product_of(m, 2 * n, n, 1.0, f->panel->W, f->both, 0.0, f->A);
    return f->A;
}

const float *muon_float_search_basis(const struct muon_float_search *f) {
    return f->search.r.V;
}
