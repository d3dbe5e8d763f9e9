/* Where numbers come near the ends of their range, W is barely orthonormal, or rounding of A could pass for descent. */
#include "support.h"

#include <math.h>
#include <stdlib.h>

/* Squares of such a G are denormal or zero: the certificate must notice and take the singular values themselves. */
static void certificate_holds_for_tiny_and_huge_gradients(void **state) {
    (void)state;
    static const double scales[] = {1e-158, 1e-161, 1e-250, 1e158, 1e250};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        struct support_problem p = support_problem_random(s, 14, 6, SUPPORT_F64_COLUMNS);
        for (size_t j = 0; j < 6; j++)
            for (size_t i = 0; i < 14; i++)
                support_set(&p.G, i, j, scales[s] * support_at(&p.G, i, j));
        const struct muon_info info = support_solve(&p, "quasi_newton", NULL, 0.5, NULL);
        const struct support_numbers again = support_recompute(&p, 0.5, 6);
        assert_true(info.dual > 0 && fabs(again.dual / info.dual - 1) < 1e-9);
        assert_true(fabs(again.primal / info.primal - 1) < 1e-9);
        assert_true(info.gap > -1e-9 && info.gap < 1e-4);
        support_problem_free(&p);
    }
}

static void tiny_steps_keep_their_length(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(1, 14, 6, SUPPORT_F64_COLUMNS);
    const struct muon_info info = support_solve(&p, "quasi_newton", NULL, 1e-200, NULL);
    assert_true(fabs(info.norm / 1e-200 - 1) < 1e-9);
    assert_true(info.frobenius >= info.norm && info.frobenius <= sqrt(6) * info.norm * (1 + 1e-9));
    support_problem_free(&p);
}

/* A float cannot hold such a step, and a double cannot hold such a bound: refused, with a reason, and A left alone. */
static void steps_out_of_range_are_refused(void **state) {
    (void)state;
    static const double radii[] = {1e50, 1e-60};
    struct support_problem p = support_problem_random(2, 14, 6, SUPPORT_F32_ROWS);
    struct muon_solver *solver;
    struct muon_info info;
    assert_int_equal(muon_solver_create(&solver, "quasi_newton", 14, 6, NULL, NULL), TRM_OK);
    for (size_t i = 0; i < 2; i++) {
        support_set(&p.A, 3, 2, 7);
        assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, radii[i], NULL, &p.A, p.X, &info),
                         TRM_INVALID);
        assert_true(info.reason[0] != '\0' && support_at(&p.A, 3, 2) == 7);
    }
    support_problem_free(&p);
    p = support_problem_random(2, 14, 6, SUPPORT_F64_COLUMNS);
    for (size_t j = 0; j < 6; j++)
        for (size_t i = 0; i < 14; i++)
            support_set(&p.G, i, j, 1e300 * support_at(&p.G, i, j));
    assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, 1e100, NULL, &p.A, p.X, &info), TRM_NUMERIC);
    muon_solver_destroy(solver);
    support_problem_free(&p);
}

/* G = Gamma + t W sym: rounding A to float leaves it tangent to 1e-7 only, which the large normal part turns into
   descent that no tangent step has. `converged` must not rest on it. */
static void rounding_does_not_pass_for_descent(void **state) {
    (void)state;
    const size_t m = 40, n = 12;
    for (uint64_t seed = 0; seed < 12; seed++) {
        const char *const name = seed % 2 == 0 ? "quasi_newton" : "dual_ascent";
        const double tol = muon_options_default(muon_solver_find(name)).tol,
                     normal_part = seed < 6 ? 3e4 : 1e6;
        struct support_problem p = support_problem_random(seed, m, n, SUPPORT_F32_ROWS);
        struct rng r = support_rng(seed + 100);
        double *const W = support_read(&p.W), *const symmetric = support_symmetric(&r, n);
        double *const normal = support_mul(m, n, n, W, symmetric);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < m; i++)
                support_set(&p.G, i, j, support_at(&p.G, i, j) + normal_part * normal[i + j * m]);
        const struct muon_info info = support_solve(&p, name, NULL, 0.1, NULL);
        /* the same step, made tangent, and scaled back into the ball */
        double *const A = support_read(&p.A), *const G = support_read(&p.G), *const sigma = support_zeros(n);
        for (int pass = 0; pass < 3; pass++)
            support_make_tangent(m, n, W, A);
        const double primal = -support_dot(m * n, G, A);
        support_svd(m, n, A, sigma, NULL);
        const double gap = (info.dual - primal * fmin(1, 0.1 / sigma[0])) / info.dual;
        assert_true(fabs(info.gap_tangent - gap) < 1e-2 * tol);
        if (info.outcome == MUON_converged)
            assert_true(gap <= tol * (1 + 1e-4));
        free(A), free(G), free(sigma), free(W), free(symmetric), free(normal);
        support_problem_free(&p);
    }
}

/* W'W off by 5e-4: one projection is not enough to make A tangent to the W that is stored. */
static void steps_are_tangent_to_a_w_that_is_barely_orthonormal(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(5, 30, 8, SUPPORT_F64_COLUMNS);
    struct rng r = support_rng(6);
    for (size_t j = 0; j < 8; j++)
        for (size_t i = 0; i < 30; i++)
            support_set(&p.W, i, j, support_at(&p.W, i, j) + 5e-5 * rng_normal(&r));
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, 0.1, NULL);
        assert_true(info.tangency < 1e-12);
    }
    support_problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate_holds_for_tiny_and_huge_gradients),
        cmocka_unit_test(tiny_steps_keep_their_length),
        cmocka_unit_test(steps_out_of_range_are_refused),
        cmocka_unit_test(rounding_does_not_pass_for_descent),
        cmocka_unit_test(steps_are_tangent_to_a_w_that_is_barely_orthonormal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
