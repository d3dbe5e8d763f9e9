#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { canaries = 16 };
static const double canary = -1.2345e30;

static struct muon_matrix allocate(size_t m, size_t n, enum support_layout layout) {
    const bool wide = layout == SUPPORT_F64_COLUMNS || layout == SUPPORT_F32_WIDE;
    struct muon_matrix a = {.dtype = layout <= SUPPORT_F64_ROWS ? MUON_F64 : MUON_F32,
                            .rows = m,
                            .cols = n,
                            .row_stride = wide ? 1 : n,
                            .col_stride = wide ? m : 1};
    a.data = support_zeros(m * n + canaries);
    for (size_t i = m * n; i < m * n + canaries; i++)
        if (a.dtype == MUON_F64)
            ((double *)a.data)[i] = canary;
        else
            ((float *)a.data)[i] = (float)canary;
    return a;
}

static void check_canaries(const struct muon_matrix *a) {
    for (size_t i = a->rows * a->cols; i < a->rows * a->cols + canaries; i++)
        if (a->dtype == MUON_F64)
            assert_true(((const double *)a->data)[i] == canary);
        else
            assert_true(((const float *)a->data)[i] == (float)canary);
}

double support_at(const struct muon_matrix *a, size_t i, size_t j) {
    const size_t at = i * a->row_stride + j * a->col_stride;
    return a->dtype == MUON_F64 ? ((const double *)a->data)[at] : (double)((const float *)a->data)[at];
}

void support_set(struct muon_matrix *a, size_t i, size_t j, double value) {
    const size_t at = i * a->row_stride + j * a->col_stride;
    if (a->dtype == MUON_F64)
        ((double *)a->data)[at] = value;
    else
        ((float *)a->data)[at] = (float)value;
}

double *support_read(const struct muon_matrix *a) {
    double *const out = support_zeros(a->rows * a->cols);
    for (size_t j = 0; j < a->cols; j++)
        for (size_t i = 0; i < a->rows; i++)
            out[i + j * a->rows] = support_at(a, i, j);
    return out;
}

struct support_problem support_problem_from(size_t m, size_t n, const double *W, const double *G,
                                            enum support_layout layout) {
    struct support_problem p = {.m = m, .n = n, .X = support_zeros(n * n + canaries)};
    p.W = allocate(m, n, layout), p.G = allocate(m, n, layout), p.A = allocate(m, n, layout);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++) {
            support_set(&p.W, i, j, W[i + j * m]);
            support_set(&p.G, i, j, G[i + j * m]);
            support_set(&p.A, i, j, 1e10); /* what was there must not matter */
        }
    for (size_t i = 0; i < n * n + canaries; i++)
        p.X[i] = canary;
    return p;
}

struct support_problem support_problem_random(uint64_t seed, size_t m, size_t n, enum support_layout layout) {
    struct rng r = support_rng(seed);
    double *const W = support_orthonormal(&r, m, n, NULL, 0), *const G = support_normal(&r, m * n);
    const struct support_problem p = support_problem_from(m, n, W, G, layout);
    free(W), free(G);
    return p;
}

void support_problem_free(struct support_problem *p) {
    check_canaries(&p->W), check_canaries(&p->G), check_canaries(&p->A);
    for (size_t i = 0; i < canaries; i++)
        assert_true(p->X[p->n * p->n + i] == canary);
    free(p->W.data), free(p->G.data), free(p->A.data), free(p->X);
}

struct muon_options support_options(double tol, size_t max_iter) {
    struct muon_options options = muon_options_default(MUON_SOLVER_quasi_newton);
    options.tol = tol;
    options.max_iter = max_iter;
    return options;
}

struct muon_info support_solve(struct support_problem *p, const char *name,
                               const struct muon_options *options, double radius, const double *warm) {
    struct muon_solver *solver;
    struct muon_info info;
    struct trm_error error = {.text = ""};
    assert_int_equal(muon_solver_create(&solver, name, p->m, p->n, options, &error), TRM_OK);
    const enum trm_status status = muon_solver_solve(solver, &p->W, &p->G, radius, warm, &p->A, p->X, &info);
    if (status != TRM_OK)
        fail_msg("%s on %zu x %zu: %s", name, p->m, p->n, info.reason);
    muon_solver_destroy(solver);
    return info;
}

