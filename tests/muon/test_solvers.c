/* What every solver promises, whatever it finds. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{1, 1}, {5, 1}, {2, 2}, {8, 8}, {9, 7}, {24, 8}, {48, 16}};
enum { shape_count = sizeof shapes / sizeof *shapes };
static const double radius = 0.1;

static size_t rank_bound(int id, size_t n) {
    return id == MUON_SOLVER_frank_wolfe ? (n >= 4 ? n / 4 : 1) : n;
}

static size_t element_size(const struct muon_matrix *a) {
    return a->dtype == MUON_F64 ? sizeof(double) : sizeof(float);
}

static void *copy_data(const struct muon_matrix *a) {
    const size_t size = a->rows * a->cols * element_size(a);
    void *const copy = malloc(size);
    assert_non_null(copy);
    return memcpy(copy, a->data, size);
}

static void answers_are_feasible_and_certified(void **state) {
    (void)state;
    for (int id = 0; id < MUON_LABEL_COUNT; id++)
        for (size_t s = 0; s < shape_count; s++)
            for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
                const size_t n = shapes[s][1];
                struct support_problem p = support_problem_random(s, shapes[s][0], n, layout);
                void *const W = copy_data(&p.W), *const G = copy_data(&p.G);
                const size_t bytes = p.m * n * element_size(&p.W);
                const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
                assert_memory_equal(W, p.W.data, bytes); /* inputs are not written */
                assert_memory_equal(G, p.G.data, bytes);
                assert_true(info.outcome != MUON_failed && info.reason[0] == '\0');
                assert_true(info.norm <= radius * (1 + 1e-6) && info.tangency <= 1e-6);
                assert_true(info.nuclear <= radius * (double)rank_bound(id, n) * (1 + 1e-6));
                assert_true(info.gap >= -1e-6 && info.gap <= 1 && info.gap_full >= -1e-6);
                assert_true(info.iterations <= muon_options_default(id).max_iter && info.seconds >= 0);
                assert_true((info.outcome == MUON_converged) ==
                            (info.gap <= muon_options_default(id).tol && info.outcome != MUON_zero));
                support_check_info(&p, radius, rank_bound(id, n), &info);
                free(W), free(G);
                support_problem_free(&p);
            }
}

static void the_same_input_gives_the_same_bits(void **state) {
    (void)state;
    for (int id = 0; id < MUON_SOLVER_COUNT; id++) {
        struct support_problem p = support_problem_random(1, 24, 8, SUPPORT_F32_WIDE),
                               q = support_problem_random(2, 24, 8, SUPPORT_F32_WIDE);
        struct muon_solver *solver;
        struct muon_info first, second;
        assert_int_equal(muon_solver_create(&solver, muon_solver_name(id), 24, 8, NULL, NULL), TRM_OK);
        assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, radius, NULL, &p.A, p.X, &first), TRM_OK);
        void *const A = copy_data(&p.A);
        double *const X = support_copy(p.X, 64);
        /* Another problem in between: nothing of it may be left. */
        assert_int_equal(muon_solver_solve(solver, &q.W, &q.G, radius, NULL, &q.A, q.X, &second), TRM_OK);
        assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, radius, NULL, &p.A, p.X, &second), TRM_OK);
        assert_memory_equal(A, p.A.data, 24 * 8 * sizeof(float));
        assert_memory_equal(X, p.X, 64 * sizeof *X);
        assert_true(first.gap == second.gap && first.iterations == second.iterations);
        assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, radius, NULL, &p.A, NULL, &second), TRM_OK);
        assert_memory_equal(A, p.A.data, 24 * 8 * sizeof(float)); /* X is not needed */
        muon_solver_destroy(solver);
        free(A), free(X);
        support_problem_free(&p), support_problem_free(&q);
    }
}

/* Where G is scaled by s and the radius by t, X scales by s and A by t; spectral_clip's lr by t / s. */
static void check_scaling(uint64_t seed, int id, double s, double t, double tolerance) {
    struct support_problem p = support_problem_random(seed, 24, 8, SUPPORT_F64_COLUMNS),
                           q = support_problem_random(seed, 24, 8, SUPPORT_F64_COLUMNS);
    for (size_t i = 0; i < 24 * 8; i++)
        ((double *)q.G.data)[i] *= s;
    struct muon_options options = muon_options_default(id);
    const struct muon_info one = support_solve(&p, muon_solver_name(id), &options, radius, NULL);
    options.lr *= t / s;
    const struct muon_info other = support_solve(&q, muon_solver_name(id), &options, radius * t, NULL);
    for (size_t i = 0; i < 24 * 8; i++)
        ((double *)q.A.data)[i] /= t;
    for (size_t i = 0; i < 64; i++)
        q.X[i] /= s;
    assert_true(support_max_difference(24 * 8, p.A.data, q.A.data) <= tolerance * radius);
    assert_true(support_max_difference(64, p.X, q.X) <= tolerance);
    assert_true(fabs(one.gap - other.gap) <= fmax(tolerance, 1e-14));
    assert_int_equal(one.outcome, other.outcome);
    support_problem_free(&p), support_problem_free(&q);
}

