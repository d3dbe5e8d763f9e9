/* The n x n reduction against the full m x n formulas, G scaled to norm 1. */
#include "support.h"

#include "linalg/linalg.h"
#include "muon/finish.h"
#include "muon/reduced.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{1, 1}, {5, 1}, {4, 4}, {9, 7}, {20, 8}, {50, 21}};
enum { shape_count = sizeof shapes / sizeof *shapes };
static const double radius = 0.3;

/* A reduction with its own memory, as solver.c lays it out. */
struct fixture {
    struct support_problem p;
    struct muon_problem *problem;
    struct muon_reduced r;
    double *W, *G; /* m x n, G divided by its norm */
    double *pool;
};

static struct fixture fixture_make(uint64_t seed, size_t m, size_t n) {
    struct fixture f = {.p = support_problem_random(seed, m, n, SUPPORT_F64_ROWS)};
    char reason[160] = "";
    assert_int_equal(muon_problem_create(&f.problem, m, n), TRM_OK);
    assert_int_equal(muon_problem_load(f.problem, &f.p.W, &f.p.G, true, reason, sizeof reason), TRM_OK);
    f.problem->radius = radius;
    f.W = support_read(&f.p.W), f.G = support_read(&f.p.G);
    const double norm = sqrt(support_dot(m * n, f.G, f.G));
    assert_true(fabs(f.problem->scale - norm) < 1e-13 * norm);
    for (size_t i = 0; i < m * n; i++)
        f.G[i] /= norm;
    f.pool = support_zeros(10 * n * n + 2 * n + lin_eig_work(n));
    double *next = f.pool, **const squares[] = {&f.r.X,      &f.r.M, &f.r.V, &f.r.X_best, &f.r.B_best,
                                                &f.r.C_best, &f.r.B, &f.r.C, &f.r.H,      &f.r.T};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++, next += n * n)
        *squares[i] = next;
    f.r.lambda = next, f.r.sigma = next + n, f.r.eig_work = next + 2 * n;
    f.r.problem = f.problem, f.r.n = n, f.r.k = n, f.r.dual = INFINITY;
    return f;
}

static void fixture_free(struct fixture *f) {
    assert_false(f->r.failed);
    muon_problem_destroy(f->problem);
    support_problem_free(&f->p);
    free(f->W), free(f->G), free(f->pool);
}

/* W B + Gp C by loops, Gp = G - W W'G. */
static double *full(const struct fixture *f, const double *B, const double *C) {
    const size_t m = f->p.m, n = f->p.n;
    double *const S = support_mul_tn(n, m, n, f->W, f->G), *const WS = support_mul(m, n, n, f->W, S);
    double *const Gp = support_copy(f->G, m * n);
    support_add(m * n, Gp, -1, WS);
    double *const A = support_mul(m, n, n, f->W, B), *const GpC = support_mul(m, n, n, Gp, C);
    support_add(m * n, A, 1, GpC);
    free(S), free(WS), free(Gp), free(GpC);
    return A;
}

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
        struct fixture f = fixture_make(s, shapes[s][0], shapes[s][1]);
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
        fixture_free(&f);
    }
}

/* Offered B and C, not skew and of any length: the kept candidate is -(W B + Gp C) on the boundary, tangent,
   and its value is <G, W B + Gp C>. */
static void candidates_are_tangent_and_have_their_full_value(void **state) {
    (void)state;
    struct rng r = support_rng(41);
    for (size_t s = 1; s < shape_count; s++)
        for (size_t k = 1; k <= shapes[s][1]; k += 6) {
            struct fixture f = fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n;
            f.r.k = k;
            double *const B = support_normal(&r, n * n), *const C = support_normal(&r, n * n);
            for (size_t i = 0; i < n; i++) /* a positive value */
                C[i + i * n] += 20;
            support_add(n * n, B, 20, f.problem->Omega);
            muon_reduced_offer_primal(&f.r, B, C);
            double *const A = full(&f, f.r.B_best, f.r.C_best), *const T = support_mul_tn(n, m, n, f.W, A);
            assert_true(f.r.primal > 0);
            assert_true(fabs(support_dot(m * n, f.G, A) - f.r.primal) < 1e-12);
            for (size_t j = 0; j < n; j++)
                for (size_t i = 0; i < n; i++)
                    assert_true(fabs(T[i + j * n] + T[j + i * n]) < 1e-13);
            double *const U = support_copy(A, m * n), *const V = support_copy(A, m * n);
            const double norm = leading(m, n, 1, U), nuclear = leading(m, n, n, V);
            assert_true(fabs(fmax(norm, nuclear / (double)k) - 1) < 1e-12);
            free(B), free(C), free(A), free(T), free(U), free(V);
            fixture_free(&f);
        }
}

