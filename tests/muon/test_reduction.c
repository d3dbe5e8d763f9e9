/* The n x n reduction against the full m x n formulas, G scaled to norm 1. */
#include "support_reduced.h"

#include "linalg/linalg.h"
#include "muon/primal_step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{1, 1}, {5, 1}, {4, 4}, {9, 7}, {20, 8}, {50, 21}};
enum { shape_count = sizeof shapes / sizeof *shapes };
static const double radius = SUPPORT_RADIUS;

/* Sum of the k largest singular values; destroys A. */
static double leading(size_t m, size_t n, size_t k, double *A) {
    double *const sigma = support_zeros(n), sum = 0;
    support_svd(m, n, A, sigma, NULL);
    for (size_t i = 0; i < k; i++)
        sum += sigma[i];
    free(sigma);
    return sum;
}

static void dual_value_is_that_of_the_full_problem(void **state) {
    (void)state;
    struct rng r = support_rng(40);
    for (size_t s = 0; s < shape_count; s++) {
        struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
        const size_t m = f.p.m, n = f.p.n;
        double *const X = support_symmetric(&r, n); /* X' */
        double *const S = support_mul_tn(n, m, n, f.W, f.G), *const full_X = support_copy(X, n * n);
        for (size_t j = 0; j < n; j++) /* X = X' - sym(S) */
            for (size_t i = 0; i < n; i++)
                full_X[i + j * n] -= 0.5 * (S[i + j * n] + S[j + i * n]);
        for (size_t k = 1; k <= n; k += 3) {
            double *const Z = support_mul(m, n, n, f.W, full_X);
            support_add(m * n, Z, 1, f.G);
            f.r.k = k;
            const double expected = leading(m, n, k, Z);
            assert_true(fabs(muon_reduced_dual_value(&f.r, X) - expected) < 1e-12 * expected);
            if (k == n)
                assert_true(fabs(muon_reduced_decompose(&f.r, X) - expected) < 1e-12 * expected);
            free(Z);
        }
        free(X), free(S), free(full_X);
        support_fixture_free(&f);
    }
}

/* Any B and C, not skew and of any length: the kept candidate is -(W B + Gp C) on the boundary, tangent,
   and its value is <G, W B + Gp C>. */
static void candidates_are_tangent_and_have_their_full_value(void **state) {
    (void)state;
    struct rng r = support_rng(41);
    for (size_t s = 1; s < shape_count; s++)
        for (size_t k = 1; k <= shapes[s][1]; k += 6) {
            struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n;
            f.r.k = k;
            double *const B = support_normal(&r, n * n), *const C = support_normal(&r, n * n);
            for (size_t i = 0; i < n; i++) /* a positive value */
                C[i + i * n] += 20;
            support_add(n * n, B, 20, f.problem->reduction.Omega);
            muon_reduced_update_primal(&f.r, B, C);
            double *const A = support_full(&f, f.r.B_best, f.r.C_best), *const T =
                                                                            support_mul_tn(n, m, n, f.W, A);
            assert_true(f.r.primal > 0);
            assert_true(fabs(support_dot(m * n, f.G, A) - f.r.primal) < 1e-12);
            for (size_t j = 0; j < n; j++)
                for (size_t i = 0; i < n; i++)
                    assert_true(fabs(T[i + j * n] + T[j + i * n]) < 1e-13);
            double *const U = support_copy(A, m * n), *const V = support_copy(A, m * n);
            const double norm = leading(m, n, 1, U), nuclear = leading(m, n, n, V);
            assert_true(fabs(fmax(norm, nuclear / (double)k) - 1) < 1e-12);
            free(B), free(C), free(A), free(T), free(U), free(V);
            support_fixture_free(&f);
        }
}

/* Their value is that of the step scaled down onto the ball, but B and C stay. */
static void candidates_as_they_are_stay(void **state) {
    (void)state;
    struct rng r = support_rng(42);
    struct support_fixture f = support_fixture_make(4, 20, 8);
    for (int longer = 0; longer < 2; longer++) {
        double *const B = support_skew(&r, 8), *const C = support_zeros(64);
        for (size_t i = 0; i < 8; i++)
            C[i + i * 8] = 1;
        for (size_t i = 0; i < 64; i++) /* norm about 1e-3, then about 1e3 */
            B[i] *= longer ? 1e3 : 1e-3, C[i] *= longer ? 1e4 : 1e-3;
        f.r.primal = 0;
        muon_reduced_update_primal_unscaled(&f.r, B, C);
        assert_memory_equal(f.r.B_best, B, 64 * sizeof *B);
        assert_memory_equal(f.r.C_best, C, 64 * sizeof *C);
        double *const A = support_full(&f, B, C), value = support_dot(160, f.G, A),
                      norm = leading(20, 8, 1, A);
        assert_true(value > 0 && (longer ? norm > 10 : norm < 0.1));
        assert_true(fabs(f.r.primal - value / fmax(1, norm)) < 1e-13);
        free(B), free(C), free(A);
    }
    support_fixture_free(&f);
}