static void scale_of_gradient_and_radius_does_not_matter(void **state) {
    (void)state;
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        for (int exponent = -66; exponent <= 66; exponent += 33) { /* to 1e20, exactly */
            check_scaling(3, id, ldexp(1, exponent), 1, 0);
            check_scaling(3, id, 1, ldexp(1, exponent), 0);
        }
        check_scaling(3, id, 1e-20, 1, 1e-7);
        check_scaling(3, id, 1e20, 1, 1e-7);
        check_scaling(3, id, 1e250, 1e-10, 1e-7);
        check_scaling(3, id, 1e-250, 1e10, 1e-7);
    }
}

/* The first iterates have fewer singular values than a candidate keeps: rounding must not choose the rest. */
static void rounding_does_not_steer_frank_wolfe(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++)
        check_scaling(seed, MUON_SOLVER_frank_wolfe, 1e-20, 1, 1e-6);
}

static void a_warm_start_is_used_and_not_worse(void **state) {
    (void)state;
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        const struct muon_options sharp = support_options(1e-8, 200);
        struct support_problem p = support_problem_random(4, 24, 8, SUPPORT_F64_COLUMNS);
        const struct muon_info cold = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
        support_solve(&p, id == MUON_SOLVER_frank_wolfe ? "frank_wolfe" : "quasi_newton", &sharp, radius,
                      NULL);
        const struct muon_info warm =
            support_solve(&p, muon_solver_name(id), NULL, radius, p.X); /* in place */
        const double tol = muon_options_default(id).tol;
        assert_true(warm.dual <= cold.dual * (1 + 1e-12));
        assert_true(warm.gap <= fmax(tol, cold.gap * (1 + 1e-9)));
        if (id == MUON_SOLVER_quasi_newton || id == MUON_SOLVER_dual_ascent)
            assert_true(warm.iterations < cold.iterations);
        support_check_info(&p, radius, rank_bound(id, 8), &warm);
        support_problem_free(&p);
    }
}

static void a_useless_warm_start_is_no_start(void **state) {
    (void)state;
    double useless[3][64];
    for (size_t i = 0; i < 64; i++)
        useless[0][i] = NAN, useless[1][i] = 1e6, useless[2][i] = i == 3 ? INFINITY : 0;
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        struct support_problem p = support_problem_random(5, 24, 8, SUPPORT_F64_COLUMNS);
        support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
        void *const A = copy_data(&p.A);
        for (size_t k = 0; k < 3; k++) {
            support_solve(&p, muon_solver_name(id), NULL, radius, useless[k]);
            assert_memory_equal(A, p.A.data, 24 * 8 * sizeof(double));
        }
        free(A);
        support_problem_free(&p);
    }
}

static void iterations_stop_at_their_limit(void **state) {
    (void)state;
    const int iterative[] = {MUON_SOLVER_dual_ascent, MUON_SOLVER_quasi_newton, MUON_SOLVER_frank_wolfe,
                             MUON_SOLVER_admm};
    const size_t limits[] = {1, 2, 3, 4, 5, 6};
    for (size_t k = 0; k < 4; k++) {
        double before = 1;
        for (size_t l = 0; l < 6; l++) {
            struct muon_options options = muon_options_default(iterative[k]);
            options.max_iter = limits[l], options.tol = 1e-12;
            struct support_problem p = support_problem_random(6, 24, 8, SUPPORT_F64_COLUMNS);
            const struct muon_info info =
                support_solve(&p, muon_solver_name(iterative[k]), &options, radius, NULL);
            assert_int_equal(info.iterations, limits[l]);
            assert_int_equal(info.outcome, MUON_max_iter);
            assert_true(info.gap < 1); /* also one iteration makes a step */
            if (limits[l] > 4)         /* the best is kept; before, not every iteration makes a candidate */
                assert_true(info.gap <= before * (1 + 1e-9));
            before = info.gap;
            support_problem_free(&p);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_feasible_and_certified),
        cmocka_unit_test(the_same_input_gives_the_same_bits),
        cmocka_unit_test(scale_of_gradient_and_radius_does_not_matter),
        cmocka_unit_test(rounding_does_not_steer_frank_wolfe),
        cmocka_unit_test(a_warm_start_is_used_and_not_worse),
        cmocka_unit_test(a_useless_warm_start_is_no_start),
        cmocka_unit_test(iterations_stop_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
