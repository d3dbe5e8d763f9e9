#include "muon/problem.h"

#include "muon/matrix.h"

#include "base/numbers.h"
#include "base/statistics.h"
#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void place(struct muon_problem *p, struct muon_pool *pool) {
    p->W = muon_pool_take(pool, p->m * p->n);
    p->G = muon_pool_take(pool, p->m * p->n);
    muon_reduction_place(&p->reduction, p->m, p->n, pool);
    p->E = muon_pool_take(pool, p->n * p->n);
}

enum trm_status muon_problem_create(struct muon_problem **out, size_t m, size_t n) {
    *out = NULL;
    if (n == 0 || m < n || m > SIZE_MAX / sizeof(double) / 8 / n || m > INT32_MAX || m * n > INT32_MAX)
        return TRM_SHAPE;
    struct muon_problem *const p = calloc(1, sizeof *p);
    if (p == NULL)
        return TRM_NO_MEMORY;
    p->m = m, p->n = n;
    struct muon_pool pool = {0};
    place(p, &pool);
    pool.memory = calloc(pool.used, sizeof *pool.memory);
    if (pool.memory == NULL || !muon_panel_create(&p->panel, m, n)) {
        free(pool.memory);
        free(p);
        return TRM_NO_MEMORY;
    }
    pool.used = 0;
    place(p, &pool);
    *out = p;
    return TRM_OK;
}

void muon_problem_destroy(struct muon_problem *problem) {
    if (problem == NULL)
        return;
    muon_panel_destroy(&problem->panel);
    free(problem->W); /* the whole pool */
    free(problem);
}

/* ||W'W - I||_F / sqrt(n) */
static double orthonormality_error(const struct muon_problem *p) {
    lin_tall_gram(p->m, p->n, p->W, p->E); /* E = W'W - I */
    for (size_t i = 0; i < p->n; i++)
        p->E[i + i * p->n] -= 1.0;
    return lin_norm(p->n * p->n, p->E) / sqrt((double)p->n);
}

/* s where W'W = s^2 I to a relative 1e-3, as codes of scaled orthonormal weights have it, and not for a W that is a
   little off in another way, such as one rounded to BF16: the scale must be nearly all of it. Else 0. E: W'W - I. */
static double scaled_orthonormal(const struct muon_problem *p) {
    const size_t n = p->n;
    double trace = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        trace += (p->E[i + i * n] + 1.0) / (double)n; /* s^2 */
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            const double e = i == j ? p->E[i + i * n] + 1.0 - trace : p->E[i + j * n];
            squares += e * e;
        }
    const double left = sqrt(squares / (double)n), off = fabs(trace - 1.0);
    return trace > 0.0 && isfinite(trace) && left <= 1e-3 * trace && left <= 0.5 * off ? sqrt(trace) : 0.0;
}

static void form_omega_and_n(size_t m, size_t n, struct muon_reduction *r) {
    lin_tall_gram(m, n, r->Gp, r->N); /* N = Gp'Gp, from Gp: as G'G - S'S it would lose digits */
    memcpy(r->Omega, r->S, n * n * sizeof *r->Omega);
    lin_skew(n, r->Omega); /* Omega = skew(S) */
}

static void reduce(struct muon_problem *p) {
    struct muon_reduction *const r = &p->reduction;
    lin_tall_inner(p->m, p->n, p->W, p->G, r->S); /* S = W'G */
    memcpy(r->Gp, p->G, p->m * p->n * sizeof *r->Gp);
    lin_tall_product(p->m, p->n, -1.0, p->W, r->S, 1.0, r->Gp); /* Gp = G - W S */
    form_omega_and_n(p->m, p->n, r);
}

double muon_reduction_tangent(size_t n, const struct muon_reduction *r) {
    double trace = 0.0;
    for (size_t i = 0; i < n; i++)
        trace += r->N[i + i * n];
    const double omega = lin_norm(n * n, r->Omega);
    return sqrt(omega * omega + trace);
}

double muon_reduction_error(const struct muon_problem *p, const struct muon_reduction *r) {
    const double tangent = muon_reduction_tangent(p->n, r);
    const double normal = sqrt(fmax(0.0, 1.0 - tangent * tangent)); /* ||sym S||_F, since ||G||_F = 1 */
    return r->E != NULL || p->scale == 0.0 ? 0.0 : p->orthogonality * fmax(1.0, normal / tangent);
}

/* Gram-Schmidt again: what W'Gp still holds, about ||E|| ||S||, moves from Gp to S; each pass leaves ||E|| of it. */
void muon_problem_refine(const struct muon_problem *p, struct muon_reduction *refined, double *scratch) {
    enum { passes = 4 };
    const struct muon_reduction *const plain = &p->reduction;
    const size_t m = p->m, n = p->n;
    memcpy(refined->Gp, plain->Gp, m * n * sizeof *refined->Gp);
    memcpy(refined->S, plain->S, n * n * sizeof *refined->S);
    refined->E = p->E;
    for (int pass = 0; pass < passes; pass++) {
        lin_tall_inner(m, n, p->W, refined->Gp, scratch);
        cblas_daxpy((blasint)(n * n), 1.0, scratch, 1, refined->S, 1);
        lin_tall_product(m, n, -1.0, p->W, scratch, 1.0, refined->Gp);
        form_omega_and_n(m, n, refined);
        const double left = lin_norm(n * n, scratch) * p->orthogonality * sqrt((double)n);
        if (left <= fmax(1e-10 * muon_reduction_tangent(n, refined), 1e-17))
            return;
    }
}

