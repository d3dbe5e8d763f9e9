/* What is refused: with which status and words, and that nothing was touched. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { m = 12, n = 4 };

/* Solves p with every solver from list and expects this status, a reason that has these words, and A and X as
   they were. */
static void refused_by(int first, int last, struct support_problem *p, double radius, enum trm_status status,
                       const char *words) {
    for (int id = first; id <= last; id++) {
        struct muon_solver *solver;
        struct muon_info info;
        memset(&info, 0x5a, sizeof info);
        double *const A = support_read(&p->A), *const X = support_copy(p->X, n * n);
        assert_int_equal(muon_solver_create(&solver, muon_solver_name(id), m, n, NULL, NULL), TRM_OK);
        assert_int_equal(muon_solver_solve(solver, &p->W, &p->G, radius, NULL, &p->A, p->X, &info), status);
        assert_int_equal(info.outcome, MUON_failed);
        if (strstr(info.reason, words) == NULL)
            fail_msg("'%s' does not say '%s'", info.reason, words);
        double *const A_now = support_read(&p->A);
        assert_memory_equal(A, A_now, p->A.rows * p->A.cols * sizeof *A);
        assert_memory_equal(X, p->X, n * n * sizeof *X);
        muon_solver_destroy(solver);
        free(A), free(A_now), free(X);
    }
    support_problem_free(p);
}

static void refused(struct support_problem *p, double radius, enum trm_status status, const char *words) {
    refused_by(0, MUON_SOLVER_COUNT - 1, p, radius, status, words);
}

static void numbers_that_are_not_finite(void **state) {
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
            struct support_problem p = support_problem_random(1, m, n, layout);
            support_set(&p.G, m - 1, n - 1, bad[k]);
            refused(&p, 0.1, TRM_NOT_FINITE, "G holds NaN or infinity");
            p = support_problem_random(1, m, n, layout);
            support_set(&p.W, 0, 2, bad[k]);
            refused(&p, 0.1, TRM_NOT_FINITE, "W holds NaN or infinity");
        }
    struct support_problem p = support_problem_random(1, m, n, SUPPORT_F64_COLUMNS);
    for (size_t i = 0; i < m; i++)
        support_set(&p.G, i, 0, 1.7e308);
    refused(&p, 0.1, TRM_NOT_FINITE, "G overflows");
}

static void a_weight_off_the_manifold(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(2, m, n, SUPPORT_F32_ROWS);
    for (size_t i = 0; i < m * n; i++)
        ((float *)p.W.data)[i] *= 1.001f; /* ||W'W - I||_F / sqrt(n) = 2e-3 */
    refused_by(0, MUON_SOLVER_msign_tangent, &p, 0.1, TRM_NOT_ORTHONORMAL, "not orthonormal");
    p = support_problem_random(2, m, n, SUPPORT_F64_ROWS);
    memset(p.W.data, 0, m * n * sizeof(double));
    refused_by(0, MUON_SOLVER_msign_tangent, &p, 0.1, TRM_NOT_ORTHONORMAL, "allowed 1e-3");
}

static void radii_that_are_none(void **state) {
    (void)state;
    const double bad[] = {0, -0.0, -0.1, NAN, INFINITY, -INFINITY, 2e100};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        struct support_problem p = support_problem_random(3, m, n, SUPPORT_F64_ROWS);
        refused(&p, bad[k], TRM_INVALID, "radius must be positive");
    }
}

static void shapes_that_do_not_fit(void **state) {
    (void)state;
    for (int k = 0; k < 6; k++) {
        struct support_problem p = support_problem_random(4, m, n, SUPPORT_F64_ROWS);
        struct muon_matrix *const changed[] = {&p.W, &p.G, &p.A};
        size_t *const side = k % 2 ? &changed[k / 2]->rows : &changed[k / 2]->cols;
        *side -= 1;
        struct muon_solver *solver;
        struct muon_info info;
        double *const X = support_copy(p.X, n * n);
        assert_int_equal(muon_solver_create(&solver, "admm", m, n, NULL, NULL), TRM_OK);
        assert_int_equal(muon_solver_solve(solver, &p.W, &p.G, 0.1, NULL, &p.A, p.X, &info), TRM_SHAPE);
        assert_true(info.outcome == MUON_failed && info.reason[0] != '\0');
        *side += 1;
        assert_memory_equal(X, p.X, n * n * sizeof *X);
        for (size_t i = 0; i < m * n; i++)
            assert_true(((double *)p.A.data)[i] == 1e10);
        muon_solver_destroy(solver);
        free(X);
        support_problem_free(&p);
    }
}

