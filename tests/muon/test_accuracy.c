/* quasi_newton to a certified gap of 1e-6 on problems of every kind: spectra, shapes, ranks, scales. */
#include "support.h"

#include <math.h>
#include <stdlib.h>

static const double radius = 0.1, tol = 1e-6;

/* How G is made from the random problem. */
enum kind {
    GAUSSIAN,        /* singular values of a Gaussian, times 10^(-decades i / (n - 1)) by column space */
    OF_RANK,         /* a product through `rank` */
    ZERO_COLUMN_SUM, /* every row adds up to 0 */
    TANGENT,         /* W skew + normal */
    NEARLY_NORMAL    /* W symmetric + 1e-3 Gaussian */
};

struct problem {
    enum kind kind;
    size_t m, n;
    int decades; /* of OF_RANK: the rank */
};

/* G <- U diag(10^(-decades i / (n - 1))) V' */
static void decay(size_t m, size_t n, int decades, double *G) {
    double *const sigma = support_zeros(n), *const V = support_zeros(n * n);
    support_svd(m, n, G, sigma, V);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            G[i + j * m] *= n > 1 ? pow(10, -decades * (double)j / (double)(n - 1)) : 1;
    double *const Vt = support_zeros(n * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            Vt[i + j * n] = V[j + i * n];
    double *const product = support_mul(m, n, n, G, Vt);
    for (size_t i = 0; i < m * n; i++)
        G[i] = product[i];
    free(sigma), free(V), free(Vt), free(product);
}

static void subtract_row_means(size_t m, size_t n, double *G) {
    for (size_t i = 0; i < m; i++) {
        double mean = 0;
        for (size_t j = 0; j < n; j++)
            mean += G[i + j * m] / (double)n;
        for (size_t j = 0; j < n; j++)
            G[i + j * m] -= mean;
    }
}

static double *gradient(const struct problem *q, struct rng *r, const double *W) {
    const size_t m = q->m, n = q->n, rank = (size_t)q->decades;
    if (q->kind == OF_RANK) {
        double *const u = support_normal(r, m * rank), *const v = support_normal(r, rank * n);
        double *const G = support_mul(m, rank, n, u, v);
        free(u), free(v);
        return G;
    }
    double *const G = support_normal(r, m * n);
    if (q->kind == GAUSSIAN && q->decades > 0)
        decay(m, n, q->decades, G);
    if (q->kind == ZERO_COLUMN_SUM)
        subtract_row_means(m, n, G);
    if (q->kind == TANGENT)
        support_make_tangent(m, n, W, G);
    if (q->kind == NEARLY_NORMAL) {
        double *const X = support_symmetric(r, n), *const WX = support_mul(m, n, n, W, X);
        for (size_t i = 0; i < m * n; i++)
            G[i] = WX[i] + 1e-3 * G[i];
        free(X), free(WX);
    }
    return G;
}

static void check(const struct problem *q, double scale, enum support_layout layout, uint64_t seed) {
    struct rng r = support_rng(seed);
    double *const W = support_orthonormal(&r, q->m, q->n, NULL, 0), *const G = gradient(q, &r, W);
    for (size_t i = 0; i < q->m * q->n; i++)
        G[i] *= scale;
    struct support_problem p = support_problem_from(q->m, q->n, W, G, layout);
    const struct muon_options options = support_options(tol, 300);
    const struct muon_info info = support_solve(&p, "quasi_newton", &options, radius, NULL);
    const bool nothing = q->m == 1; /* no other problem of the suite has a step of length 0 as its answer */
    if (info.outcome != (nothing ? MUON_zero : MUON_converged))
        fail_msg("kind %d, %zu x %zu (%d), scale %g: %s after %zu iterations, gap %g", (int)q->kind, q->m,
                 q->n, q->decades, scale, muon_outcome_name(info.outcome), info.iterations, info.gap);
    const struct support_numbers again = support_recompute(&p, radius, q->n);
    if (!nothing)
        assert_true(again.dual - again.primal <= tol * again.dual * (1 + 1e-3));
    free(W), free(G);
    support_problem_free(&p);
}

static const struct problem suite[] = {
    {GAUSSIAN, 72, 16, 0},        {GAUSSIAN, 72, 16, 1}, {GAUSSIAN, 72, 16, 2}, {GAUSSIAN, 72, 16, 3},
    {GAUSSIAN, 72, 16, 4},        {GAUSSIAN, 72, 16, 5}, {GAUSSIAN, 72, 16, 6}, {GAUSSIAN, 512, 16, 0},
    {GAUSSIAN, 512, 16, 6},       {GAUSSIAN, 16, 16, 0}, {GAUSSIAN, 17, 17, 0}, {GAUSSIAN, 24, 24, 3},
    {GAUSSIAN, 25, 25, 6},        {GAUSSIAN, 20, 16, 0}, {GAUSSIAN, 32, 27, 0}, {GAUSSIAN, 33, 32, 0},
    {GAUSSIAN, 28, 16, 2},        {GAUSSIAN, 17, 16, 4}, {GAUSSIAN, 24, 16, 6}, {GAUSSIAN, 1, 1, 0},
    {GAUSSIAN, 30, 1, 0},         {GAUSSIAN, 2, 2, 0},   {GAUSSIAN, 3, 2, 0},   {GAUSSIAN, 64, 2, 3},
    {OF_RANK, 72, 16, 1},         {OF_RANK, 72, 16, 2},  {OF_RANK, 72, 16, 8},  {OF_RANK, 24, 16, 1},
    {OF_RANK, 24, 16, 5},         {OF_RANK, 16, 16, 3},  {OF_RANK, 128, 4, 1},  {ZERO_COLUMN_SUM, 128, 10, 0},
    {ZERO_COLUMN_SUM, 40, 30, 0}, {TANGENT, 72, 16, 0},  {TANGENT, 24, 16, 0},  {NEARLY_NORMAL, 72, 16, 0},
    {NEARLY_NORMAL, 24, 16, 0},
};

static void every_kind_of_problem_reaches_the_gap(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof suite / sizeof *suite; i++)
        for (int layout = 0; layout < SUPPORT_LAYOUTS; layout += SUPPORT_F32_ROWS)
            check(&suite[i], 1, (enum support_layout)layout, 100 + i);
}

static void scales_do_not_matter(void **state) {
    (void)state;
    static const double scales[] = {1e-20, 1e-10, 1e10, 1e20};
    for (size_t i = 0; i < sizeof suite / sizeof *suite; i += 3)
        for (size_t s = 0; s < 4; s++)
            check(&suite[i], scales[s], SUPPORT_F64_COLUMNS, 100 + i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_problem_reaches_the_gap),
        cmocka_unit_test(scales_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
