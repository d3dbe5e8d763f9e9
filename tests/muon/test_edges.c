/* Shapes and gradients at the edge of what is allowed. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double radius = 0.25;

/* Solves with every label and checks that the answer is A = 0 with no gap. */
static void expect_zero(struct support_problem *p) {
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        const struct muon_info info = support_solve(p, muon_solver_name(id), NULL, radius, NULL);
        assert_int_equal(info.outcome, MUON_zero);
        assert_true(info.gap == 0 && info.gap_full == 0 && info.norm < 1e-14 && info.rank == 0);
        for (size_t j = 0; j < p->n; j++)
            for (size_t i = 0; i < p->m; i++)
                assert_true(support_at(&p->A, i, j) == 0);
        const struct support_numbers again = support_recompute(p, radius, p->n);
        double *const G = support_read(&p->G);
        assert_true(again.dual <= 1e-12 * radius * sqrt(support_dot(p->m * p->n, G, G)) * (double)p->n);
        free(G);
    }
}

static void no_gradient_no_step(void **state) {
    (void)state;
    for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
        struct support_problem p = support_problem_random(1, 9, 4, layout);
        for (size_t j = 0; j < 4; j++)
            for (size_t i = 0; i < 9; i++)
                support_set(&p.G, i, j, 0);
        expect_zero(&p);
        for (size_t i = 0; i < 16; i++)
            assert_true(p.X[i] == 0);
        support_problem_free(&p);
    }
}

static void a_normal_gradient_needs_no_step(void **state) {
    (void)state;
    const size_t shapes[][2] = {{1, 1}, {6, 1}, {5, 5}, {9, 4}};
    for (size_t s = 0; s < 4; s++)
        for (int exponent = -30; exponent <= 30; exponent += 30) {
            const size_t m = shapes[s][0], n = shapes[s][1];
            struct rng r = support_rng(s);
            double *const W = support_orthonormal(&r, m, n, NULL, 0), *const X = support_symmetric(&r, n);
            double *const G = support_mul(m, n, n, W, X);
            for (size_t i = 0; i < m * n; i++)
                G[i] *= pow(10, exponent);
            struct support_problem p = support_problem_from(m, n, W, G, SUPPORT_F64_COLUMNS);
            expect_zero(&p);
            free(W), free(X), free(G);
            support_problem_free(&p);
        }
}

/* n = 1: A is normal to W, so A = -b g / |g| with g = G - W W'G; spectral_clip -min(lr |g|, b) g / |g|. */
static void one_column_has_a_closed_form(void **state) {
    (void)state;
    for (size_t m = 2; m <= 40; m += 19)
        for (int scaled = 0; scaled < 2; scaled++)
            for (int id = 0; id < MUON_LABEL_COUNT; id++) {
                struct support_problem p = support_problem_random(m, m, 1, SUPPORT_F64_COLUMNS);
                double *const G = p.G.data, *const W = p.W.data;
                for (size_t i = 0; i < m; i++)
                    G[i] *= scaled ? 100 : 0.01; /* beyond and below the clip */
                support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
                double *const g = support_copy(G, m), normal = support_dot(m, W, G);
                support_add(m, g, -normal, W);
                const double length = sqrt(support_dot(m, g, g));
                const double step = id == MUON_SOLVER_spectral_clip ? fmin(0.1 * length, radius) : radius;
                for (size_t i = 0; i < m; i++)
                    g[i] *= -step / length;
                assert_true(support_max_difference(m, g, p.A.data) < 1e-12);
                assert_true(fabs(p.X[0] + normal) < 1e-9 * fabs(normal) + 1e-12);
                free(g);
                support_problem_free(&p);
            }
}