static void sizes_of_a_solver(void **state) {
    (void)state;
    const size_t bad[][2] = {
        {0, 0}, {4, 0}, {0, 4}, {3, 4}, {SIZE_MAX, 1}, {SIZE_MAX / 8, 16}, {1 << 20, 1 << 12}};
    for (int id = 0; id < MUON_SOLVER_COUNT; id++)
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            struct muon_solver *solver = (void *)&solver;
            struct trm_error error = {.text = ""};
            assert_int_equal(
                muon_solver_create(&solver, muon_solver_name(id), bad[k][0], bad[k][1], NULL, &error),
                TRM_SHAPE);
            assert_null(solver);
            assert_non_null(strstr(error.text, "rows must be at least columns"));
        }
    muon_solver_destroy(NULL);
}

static void options_out_of_range(void **state) {
    (void)state;
    const struct muon_options good = muon_options_default(MUON_SOLVER_admm);
    assert_null(muon_options_check(&good, 4));
    struct muon_options o[12];
    for (size_t k = 0; k < 12; k++)
        o[k] = good;
    o[0].tol = 0, o[1].tol = 1, o[2].tol = -1e-3, o[3].tol = NAN, o[4].max_iter = 0, o[5].max_iter = 1000001;
    o[6].max_iter = SIZE_MAX - 2, o[7].rank = 5, o[8].lr = 0, o[9].lr = -1, o[10].lr = NAN,
    o[11].lr = INFINITY;
    for (size_t k = 0; k < 12; k++) {
        struct muon_solver *solver = (void *)o;
        struct trm_error error = {.text = ""};
        const char *const reason = muon_options_check(&o[k], 4);
        assert_non_null(reason);
        const char *const field = k < 4 ? "tol" : k < 7 ? "max_iter" : k < 8 ? "rank" : "lr";
        assert_non_null(strstr(reason, field));
        assert_int_equal(muon_solver_create(&solver, "admm", 8, 4, &o[k], &error), TRM_INVALID);
        assert_null(solver);
        assert_non_null(strstr(error.text, reason));
    }
    o[7].rank = 4, o[4].max_iter = 1000000;
    assert_null(muon_options_check(&o[7], 4));
    assert_null(muon_options_check(&o[4], 4));
}

static void an_unknown_name_is_answered_with_the_names(void **state) {
    (void)state;
    const char *const unknown[] = {"newton", "", "ADMM", "admm ", NULL};
    for (size_t k = 0; k < 5; k++) {
        struct muon_solver *solver = (void *)&solver;
        struct trm_error error = {.text = ""};
        assert_int_equal(muon_solver_find(unknown[k]), -1);
        assert_int_equal(muon_solver_create(&solver, unknown[k], 8, 4, NULL, &error), TRM_NOT_FOUND);
        assert_null(solver);
        for (int id = 0; id < MUON_SOLVER_COUNT; id++)
            assert_non_null(strstr(error.text, muon_solver_name(id)));
        assert_int_equal(muon_solver_create(&solver, unknown[k], 8, 4, NULL, NULL), TRM_NOT_FOUND);
    }
}

/* Stored in files and in models: names and their order are fixed. */
static void labels_keep_their_order(void **state) {
    (void)state;
    const char *const names[] = {"spectral_clip", "dual_ascent",   "quasi_newton", "frank_wolfe",
                                 "admm",          "msign_tangent", "muon"};
    const double tol[] = {1e-2, 1e-2, 1e-4, 5e-2, 1e-2};
    const size_t max_iter[] = {1, 100, 100, 20, 50};
    assert_int_equal(MUON_SOLVER_COUNT, 7);
    for (int id = 0; id < MUON_SOLVER_COUNT; id++) {
        assert_string_equal(muon_solver_name(id), names[id]);
        assert_int_equal(muon_solver_find(names[id]), id);
        assert_non_null(muon_solver_summary(id));
    }
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        assert_true(muon_options_default(id).tol == tol[id] && muon_options_default(id).lr == 0.1);
        assert_int_equal(muon_options_default(id).max_iter, max_iter[id]);
        assert_int_equal(muon_options_default(id).rank, 0);
    }
    assert_null(muon_solver_name(-1));
    assert_null(muon_solver_name(MUON_SOLVER_COUNT));
    assert_null(muon_solver_summary(99));
    assert_string_equal(muon_outcome_name(MUON_converged), "converged");
    assert_string_equal(muon_outcome_name(MUON_max_iter), "max_iter");
    assert_string_equal(muon_outcome_name(MUON_stalled), "stalled");
    assert_string_equal(muon_outcome_name(MUON_zero), "zero");
    assert_string_equal(muon_outcome_name((enum muon_outcome)77), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_that_are_not_finite),
        cmocka_unit_test(a_weight_off_the_manifold),
        cmocka_unit_test(radii_that_are_none),
        cmocka_unit_test(shapes_that_do_not_fit),
        cmocka_unit_test(sizes_of_a_solver),
        cmocka_unit_test(options_out_of_range),
        cmocka_unit_test(an_unknown_name_is_answered_with_the_names),
        cmocka_unit_test(labels_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