struct support_numbers support_recompute(const struct support_problem *p, double radius, size_t k) {
    const size_t m = p->m, n = p->n;
    double *const W = support_read(&p->W), *const G = support_read(&p->G), *const A = support_read(&p->A);
    double *const T = support_mul_tn(n, m, n, W, A), *const WX = support_mul(m, n, n, W, p->X),
                  *const sigma = support_zeros(n);
    struct support_numbers numbers = {.primal = -support_dot(m * n, G, A),
                                      .frobenius = sqrt(support_dot(m * n, A, A))};
    double squares = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            squares += (T[i + j * n] + T[j + i * n]) * (T[i + j * n] + T[j + i * n]);
    numbers.tangency = sqrt(squares) / radius;
    support_svd(m, n, A, sigma, NULL);
    numbers.norm = sigma[0];
    for (size_t i = 0; i < n; i++) {
        numbers.nuclear += sigma[i];
        numbers.rank += sigma[i] > 1e-3 * radius;
    }
    support_add(m * n, G, 1, WX);
    support_svd(m, n, G, sigma, NULL);
    for (size_t i = 0; i < n; i++) {
        numbers.dual += i < k ? radius * sigma[i] : 0;
        numbers.dual_full += radius * sigma[i];
    }
    free(W), free(G), free(A), free(T), free(WX), free(sigma);
    return numbers;
}

static void close_to(double expected, double found, double tolerance) {
    if (!(fabs(expected - found) <= tolerance))
        fail_msg("%.17g expected, %.17g found, tolerance %g", expected, found, tolerance);
}

/* Where it is below 0, which rounding makes, the one without that rounding. */
static void check_gap(double expected, double found, double instead) {
    if (expected < -1e-9)
        assert_true(found == instead && found >= 0);
    else
        close_to(expected, found, expected < 1e-9 ? 1e-8 : 1e-9);
}

/* What is said of A alone, to this tolerance. */
static void check_step(const struct support_numbers *again, double radius, size_t n, double tolerance,
                       const struct muon_info *info) {
    close_to(again->tangency, info->tangency, 1e-12);
    close_to(again->norm, info->norm, tolerance * radius);
    close_to(again->frobenius, info->frobenius, tolerance * radius * sqrt((double)n));
    close_to(again->nuclear, info->nuclear, 10 * tolerance * radius * (double)n);
    assert_int_equal(again->rank, info->rank);
}

void support_check_info(const struct support_problem *p, double radius, size_t k,
                        const struct muon_info *info) {
    const struct support_numbers again = support_recompute(p, radius, k);
    const double gap = (again.dual - again.primal) / again.dual;
    close_to(again.primal, info->primal, 1e-9 * again.dual);
    for (size_t j = 0; j < p->n; j++)
        for (size_t i = 0; i < j; i++)
            assert_true(p->X[i + j * p->n] == p->X[j + i * p->n]);
    if (p->n >= 32 && k == p->n && info->dual > again.dual * (1 + 1e-9)) { /* certified in float */
        assert_true(info->dual <= again.dual * (1 + 5e-3) && info->gap >= gap && info->gap <= gap + 5e-3);
        assert_true(info->gap_full == info->gap && fabs(info->gap_tangent - info->gap) <= 1e-6);
        check_step(&again, radius, p->n, 2e-6, info);
        return;
    }
    close_to(again.dual, info->dual, 1e-9 * again.dual);
    if (info->outcome == MUON_zero) {
        assert_true(info->gap == 0 && info->gap_full == 0);
    } else {
        check_gap(gap, info->gap, info->gap_tangent);
        check_gap((again.dual_full - again.primal) / again.dual_full, info->gap_full, info->gap);
    }
    check_step(&again, radius, p->n, 1e-12, info);
}