static void the_best_of_what_is_offered_is_kept(void **state) {
    (void)state;
    struct rng r = support_rng(43);
    struct support_fixture f = support_fixture_make(5, 20, 8);
    double best_dual = INFINITY, best_primal = 0;
    assert_true(muon_reduced_gap(&f.r) == 1); /* nothing known */
    for (int round = 0; round < 20; round++) {
        double *const X = support_symmetric(&r, 8), *const B = support_skew(&r, 8),
                      *const C = support_normal(&r, 64);
        for (size_t i = 0; i < 64; i++)
            X[i] *= 0.1, B[i] *= 0.1;
        const double dual = muon_reduced_dual_value(&f.r, X);
        best_dual = fmin(best_dual, dual);
        muon_reduced_update_dual(&f.r, dual, X);
        muon_reduced_update_primal(&f.r, B, C);
        assert_true(f.r.dual == best_dual && f.r.primal >= best_primal && f.r.primal < best_dual);
        assert_true(fabs(muon_reduced_dual_value(&f.r, f.r.X_best) - best_dual) < 1e-14);
        best_primal = f.r.primal;
        free(X), free(B), free(C);
    }
    assert_true(best_primal > 0);
    assert_true(fabs(muon_reduced_gap(&f.r) - (best_dual - best_primal) / best_dual) < 1e-15);
    support_fixture_free(&f);
}

/* The polar step at X' is M = msign(G + W X) in the reduced coordinates. */
static void polar_step_is_the_matrix_sign(void **state) {
    (void)state;
    struct rng r = support_rng(44);
    for (size_t s = 1; s < shape_count; s++) {
        struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
        const size_t m = f.p.m, n = f.p.n;
        double *const X = support_symmetric(&r, n), *const one = support_zeros(n * n),
                      *const q = support_zeros(n);
        muon_reduced_decompose(&f.r, X);
        muon_reduced_inverse_roots(&f.r, 0, q);
        muon_reduced_polar_step(&f.r, q, f.r.B, f.r.C);
        for (size_t i = 0; i < n; i++)
            one[i + i * n] = 1;
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                X[i + j * n] += f.problem->reduction.Omega[i + j * n];
        double *const Z = support_full(&f, X, one), *const sign =
                                                        support_svd_function(m, n, Z, support_one, 1e-9);
        double *const step = support_full(&f, f.r.B, f.r.C);
        assert_true(support_max_difference(m * n, sign, step) < 1e-9);
        free(X), free(one), free(q), free(Z), free(sign), free(step);
        support_fixture_free(&f);
    }
}

/* The step: -b (W B + Gp C), A - W sym(W'A), then min(1, b / ||A||_2, k b / ||A||_*). */
static void primal_step_projects_and_scales(void **state) {
    (void)state;
    struct rng r = support_rng(45);
    for (size_t s = 1; s < shape_count; s++)
        for (int large = 0; large < 2; large++) {
            struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n, k = n > 3 ? n / 2 : n, wanted = muon_primal_step_work(m, n);
            double *const B = support_normal(&r, n * n), *const C = support_normal(&r, n * n);
            for (size_t i = 0; i < n * n && !large; i++)
                B[i] *= 1e-3, C[i] *= 1e-3; /* too short to be scaled */
            double sigma[40];
            double *const work = support_zeros(wanted + 1), *const found = support_zeros(m * n);
            work[wanted] = 12345;
            assert_true(
                muon_primal_step(f.problem, f.r.reduction, B, C, k, true, radius, found, sigma, work));
            assert_true(work[wanted] == 12345);
            double *const A = support_full(&f, B, C);
            support_make_tangent(m, n, f.W, A);
            double *const U = support_copy(A, m * n), *const V = support_copy(A, m * n);
            for (size_t i = 1; i < n; i++)
                assert_true(sigma[i] <= sigma[i - 1] && sigma[i] >= 0);
            const double longest = fmax(leading(m, n, 1, U), leading(m, n, n, V) / (double)k);
            for (size_t i = 0; i < m * n; i++)
                A[i] *= -radius / fmax(1, longest);
            assert_true(support_max_difference(m * n, A, found) < 1e-12);
            free(B), free(C), free(work), free(found), free(A), free(U), free(V);
            support_fixture_free(&f);
        }
}

