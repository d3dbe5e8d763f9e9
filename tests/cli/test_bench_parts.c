/* What the benches are made of: lists, generated problems, and the search for the time to a gap. */
#include "cli/support.h"

#include "cli/bench/random_problem.h"
#include "cli/bench/request.h"
#include "cli/bench/time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_lists(void **state) {
    static const char *const bad[] = {"",  "x", "1e-2,1e-1", "1e-1,1e-1", "1e-1,",    ",1e-1", "1e-1,,1e-2",
                                      "0", "1", "-0.5",      "0.1 ,0.01", "0.1;0.01", "nan"};
    static const char *const bad_counts[] = {"", "1", "9,8", "8,8", "8,", "8.5", "8193", "-4"};
    const char *const long_list = ".9,.8,.7,.6,.5,.4,.3,.2,.1,.09,.08,.07,.06,.05,.04,.03";
    double values[BENCH_LIST_MAX];
    size_t counts[BENCH_LIST_MAX];
    char longer[128];
    (void)state;
    assert_int_equal(bench_list_reals("1e-1,0.01,2.5e-3", "(0, 1)", false, values), 3);
    assert_true(values[0] == 1e-1 && values[1] == 0.01 && values[2] == 2.5e-3);
    assert_int_equal(bench_list_reals("0.1,0.5", "(0, 1)", true, values), 2);
    assert_int_equal(bench_list_reals("0.5,0.1", "(0, 1)", true, values), 0);
    assert_int_equal(bench_list_reals(long_list, "(0, 1)", false, values), BENCH_LIST_MAX);
    snprintf(longer, sizeof longer, "%s,.02", long_list);
    assert_int_equal(bench_list_reals(longer, "(0, 1)", false, values), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(bench_list_reals(bad[i], "(0, 1)", false, values), 0);
    assert_int_equal(bench_list_counts("2,64,8192", "[2, 8192]", counts), 3);
    assert_true(counts[0] == 2 && counts[1] == 64 && counts[2] == 8192);
    for (size_t i = 0; i < sizeof bad_counts / sizeof *bad_counts; i++)
        assert_int_equal(bench_list_counts(bad_counts[i], "[2, 8192]", counts), 0);
}

enum { M = 60, N = 12 };

/* W'W = I, G of variance 1, the same numbers for the same seed only. */
static void test_random_problem(void **state) {
    double *W, *G, *W2, *G2, worst = 0, square = 0;
    (void)state;
    assert_int_equal(random_problem(M, N, 1, &W, &G, NULL), TRM_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double dot = 0;
            for (size_t k = 0; k < M; k++)
                dot += W[i * M + k] * W[j * M + k];
            worst = fmax(worst, fabs(dot - (i == j ? 1.0 : 0.0)));
        }
    for (size_t i = 0; i < M * N; i++)
        square += G[i] * G[i] / (M * N);
    assert_true(worst < 1e-13);
    assert_true(fabs(square - 1.0) < 0.3);
    assert_int_equal(random_problem(M, N, 1, &W2, &G2, NULL), TRM_OK);
    assert_memory_equal(W, W2, M * N * sizeof *W);
    assert_memory_equal(G, G2, M * N * sizeof *G);
    free(W2), free(G2);
    assert_int_equal(random_problem(M, N, 2, &W2, &G2, NULL), TRM_OK);
    assert_memory_not_equal(G, G2, M * N * sizeof *G);
    free(W), free(G), free(W2), free(G2);
}

static enum trm_status time_it(int solver, size_t max_iter, bool damaged, const double *tolerances,
                               size_t count, struct bench_time *times, struct trm_error *error) {
    double *W, *G, A[M * N];
    assert_int_equal(random_problem(M, N, 3, &W, &G, NULL), TRM_OK);
    if (damaged)
        W[0] = NAN;
    const struct bench_problem problem = {
        "made", {W, MUON_F64, M, N, 1, M}, {G, MUON_F64, M, N, 1, M}, {A, MUON_F64, M, N, 1, M}};
    const struct bench_limits limits = {.radius = 0.1, .max_iter = max_iter, .repeats = 2, .seconds = 60};
    const enum trm_status status =
        bench_time_solver(&problem, solver, &limits, tolerances, count, times, error);
    free(W), free(G);
    return status;
}

static void test_time(void **state) {
    const double tolerances[] = {1e-1, 1e-3, 1e-5};
    struct bench_time times[3];
    (void)state;
    assert_int_equal(time_it(MUON_SOLVER_quasi_newton, 2000, false, tolerances, 3, times, NULL), TRM_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_true(times[i].reached && times[i].gap <= tolerances[i]);
        assert_true(times[i].ms > 0 && times[i].iterations > 0);
        assert_true(i == 0 || times[i].ms >= times[i - 1].ms);
    }
}

/* Budgets grow beyond the first one, up to the limit and no further. */
static void test_budgets(void **state) {
    const double tolerances[] = {1e-12, 1e-13};
    struct bench_time times[2];
    (void)state;
    assert_int_equal(time_it(MUON_SOLVER_dual_ascent, 3, false, tolerances, 2, times, NULL), TRM_OK);
    assert_false(times[0].reached || times[1].reached);
    assert_int_equal(times[0].iterations, 3);
    assert_memory_equal(&times[0], &times[1], sizeof times[0]);
    assert_int_equal(time_it(MUON_SOLVER_dual_ascent, 40, false, tolerances, 1, times, NULL), TRM_OK);
    assert_false(times[0].reached);
    assert_true(times[0].iterations > 16 && times[0].iterations <= 40);
}

static void test_failure(void **state) {
    const double tolerance = 0.1;
    struct bench_time time;
    struct trm_error error;
    (void)state;
    assert_int_not_equal(time_it(MUON_SOLVER_admm, 10, true, &tolerance, 1, &time, &error), TRM_OK);
    assert_non_null(strstr(error.text, "made: "));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_random_problem),
                                       cmocka_unit_test(test_time), cmocka_unit_test(test_budgets),
                                       cmocka_unit_test(test_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