/* m = n: A = -b W msign(Omega) at X' = 0; for odd n Omega is singular. */
static void a_square_weight(void **state) {
    (void)state;
    for (size_t n = 2; n <= 17; n += 5)
        for (int id = 0; id < MUON_LABEL_COUNT; id++) {
            struct support_problem p = support_problem_random(n, n, n, SUPPORT_F64_COLUMNS);
            double *const S = support_mul_tn(n, n, n, p.W.data, p.G.data), *const Omega =
                                                                               support_copy(S, n * n);
            for (size_t j = 0; j < n; j++)
                for (size_t i = 0; i < n; i++)
                    Omega[i + j * n] = 0.5 * (S[i + j * n] - S[j + i * n]);
            double *const sign = support_svd_function(n, n, Omega, support_one, 1e-9);
            const double optimum = radius * support_dot(n * n, Omega, sign);
            struct muon_options options = muon_options_default(id);
            options.rank = n;
            const struct muon_info info = support_solve(&p, muon_solver_name(id), &options, radius, NULL);
            assert_true(info.primal <= optimum * (1 + 1e-12) && info.dual >= optimum * (1 - 1e-12));
            if (id != MUON_SOLVER_spectral_clip)
                assert_true(info.gap <= options.tol);
            if (id == MUON_SOLVER_dual_ascent) { /* its first point is the optimum */
                double *const A = support_mul(n, n, n, p.W.data, sign);
                for (size_t i = 0; i < n * n; i++)
                    A[i] *= -radius;
                assert_true(info.iterations <= 4);
                assert_true(support_max_difference(n * n, A, p.A.data) < 1e-6);
                free(A);
            }
            free(S), free(Omega), free(sign);
            support_problem_free(&p);
        }
}

/* G = u v', and G with equal columns: N is singular, (D) not smooth. */
static void gradients_of_low_rank(void **state) {
    (void)state;
    const size_t shapes[][2] = {{5, 2}, {12, 10}, {40, 10}, {128, 10}, {33, 32}};
    for (size_t s = 0; s < 5; s++)
        for (size_t rank = 1; rank <= 2; rank++)
            for (int id = 0; id < MUON_LABEL_COUNT; id++) {
                const size_t m = shapes[s][0], n = shapes[s][1];
                struct rng r = support_rng(s);
                double *const W = support_orthonormal(&r, m, n, NULL, 0),
                              *const u = support_normal(&r, m * rank),
                              *const v = support_normal(&r, rank * n),
                              *const G = support_mul(m, rank, n, u, v);
                struct support_problem p = support_problem_from(m, n, W, G, SUPPORT_F64_COLUMNS);
                const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
                assert_true(info.norm <= radius * (1 + 1e-6) && info.tangency <= 1e-6 && info.primal > 0);
                assert_true(info.gap > -1e-9 && info.gap_full > -1e-9);
                if (id == MUON_SOLVER_quasi_newton && info.gap > 1e-3)
                    fail_msg("%zu x %zu rank %zu: gap %g %s", m, n, rank, info.gap,
                             muon_outcome_name(info.outcome));
                support_check_info(&p, radius, id == MUON_SOLVER_frank_wolfe ? (n >= 4 ? n / 4 : 1) : n,
                                   &info);
                free(W), free(u), free(v), free(G);
                support_problem_free(&p);
            }
}

/* Columns of very different length: condition 1e12. */
static void an_ill_conditioned_gradient(void **state) {
    (void)state;
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        struct support_problem p = support_problem_random(8, 40, 10, SUPPORT_F64_COLUMNS);
        for (size_t j = 0; j < 10; j++)
            for (size_t i = 0; i < 40; i++)
                ((double *)p.G.data)[i + j * 40] *= pow(10, -1.3 * (double)j);
        const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
        assert_true(info.norm <= radius * (1 + 1e-6) && info.tangency <= 1e-6);
        assert_true(info.gap > -1e-9 && (id != MUON_SOLVER_quasi_newton || info.gap < 1e-3));
        support_problem_free(&p);
    }
}

/* A float W off by 5e-4 in ||W'W - I||_F / sqrt(n), which is still allowed. */
static void a_weight_that_is_nearly_orthonormal(void **state) {
    (void)state;
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        struct support_problem p = support_problem_random(9, 24, 8, SUPPORT_F32_ROWS);
        for (size_t i = 0; i < 24 * 8; i++)
            ((float *)p.W.data)[i] *= 1.00025f;
        const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
        assert_true(info.norm <= radius * (1 + 1e-6) && info.tangency <= 1e-6);
        support_check_info(&p, radius, id == MUON_SOLVER_frank_wolfe ? 2 : 8, &info);
        support_problem_free(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_gradient_no_step),
        cmocka_unit_test(a_normal_gradient_needs_no_step),
        cmocka_unit_test(one_column_has_a_closed_form),
        cmocka_unit_test(a_square_weight),
        cmocka_unit_test(gradients_of_low_rank),
        cmocka_unit_test(an_ill_conditioned_gradient),
        cmocka_unit_test(a_weight_that_is_nearly_orthonormal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