/* Their value is that of the step scaled down onto the ball, but B and C stay. */
static void candidates_as_they_are_stay(void **state) {
    (void)state;
    struct rng r = support_rng(42);
    struct fixture f = fixture_make(4, 20, 8);
    for (int longer = 0; longer < 2; longer++) {
        double *const B = support_skew(&r, 8), *const C = support_zeros(64);
        for (size_t i = 0; i < 8; i++)
            C[i + i * 8] = 1;
        for (size_t i = 0; i < 64; i++) /* norm about 1e-3, then about 1e3 */
            B[i] *= longer ? 1e3 : 1e-3, C[i] *= longer ? 1e4 : 1e-3;
        f.r.primal = 0;
        muon_reduced_offer_primal_as_is(&f.r, B, C);
        assert_memory_equal(f.r.B_best, B, 64 * sizeof *B);
        assert_memory_equal(f.r.C_best, C, 64 * sizeof *C);
        double *const A = full(&f, B, C), value = support_dot(160, f.G, A), norm = leading(20, 8, 1, A);
        assert_true(value > 0 && (longer ? norm > 10 : norm < 0.1));
        assert_true(fabs(f.r.primal - value / fmax(1, norm)) < 1e-13);
        free(B), free(C), free(A);
    }
    fixture_free(&f);
}

static void the_best_of_what_is_offered_is_kept(void **state) {
    (void)state;
    struct rng r = support_rng(43);
    struct fixture f = fixture_make(5, 20, 8);
    double best_dual = INFINITY, best_primal = 0;
    assert_true(muon_reduced_gap(&f.r) == 1); /* nothing known */
    for (int round = 0; round < 20; round++) {
        double *const X = support_symmetric(&r, 8), *const B = support_skew(&r, 8),
                      *const C = support_normal(&r, 64);
        for (size_t i = 0; i < 64; i++)
            X[i] *= 0.1, B[i] *= 0.1;
        const double dual = muon_reduced_dual_value(&f.r, X);
        best_dual = fmin(best_dual, dual);
        muon_reduced_offer_dual(&f.r, dual, X);
        muon_reduced_offer_primal(&f.r, B, C);
        assert_true(f.r.dual == best_dual && f.r.primal >= best_primal && f.r.primal < best_dual);
        assert_true(fabs(muon_reduced_dual_value(&f.r, f.r.X_best) - best_dual) < 1e-14);
        best_primal = f.r.primal;
        free(X), free(B), free(C);
    }
    assert_true(best_primal > 0);
    assert_true(fabs(muon_reduced_gap(&f.r) - (best_dual - best_primal) / best_dual) < 1e-15);
    fixture_free(&f);
}

/* The polar step at X' is M = msign(G + W X) in the reduced coordinates. */
static void polar_step_is_the_matrix_sign(void **state) {
    (void)state;
    struct rng r = support_rng(44);
    for (size_t s = 1; s < shape_count; s++) {
        struct fixture f = fixture_make(s, shapes[s][0], shapes[s][1]);
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
                X[i + j * n] += f.problem->Omega[i + j * n];
        double *const Z = full(&f, X, one), *const sign = support_svd_function(m, n, Z, support_one, 1e-9);
        double *const step = full(&f, f.r.B, f.r.C);
        assert_true(support_max_difference(m * n, sign, step) < 1e-9);
        free(X), free(one), free(q), free(Z), free(sign), free(step);
        fixture_free(&f);
    }
}

/* finish: -b (W B + Gp C), A - W sym(W'A), then min(1, b / ||A||_2, k b / ||A||_*). */
static void finish_projects_and_scales(void **state) {
    (void)state;
    struct rng r = support_rng(45);
    for (size_t s = 1; s < shape_count; s++)
        for (int large = 0; large < 2; large++) {
            struct fixture f = fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n, k = n > 3 ? n / 2 : n, wanted = muon_finish_work(m, n);
            double *const B = support_normal(&r, n * n), *const C = support_normal(&r, n * n);
            for (size_t i = 0; i < n * n && !large; i++)
                B[i] *= 1e-3, C[i] *= 1e-3; /* too short to be scaled */
            double *const work = support_zeros(wanted + 1), *const found = support_zeros(m * n);
            work[wanted] = 12345;
            assert_true(muon_finish(f.problem, NULL, B, C, k, true, found, work));
            assert_true(work[wanted] == 12345);
            double *const A = full(&f, B, C);
            support_make_tangent(m, n, f.W, A);
            double *const U = support_copy(A, m * n), *const V = support_copy(A, m * n);
            const double longest = fmax(leading(m, n, 1, U), leading(m, n, n, V) / (double)k);
            for (size_t i = 0; i < m * n; i++)
                A[i] *= -radius / fmax(1, longest);
            assert_true(support_max_difference(m * n, A, found) < 1e-12);
            free(B), free(C), free(work), free(found), free(A), free(U), free(V);
            fixture_free(&f);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dual_value_is_that_of_the_full_problem),
        cmocka_unit_test(candidates_are_tangent_and_have_their_full_value),
        cmocka_unit_test(candidates_as_they_are_stay),
        cmocka_unit_test(the_best_of_what_is_offered_is_kept),
        cmocka_unit_test(polar_step_is_the_matrix_sign),
        cmocka_unit_test(finish_projects_and_scales),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
