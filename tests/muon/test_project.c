/* muon_project: the polar factor and the distance to it; what it refuses; which refusals of a solve it mends. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { m = 24, n = 8 };

static double distance_to(const struct muon_matrix *a, const double *U) {
    double *const A = support_read(a);
    support_add(m * n, A, -1, U);
    const double distance = sqrt(support_dot(m * n, A, A) / n);
    free(A);
    return distance;
}

/* W as training in bfloat16 leaves it: every entry rounded to 8 bits. */
static void round_to_bf16(struct muon_matrix *a) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            const float value = (float)support_at(a, i, j);
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            bits = (bits + 0x8000u) & 0xffff0000u;
            float rounded;
            memcpy(&rounded, &bits, sizeof rounded);
            support_set(a, i, j, rounded);
        }
}

static void a_weight_becomes_its_polar_factor(void **state) {
    (void)state;
    for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
        struct support_problem p = support_problem_random(layout, m, n, layout);
        round_to_bf16(&p.W);
        double *const W = support_read(&p.W), *const U = support_svd_function(m, n, W, support_one, 0);
        const double expected = distance_to(&p.W, U);
        double distance = -1;
        struct trm_error error = {.text = ""};
        assert_int_equal(muon_project(&p.W, &distance, &error), TRM_OK);
        assert_true(expected > 1e-4 && fabs(distance - expected) < 1e-10);
        const double rounding = p.W.dtype == MUON_F64 ? 1e-13 : 1e-7;
        assert_true(distance_to(&p.W, U) < rounding);
        assert_int_equal(muon_project(&p.W, &distance, NULL), TRM_OK); /* which is its own */
        assert_true(distance < rounding);
        support_solve(&p, "quasi_newton", NULL, 0.1, NULL);
        free(W), free(U);
        support_problem_free(&p);
    }
}

static void expect_refused(struct muon_matrix *W, enum trm_status status, const char *words) {
    const struct muon_matrix before = *W;
    double *const held = before.data != NULL ? support_read(W) : support_zeros(1);
    struct trm_error error = {.text = ""};
    assert_int_equal(muon_project(W, NULL, &error), status);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
    double *const now = before.data != NULL ? support_read(W) : support_zeros(1);
    assert_memory_equal(held, now, (before.data != NULL ? W->rows * W->cols : 1) * sizeof *held);
    free(held), free(now);
}

static void weights_without_a_polar_factor(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(1, m, n, SUPPORT_F32_ROWS);
    struct muon_matrix wide = p.W, none = p.W;
    wide.rows = 4, none.data = NULL;
    expect_refused(&wide, TRM_SHAPE, "4 x 8");
    expect_refused(&none, TRM_SHAPE, "data");
    for (size_t i = 0; i < m; i++)
        support_set(&p.W, i, 3, support_at(&p.W, i, 5));
    expect_refused(&p.W, TRM_NOT_ORTHONORMAL, "depend on one another");
    support_set(&p.W, 2, 1, NAN);
    expect_refused(&p.W, TRM_NOT_FINITE, "NaN");
    support_problem_free(&p);
}

static void reason_of(const struct support_problem *p, char reason[160]) {
    struct muon_solver *solver;
    struct muon_info info;
    struct muon_matrix A = p->A;
    assert_int_equal(muon_solver_create(&solver, "admm", m, n, NULL, NULL), TRM_OK);
    assert_int_equal(muon_solver_solve(solver, &p->W, &p->G, 0.1, NULL, &A, NULL, &info),
                     TRM_NOT_ORTHONORMAL);
    memcpy(reason, info.reason, 160);
    muon_solver_destroy(solver);
}

/* W'W = s^2 I is told from any other W, and s named. */
static void a_scaled_weight_is_recognised(void **state) {
    (void)state;
    const double scales[] = {0.5, 1.25, 1e-4, 300};
    for (size_t k = 0; k < 4; k++) {
        struct support_problem p = support_problem_random(k, m, n, SUPPORT_F32_WIDE);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < n; j++)
                support_set(&p.W, i, j, scales[k] * support_at(&p.W, i, j));
        char reason[160], words[40];
        reason_of(&p, reason);
        snprintf(words, sizeof words, "s^2 I with s = %g:", scales[k]);
        if (strstr(reason, words) == NULL)
            fail_msg("'%s' does not say '%s'", reason, words);
        double distance;
        assert_int_equal(muon_project(&p.W, &distance, NULL), TRM_OK);
        assert_true(fabs(distance - fabs(scales[k] - 1)) < 1e-5 * (1 + scales[k]));
        support_solve(&p, "quasi_newton", NULL, 0.1, NULL);
        for (size_t i = 0; i < m; i++) /* a little off in its own way, and 2e-4 in scale */
            support_set(&p.W, i, 0, 1.0 + 3e-3), support_set(&p.W, i, 1, 1.0);
        support_set(&p.W, 0, 0, 3); /* not a multiple of any */
        reason_of(&p, reason);
        assert_true(strstr(reason, "s^2") == NULL && strstr(reason, "project") != NULL);
        support_problem_free(&p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_weight_becomes_its_polar_factor),
        cmocka_unit_test(weights_without_a_polar_factor),
        cmocka_unit_test(a_scaled_weight_is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
