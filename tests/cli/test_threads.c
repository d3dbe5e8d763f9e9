/* Fewer threads than were asked for, waiting that is bounded, and a child of a process that used the library. What
   hangs burns processor time, and the limit on that ends it. */
#include "cli/support.h"

#include "muon/muon.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { M = 512, N = 256, SECONDS = 60 };

static int limit_time(void **state) {
    const struct rlimit limit = {SECONDS, SECONDS};
    (void)state;
    return setrlimit(RLIMIT_CPU, &limit);
}

static void test_smaller_team(void **state) {
    static const char *const limits[][2] = {
        {"OMP_THREAD_LIMIT", "1"}, {"OMP_MAX_ACTIVE_LEVELS", "0"}, {"OMP_DYNAMIC", "true"}};
    struct run r;
    put_problem(*state, "in", M, N, ST_F32, 1);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        setenv(limits[i][0], limits[i][1], 1);
        RUN(&r, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", "out", "--force",
            "--threads", "2");
        assert_int_equal(r.exit_status, 0);
        assert_true(i == 2 || strstr(r.err, "2 threads were asked for, OpenMP gives 1") != NULL);
        assert_non_null(strstr(r.err, i < 2 ? ": 1 thread, " : " thread"));
        RUN(&r, *state, "bench", "train-step", "--repeats", "30", "--batch-size", "4", "--json");
        assert_int_equal(r.exit_status, 0);
        assert_true(i == 2 || strstr(r.out, "\"threads\": 1,") != NULL);
        unsetenv(limits[i][0]);
    }
}

/* A task on every processor leaves a single solve one of them, unless it is told how many. */
static void test_other_work(void **state) {
    enum { MOST = 256 };
    pid_t busy[MOST];
    struct run r;
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < 2 || processors > MOST || access("/proc/loadavg", R_OK) != 0)
        skip();
    put_problem(*state, "in", 20, 8, ST_F32, 1);
    for (long i = 0; i < processors; i++)
        if ((busy[i] = fork()) == 0)
            for (volatile unsigned turns = 0;; turns++) /* the limit on processor time ends it */
                ;
    RUN(&r, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", "out");
    const bool said = strstr(r.err, "other work is on the processors: 1 of ") != NULL,
               one = strstr(r.err, ": 1 thread, ") != NULL;
    RUN(&r, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", "out", "--force",
        "--threads", "2");
    for (long i = 0; i < processors; i++) {
        kill(busy[i], SIGKILL);
        waitpid(busy[i], NULL, 0);
    }
    assert_true(said && one);
    assert_non_null(strstr(r.err, ": 2 threads, "));
}

/* libgomp prints what it read. */
static void test_bounded_waiting(void **state) {
    struct run r;
    char *const policy = strdup(getenv("OMP_WAIT_POLICY") != NULL ? getenv("OMP_WAIT_POLICY") : "");
    unsetenv("OMP_WAIT_POLICY");
    setenv("OMP_DISPLAY_ENV", "verbose", 1);
    RUN(&r, *state, "--version");
    assert_non_null(strstr(r.err, "GOMP_SPINCOUNT = '3000'"));
    setenv("GOMP_SPINCOUNT", "12345", 1);
    RUN(&r, *state, "--version");
    assert_non_null(strstr(r.err, "GOMP_SPINCOUNT = '12345'"));
    unsetenv("GOMP_SPINCOUNT");
    unsetenv("OMP_DISPLAY_ENV");
    setenv("OMP_WAIT_POLICY", policy, 1);
    free(policy);
}

static double W[M * N], G[M * N], A[M * N];

static bool solve(struct muon_solver *solver) {
    struct muon_info info;
    const struct muon_matrix w = muon_matrix_transposed_if_wide(W, MUON_F64, M, N),
                             g = muon_matrix_transposed_if_wide(G, MUON_F64, M, N);
    struct muon_matrix a = muon_matrix_transposed_if_wide(A, MUON_F64, M, N);
    return muon_solver_solve(solver, &w, &g, 0.1, NULL, &a, NULL, &info) == TRM_OK;
}

/* Two matrices, so that there is a team to miss. */
static struct muon_sgd *make_sgd(void) {
    static float value[2][64 * 32], grad[2][64 * 32];
    struct muon_parameter parameters[2];
    struct muon_sgd_options options = muon_sgd_options_default();
    struct muon_sgd *sgd;
    options.total_steps = 10;
    for (size_t p = 0; p < 2; p++) {
        for (size_t i = 0; i < 64 * 32; i++)
            value[p][i] = (float)sin((double)(i * i + p)), grad[p][i] = (float)cos((double)(3 * i * i + p));
        parameters[p] = (struct muon_parameter){p == 0 ? "a" : "b", value[p], grad[p], 64 * 32, 64, 32, true};
    }
    assert_int_equal(muon_sgd_create(&sgd, parameters, 2, &options, NULL), TRM_OK);
    assert_int_equal(muon_sgd_project(sgd, NULL), TRM_OK);
    return sgd;
}

static bool update(struct muon_sgd *sgd) {
    return muon_sgd_accumulate(sgd, NULL) == TRM_OK && muon_sgd_update(sgd, 0, NULL) == TRM_OK;
}

/* Runs first: the test's own process then holds the runtime's threads. */
static void test_child_after_use(void **state) {
    struct muon_solver *solver;
    struct muon_sgd *const sgd = make_sgd();
    int status;
    (void)state;
    make_problem(M, N, 1, W, G);
    assert_int_equal(muon_solver_create(&solver, "dual_ascent", M, N, NULL, NULL), TRM_OK);
    assert_true(solve(solver) && update(sgd));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(SECONDS);
        _exit(solve(solver) && update(sgd) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(solve(solver) && update(sgd)); /* the parent has its threads still */
    muon_solver_destroy(solver);
    muon_sgd_destroy(sgd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_child_after_use),
        cmocka_unit_test_setup_teardown(test_smaller_team, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_other_work, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_bounded_waiting, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, limit_time, NULL);
}