/* Are the caller's matrices of the shape that this problem was made for? */
static enum trm_status check_shapes(struct muon_problem *p, const struct muon_matrix *W,
                                    const struct muon_matrix *G, char *reason, size_t reason_size) {
    p->in_double = p->in_float = false;
    if (W->data == NULL || G->data == NULL) {
        snprintf(reason, reason_size, "%s has no data", W->data == NULL ? "W" : "G");
        return TRM_INVALID;
    }
    if (W->rows != p->m || W->cols != p->n || G->rows != p->m || G->cols != p->n) {
        snprintf(reason, reason_size, "W is %zu x %zu and G %zu x %zu; this solver was made for %zu x %zu",
                 W->rows, W->cols, G->rows, G->cols, p->m, p->n);
        return TRM_SHAPE;
    }
    p->W_given = *W, p->G_given = *G;
    return TRM_OK;
}

static enum trm_status refuse_orthonormality(const struct muon_problem *p, char *reason, size_t reason_size) {
    const double s = scaled_orthonormal(p);
    const locale_t before = numbers_begin();
    if (s > 0.0)
        snprintf(reason, reason_size,
                 "the columns of W are not orthonormal, but W'W = s^2 I with s = %.6g: divide W by s, or "
                 "project it (muon_project)",
                 s);
    else
        snprintf(reason, reason_size,
                 "the columns of W are not orthonormal: ||W'W - I||_F / sqrt(n) = %.3g, allowed 1e-3; "
                 "project it (muon_project)",
                 p->orthogonality);
    numbers_end(before);
    return TRM_NOT_ORTHONORMAL;
}

enum trm_status muon_problem_load(struct muon_problem *p, const struct muon_matrix *W,
                                  const struct muon_matrix *G, bool orthonormal, char *reason,
                                  size_t reason_size) {
    const enum trm_status status = check_shapes(p, W, G, reason, reason_size);
    if (status != TRM_OK)
        return status;
    const size_t count = p->m * p->n;
    muon_matrix_read(W, p->W);
    muon_matrix_read(G, p->G);
    if (!statistics_finite(count, p->W) || !statistics_finite(count, p->G)) {
        snprintf(reason, reason_size, "%s holds NaN or infinity", statistics_finite(count, p->W) ? "G" : "W");
        return TRM_NOT_FINITE;
    }
    p->orthogonality = orthonormality_error(p);
    if (orthonormal && !(p->orthogonality <= 1e-3))
        return refuse_orthonormality(p, reason, reason_size);
    p->scale = lin_norm(count, p->G);
    if (!isfinite(p->scale)) {
        snprintf(reason, reason_size, "the norm of G overflows");
        return TRM_NOT_FINITE;
    }
    for (size_t i = 0; p->scale > 0.0 && i < count; i++)
        p->G[i] /= p->scale;
    reduce(p);
    p->in_double = true;
    return TRM_OK;
}

enum trm_status muon_problem_load_float(struct muon_problem *p, const struct muon_matrix *W,
                                        const struct muon_matrix *G, char *reason, size_t reason_size) {
    const enum trm_status status = check_shapes(p, W, G, reason, reason_size);
    if (status != TRM_OK)
        return status;
    p->in_float = muon_panel_load(&p->panel, W, G);
    if (!p->in_float) /* or there is something to refuse */
        return muon_problem_load(p, W, G, true, reason, reason_size);
    p->scale = p->panel.scale;
    return TRM_OK;
}

enum trm_status muon_problem_widen(struct muon_problem *p, char *reason, size_t reason_size) {
    if (p->in_double)
        return TRM_OK;
    const bool in_float = p->in_float;
    const struct muon_matrix W = p->W_given, G = p->G_given;
    const enum trm_status status = muon_problem_load(p, &W, &G, true, reason, reason_size);
    p->in_float = in_float;
    return status;
}

void muon_problem_normal_part(const struct muon_problem *p, double *S) {
    for (size_t i = 0; i < p->n * p->n; i++)
        S[i] = p->in_double ? p->reduction.S[i] : (double)p->panel.S[i];
}

bool muon_problem_is_zero(const struct muon_problem *p, const struct muon_reduction *r) {
    /* ||Gamma||_* <= sqrt(n) ||Gamma||_F, and ||G||_* >= ||G||_F = 1; a float rounds to 2^-24 of itself. */
    const double rounding = fmax(1e-13 / sqrt((double)p->n), p->G_given.dtype == MUON_F32 ? 0x1p-24 : 0.0);
    return p->scale == 0.0 || muon_reduction_tangent(p->n, r) <= rounding;
}