/* W is off by 1e-4: with E, d at X' is b ||G + W X||_* of that W, and without it is not. */
static void a_w_that_is_not_orthonormal_is_taken_as_it_is(void **state) {
    (void)state;
    struct rng r = support_rng(46);
    for (size_t s = 3; s < shape_count; s++)
        for (int stacked = 0; stacked < 2; stacked++) {
            struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n;
            char reason[160] = "";
            for (size_t j = 0; j < n; j++)
                for (size_t i = 0; i < m; i++) {
                    f.W[i + j * m] += 1e-4 / sqrt((double)m) * rng_normal(&r);
                    support_set(&f.p.W, i, j, f.W[i + j * m]);
                }
            assert_int_equal(muon_problem_load(f.problem, &f.p.W, &f.p.G, true, reason, sizeof reason),
                             TRM_OK);
            double *const X = support_symmetric(&r, n), *const full_X = support_copy(X, n * n);
            const double wrong = muon_reduced_decompose(&f.r, X);
            struct muon_reduction refined;
            struct muon_pool pool = {0};
            muon_reduction_place(&refined, m, n, &pool);
            pool.memory = support_zeros(pool.used), pool.used = 0;
            muon_reduction_place(&refined, m, n, &pool);
            muon_problem_refine(f.problem, &refined, f.r.T);
            f.r.reduction = &refined;
            if (stacked)
                muon_reduced_stack(&f.r, f.stack);
            for (size_t j = 0; j < n; j++)
                for (size_t i = 0; i < n; i++)
                    full_X[i + j * n] -= 0.5 * (f.r.reduction->S[i + j * n] + f.r.reduction->S[j + i * n]);
            double *const Z = support_mul(m, n, n, f.W, full_X);
            support_add(m * n, Z, 1, f.G);
            double *const A = support_copy(Z, m * n), expected = leading(m, n, n, A);
            assert_true(fabs(muon_reduced_decompose(&f.r, X) - expected) < 1e-7 * expected);
            assert_true(fabs(wrong - expected) > 1e-6 * expected);

            /* and so is the length of a step: W (I - E) B + Gp C with W'A = B */
            double *const B = support_skew(&r, n), *const C = support_normal(&r, n * n);
            double *const EB = support_mul(n, n, n, f.problem->E, B), *const coefficient =
                                                                          support_copy(B, n * n);
            support_add(n * n, coefficient, -1, EB);
            double *const step = support_mul(m, n, n, f.W, coefficient), *const normal = support_mul(
                                                                             m, n, n, f.r.reduction->Gp, C);
            support_add(m * n, step, 1, normal);
            muon_reduced_step_spectrum(&f.r, B, C);
            const double length = leading(m, n, 1, step);
            assert_true(fabs(f.r.sigma[n - 1] - length) < 1e-7 * length);
            free(X), free(full_X), free(Z), free(A), free(B), free(C), free(EB), free(coefficient),
                free(step);
            free(normal), free(pool.memory);
            support_fixture_free(&f);
        }
}

/* Stacked or not: the same point, the same length of a step; where G + W X has singular values of 1e-12, only the
   stacked one sees them. */
static void a_stacked_reduction_keeps_small_singular_values(void **state) {
    (void)state;
    struct rng r = support_rng(47);
    struct support_fixture f = support_fixture_make(4, 20, 8);
    double *const X = support_symmetric(&r, 8), *const B = support_skew(&r, 8),
                  *const C = support_normal(&r, 64);
    double lambda[8], sigma[8];
    muon_reduced_decompose(&f.r, X);
    memcpy(lambda, f.r.lambda, sizeof lambda);
    muon_reduced_step_spectrum(&f.r, B, C);
    memcpy(sigma, f.r.sigma, sizeof sigma);
    muon_reduced_stack(&f.r, f.stack);
    muon_reduced_decompose(&f.r, X);
    assert_true(support_max_difference(8, lambda, f.r.lambda) < 1e-13 * lambda[7]);
    muon_reduced_step_spectrum(&f.r, B, C);
    assert_true(support_max_difference(8, sigma, f.r.sigma) < 1e-12 * sigma[7]);
    /* Gp of rank 1 up to 1e-12, nothing along W */
    const size_t m = 20;
    double *const Gp = f.r.reduction->Gp;
    for (size_t j = 1; j < 8; j++)
        for (size_t i = 0; i < m; i++)
            Gp[i + j * m] = 1e-12 * Gp[i + j * m] + Gp[i];
    memset(f.problem->reduction.Omega, 0, 64 * sizeof *X);
    memset(X, 0, 64 * sizeof *X);
    muon_reduced_stack(&f.r, f.stack);
    muon_reduced_decompose(&f.r, X);
    double *const A = support_copy(Gp, m * 8), exact[8];
    support_svd(m, 8, A, exact, NULL);
    for (size_t i = 0; i < 7; i++)
        assert_true(fabs(sqrt(f.r.lambda[6 - i]) / exact[i + 1] - 1) < 1e-2);
    free(X), free(B), free(C), free(A);
    support_fixture_free(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dual_value_is_that_of_the_full_problem),
        cmocka_unit_test(candidates_are_tangent_and_have_their_full_value),
        cmocka_unit_test(candidates_as_they_are_stay),
        cmocka_unit_test(the_best_of_what_is_offered_is_kept),
        cmocka_unit_test(polar_step_is_the_matrix_sign),
        cmocka_unit_test(primal_step_projects_and_scales),
        cmocka_unit_test(a_w_that_is_not_orthonormal_is_taken_as_it_is),
        cmocka_unit_test(a_stacked_reduction_keeps_small_singular_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
