/* The certificate in float against the one in double: its gap is never the smaller one, whatever it is handed. */
#include "support.h"

#include "muon/certificate.h"
#include "muon/certificate_float.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double radius = 0.1;

struct answer {
    struct support_problem p;
    float *V;      /* n x n, right singular vectors of G + W X */
    double *sigma; /* n, of A */
};

/* A problem with singular values over `decades`, the step -b msign(Gamma), and an X `far` from its own. */
static struct answer make(struct rng *r, size_t m, size_t n, double decades, double far) {
    double *const W = support_orthonormal(r, m, n, NULL, 0), *const G = support_normal(r, m * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            G[i + j * m] *= pow(10, -decades * (double)j / (double)n);
    struct answer a = {
        .p = support_problem_from(m, n, W, G, (enum support_layout)rng_below(r, SUPPORT_LAYOUTS))};
    support_solve(&a.p, "msign_tangent", NULL, radius, NULL);
    double *const D = support_symmetric(r, n), *const WX = support_mul(m, n, n, W, a.p.X),
                  *const V = support_zeros(n * n), *const A = support_read(&a.p.A);
    for (size_t i = 0; i < n * n; i++)
        a.p.X[i] += far * D[i];
    double *const M = support_mul(m, n, n, W, a.p.X);
    support_add(m * n, M, 1, G);
    a.sigma = support_zeros(n);
    support_svd(m, n, M, a.sigma, V);
    a.V = calloc(n * n, sizeof *a.V);
    for (size_t i = 0; i < n * n; i++)
        a.V[i] = (float)V[i];
    support_svd(m, n, A, a.sigma, NULL);
    free(W), free(G), free(D), free(WX), free(V), free(A), free(M);
    return a;
}

static void drop(struct answer *a) {
    support_problem_free(&a->p);
    free(a->V), free(a->sigma);
}

static bool certify(const struct answer *a, const float *V, double tol, struct muon_info *info) {
    const size_t m = a->p.m, n = a->p.n, wanted = muon_certify_float_work(m, n);
    double *const work = support_zeros(wanted + 8);
    for (size_t i = wanted; i < wanted + 8; i++)
        work[i] = 12345;
    const struct muon_float_bound bound = muon_float_bound(&a->p.W, &a->p.G, a->p.X, V, work);
    const bool done = muon_certify_float(&a->p.A, a->p.X, bound, a->sigma, radius, tol, work, info);
    for (size_t i = wanted; i < wanted + 8; i++)
        assert_true(work[i] == 12345);
    free(work);
    return done;
}

static struct muon_info in_double(const struct answer *a) {
    double *const work = support_zeros(muon_certificate_work(a->p.m, a->p.n));
    struct muon_info info = {.outcome = MUON_max_iter};
    assert_true(muon_certify(&a->p.W, &a->p.G, &a->p.A, a->p.X, radius, a->p.n, work, &info));
    free(work);
    return info;
}

static void is_at_least(const struct muon_info *found, const struct muon_info *true_one, size_t k) {
    if (!(found->gap >= true_one->gap && found->gap_tangent >= true_one->gap_tangent &&
          found->gap_full == found->gap && found->dual >= true_one->dual))
        fail_msg("problem %zu: gap %.12g, true %.12g; tangent %.12g, true %.12g", k, found->gap,
                 true_one->gap, found->gap_tangent, true_one->gap_tangent);
    assert_true(fabs(found->primal - true_one->primal) <= 1e-12 * true_one->dual);
    assert_true(fabs(found->tangency - true_one->tangency) <= 1e-12);
    assert_true(fabs(found->norm - true_one->norm) <= 1e-9 * radius && found->rank == true_one->rank);
}

/* 10,000 with TRM_FLOAT_PROBLEMS=10000, else 500, of spectra over 0 to 3 decades: never below the gap in double, and above it
   by no more than the tenth of tol that the bound may be. */
static void gap_is_never_too_small(void **state) {
    (void)state;
    const char *const asked = getenv("TRM_FLOAT_PROBLEMS");
    const size_t problems = asked != NULL ? (size_t)atol(asked) : 500;
    struct rng r = support_rng(31);
    size_t certified = 0;
    for (size_t k = 0; k < problems; k++) {
        const size_t n = 2 + rng_below(&r, 9), m = n + rng_below(&r, 40);
        struct answer a = make(&r, m, n, (double)(k % 4), k % 3 == 0 ? 0.5 : 0.0);
        const double tol = 0.9;
        struct muon_info info = {.outcome = MUON_max_iter};
        const struct muon_info true_one = in_double(&a);
        if (certify(&a, a.V, tol, &info)) {
            is_at_least(&info, &true_one, k);
            assert_true(info.gap <= true_one.gap + 1e-4); /* of so few columns */
            certified++;
        }
        drop(&a);
    }
    assert_true(certified > problems / 2);
}

/* A witness that is wrong costs gap; one that is no basis is refused. */
static void bad_witnesses_do_no_harm(void **state) {
    (void)state;
    struct rng r = support_rng(32);
    for (size_t k = 0; k < 200; k++) {
        const size_t n = 2 + k % 7, m = 2 * n + k % 11, nn = n * n;
        struct answer a = make(&r, m, n, 1, 0);
        const struct muon_info true_one = in_double(&a);
        double *const Q = support_orthonormal(&r, n, n, NULL, 0);
        float *const V = calloc(nn, sizeof *V);
        struct muon_info info = {.outcome = MUON_max_iter};
        for (size_t i = 0; i < nn; i++)
            V[i] = (float)Q[i]; /* another basis */
        if (certify(&a, V, 0.999, &info))
            is_at_least(&info, &true_one, k);
        for (size_t i = 0; i < nn; i++)
            V[i] = 0.97f * a.V[i]; /* too short */
        if (certify(&a, V, 0.999, &info))
            is_at_least(&info, &true_one, k);
        memset(V, 0, nn * sizeof *V);
        assert_false(certify(&a, V, 0.999, &info));
        V[0] = NAN;
        assert_false(certify(&a, V, 0.999, &info));
        free(Q), free(V);
        drop(&a);
    }
}

/* Where the bound is not little beside tol, where the gap is above it, and where float has no such numbers. */
static void double_decides_the_rest(void **state) {
    (void)state;
    struct rng r = support_rng(33);
    struct answer a = make(&r, 20, 8, 0, 0);
    struct muon_info info = {.outcome = MUON_max_iter, .gap = 7};
    assert_true(certify(&a, a.V, 0.9, &info) && info.gap < 0.9);
    const double gap = info.gap;
    info.gap = 7;
    assert_true(gap > 1e-3 && !certify(&a, a.V, 0.99 * gap, &info));
    assert_false(certify(&a, a.V, 1e-6, &info));
    a.sigma[7] = 1e-3 * a.sigma[0];
    assert_false(certify(&a, a.V, 0.9, &info));
    assert_true(info.gap == 7 && info.outcome == MUON_max_iter);
    drop(&a);
    struct answer far = make(&r, 20, 8, 0, 0);
    for (size_t i = 0; i < 64; i++)
        far.p.X[i] *= 0x1p100;
    assert_false(certify(&far, far.V, 0.9, &info));
    drop(&far);
}

/* Of products over more columns than are taken at once. */
static void wide_problems_are_cut(void **state) {
    (void)state;
    struct rng r = support_rng(34);
    struct answer a = make(&r, 330, 300, 1, 0);
    struct muon_info info = {.outcome = MUON_max_iter};
    const struct muon_info true_one = in_double(&a);
    assert_true(certify(&a, a.V, 0.9, &info));
    is_at_least(&info, &true_one, 0);
    assert_true(info.gap <= true_one.gap + 2e-3);
    drop(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gap_is_never_too_small),
        cmocka_unit_test(bad_witnesses_do_no_harm),
        cmocka_unit_test(double_decides_the_rest),
        cmocka_unit_test(wide_problems_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
