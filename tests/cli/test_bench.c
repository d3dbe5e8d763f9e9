/* bench: the shape of what it prints, not the times. */
#include "cli/support.h"

#include "muon/muon.h"

#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* bench with these words ends with this status and says this word. */
#define REFUSE(state, status, word, ...)                                                                     \
    do {                                                                                                     \
        struct run refused;                                                                                  \
        RUN(&refused, *(state), "bench", __VA_ARGS__);                                                       \
        expect_refusal(&refused, status, word);                                                              \
    } while (0)

/* What every row of bench solvers says. */
static void check_row(const json_t *row, const char *file, size_t m, size_t n, const char *solver,
                      double tol) {
    assert_int_equal(json_object_size(row), 9);
    assert_string_equal(json_string_value(json_object_get(row, "file")), file);
    assert_int_equal(json_integer_value(json_object_get(row, "m")), m);
    assert_int_equal(json_integer_value(json_object_get(row, "n")), n);
    assert_string_equal(json_string_value(json_object_get(row, "solver")), solver);
    assert_true(json_number_value(json_object_get(row, "tol")) == tol);
    assert_true(json_number_value(json_object_get(row, "ms")) > 0);
    assert_true(json_integer_value(json_object_get(row, "iterations")) > 0);
    assert_true(json_is_number(json_object_get(row, "gap")));
    const json_t *const reached = json_object_get(row, "reached");
    assert_true(json_is_boolean(reached));
    if (json_is_true(reached))
        assert_true(json_number_value(json_object_get(row, "gap")) <= tol);
}

static void test_solvers(void **state) {
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F32, 1);
    put_problem(*state, "two", 4, 9, ST_F64, 2);
    RUN(&r, *state, "bench", "solvers", "one", "two", "--json", "--tol", "1e-1,1e-2", "--repeats", "2",
        "--threads", "1", "--max-iter", "50");
    assert_int_equal(r.exit_status, 0);
    json_t *rows = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(rows), 4 * MUON_LABEL_COUNT);
    for (size_t i = 0; i < 4 * MUON_LABEL_COUNT; i++) {
        const bool first = i < 2 * MUON_LABEL_COUNT;
        check_row(json_array_get(rows, i), first ? "one" : "two", first ? 12 : 9, first ? 5 : 4,
                  muon_solver_name((int)(i / 2 % MUON_LABEL_COUNT)), i % 2 == 0 ? 1e-1 : 1e-2);
    }
    const json_t *const quasi_newton = json_array_get(rows, 2 * MUON_SOLVER_quasi_newton);
    assert_true(json_is_true(json_object_get(quasi_newton, "reached")));
    json_decref(rows);
    assert_int_equal(support_entries(*state), 2);
}

/* A gap that is not reached is '-' in the table, with the gap at the end; --solver takes one solver. */
static void test_solvers_table(void **state) {
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F64, 1);
    RUN(&r, *state, "bench", "solvers", "one", "--solver", "dual_ascent", "--tol", "0.5,1e-1,1e-14",
        "--threads", "1", "--max-iter", "2");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "one, 12 x 5: milliseconds (iterations) to a certified gap\n"));
    assert_non_null(strstr(r.out, " 0.5 "));
    assert_non_null(strstr(r.out, " 1e-14 "));
    const char *const row = strstr(r.out, "\ndual_ascent ");
    assert_non_null(row);
    assert_non_null(strstr(row, " - "));
    assert_null(strstr(r.out, "admm"));
}

static void test_solvers_output(void **state) {
    char written[SUPPORT_TEXT];
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F32, 1);
    RUN(&r, *state, "bench", "solvers", "one", "--solver", "admm", "--tol", "1e-1,1e-2", "--threads", "1",
        "--output", "new/pictures", "--json");
    assert_int_equal(r.exit_status, 0);
    get_file(*state, "new/pictures/time_to_gap.json", written, sizeof written);
    assert_string_equal(written, r.out);
    get_file(*state, "new/pictures/time_to_gap.png", written, sizeof written);
    assert_memory_equal(written, "\x89PNG", 4);
    get_file(*state, "new/pictures/time_to_gap.svg", written, sizeof written);
    assert_memory_equal(written, "<?xml", 5);
    RUN(&r, *state, "bench", "solvers", "one", "--output", "new/pictures");
    expect_refusal(&r, 1, "new/pictures/time_to_gap.png: exists already");
    assert_null(strstr(r.err, "thread")); /* before anything is timed */
    RUN(&r, *state, "bench", "solvers", "one", "--solver", "admm", "--tol", "1e-1", "--threads", "1",
        "--output", "new/pictures", "--force");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "admm"));
    REFUSE(state, 1, "no-such-gnuplot", "solvers", "one", "--output", "more", "--gnuplot", "no-such-gnuplot");
    REFUSE(state, 1, "one", "solvers", "one", "--output", "one");
}

static void test_solvers_refuses(void **state) {
    static const char *const lists[] = {"1e-2,1e-1", "1", "0", "1e-1,", "few"};
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F32, 1);
    REFUSE(state, 2, "FILE (safetensors files with W and G) is missing", "solvers");
    RUN(&r, *state, "bench", "solvers", "one", "two", "--json");
    expect_refusal(&r, 1, "two: no such file");
    assert_null(strstr(r.err, "thread")); /* before the first is timed */
    REFUSE(state, 2, "--repeats '0'", "solvers", "one", "--repeats", "0");
    REFUSE(state, 2, "--seconds '0'", "solvers", "one", "--seconds", "0");
    REFUSE(state, 2, "quasi_newton", "solvers", "one", "--solver", "newton");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        REFUSE(state, 2, "each below the one before", "solvers", "one", "--tol", lists[i]);
    }
}

static void test_scaling(void **state) {
    struct run r;
    RUN(&r, *state, "bench", "scaling", "--n", "4,8", "--tol", "1e-1,1e-2", "--aspect", "2.5", "--threads",
        "1", "--repeats", "2", "--output", "pictures", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *const object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    const json_t *const rows = json_object_get(object, "rows"), *const fits = json_object_get(object, "fits"),
                        *const products = json_object_get(object, "products");
    assert_string_equal(json_string_value(json_object_get(object, "solver")), "quasi_newton");
    assert_int_equal(json_array_size(rows), 4);
    assert_int_equal(json_array_size(fits), 2);
    assert_int_equal(json_array_size(products), 2);
    for (size_t i = 0; i < 4; i++) {
        const json_t *const row = json_array_get(rows, i);
        assert_int_equal(json_integer_value(json_object_get(row, "n")), i % 2 == 0 ? 4 : 8);
        assert_int_equal(json_integer_value(json_object_get(row, "m")), i % 2 == 0 ? 10 : 20);
        assert_true(json_number_value(json_object_get(row, "tol")) == (i < 2 ? 1e-1 : 1e-2));
        assert_true(json_is_true(json_object_get(row, "reached")));
        const double product = json_number_value(json_object_get(json_array_get(products, i % 2), "ms_f64"));
        const double ratio = json_number_value(json_object_get(row, "ms")) / product;
        const double said = json_number_value(json_object_get(row, "products"));
        assert_true(said > 0 && said < 1.000001 * ratio && said > 0.999999 * ratio);
    }
    /* two points: the slope between them */
    const double first = json_number_value(json_object_get(json_array_get(rows, 0), "ms")),
                 second = json_number_value(json_object_get(json_array_get(rows, 1), "ms"));
    const double exponent = json_number_value(json_object_get(json_array_get(fits, 0), "exponent"));
    assert_true(fabs(exponent - log2(second / first)) < 1e-6);
    json_decref(object);
    assert_int_equal(support_entries(*state), 1);
}

static void test_scaling_table(void **state) {
    struct run r;
    RUN(&r, *state, "bench", "scaling", "--n", "6", "--tol", "1e-1", "--threads", "1");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "quasi_newton to a certified gap of 1e-1"));
    assert_null(strstr(r.out, "grows")); /* one size has no slope */
    REFUSE(state, 2, "each above the one before", "scaling", "--n", "6,5");
    REFUSE(state, 2, "--n '1'", "scaling", "--n", "1");
    REFUSE(state, 2, "--aspect '0.5'", "scaling", "--aspect", "0.5");
    REFUSE(state, 2, "FILE", "scaling", "FILE");
}

static void test_train_step(void **state) {
    static const char *const keys[] = {"ms_per_step", "threads", "width", "batch", "repeats"};
    struct run r;
    RUN(&r, *state, "bench", "train-step", "--model", "mlp", "--width", "0.125", "--batch-size", "2",
        "--threads", "1", "--repeats", "30", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(json_number_value(json_object_get(object, keys[i])) > 0);
    assert_int_equal(json_integer_value(json_object_get(object, "threads")), 1);
    assert_int_equal(json_integer_value(json_object_get(object, "batch")), 2);
    assert_string_equal(json_string_value(json_object_get(object, "model")), "mlp");
    assert_string_equal(json_string_value(json_object_get(object, "precision")), "f32");
    json_decref(object);
}

/* The ratio of a step to its convolutions, and a precision that says what ran. */
static void test_train_step_convolutions(void **state) {
    struct run r;
    RUN(&r, *state, "bench", "train-step", "--width", "0.1", "--batch-size", "2", "--threads", "1",
        "--repeats", "30", "--precision", "bf16", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    const double step = json_number_value(json_object_get(object, "ms_per_step"));
    const double convolutions = json_number_value(json_object_get(object, "convolutions_ms"));
    assert_true(step > 0 && convolutions > 0);
    assert_true(json_number_value(json_object_get(object, "step_over_convolutions")) == step / convolutions);
    const char *precision = json_string_value(json_object_get(object, "precision"));
    assert_true(strcmp(precision, "bf16") == 0 || strncmp(precision, "f32 (bf16 asked; ", 17) == 0);
    assert_non_null(strstr(r.err, precision));
    json_decref(object);
}

static void test_train_step_refuses(void **state) {
    REFUSE(state, 2, "--repeats '29'", "train-step", "--repeats", "29");
    REFUSE(state, 2, "--batch-size '0'", "train-step", "--batch-size", "0");
    REFUSE(state, 2, "--width '17'", "train-step", "--width", "17");
    REFUSE(state, 2, "small_cnn, mlp", "train-step", "--model", "resnet");
    REFUSE(state, 2, "f32, bf16", "train-step", "--precision", "f64");
}

/* Wait until the program says that it computes, send it a signal, and return its exit status. */
static int stop_while_computing(const char *folder, int signal_number) {
    char said[256];
    int status, pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        if (chdir(folder) == 0)
            execl(TRM_ROUTER, TRM_ROUTER, "bench", "solvers", "one", "--repeats", "1000000", "--seconds",
                  "1e6", (char *)NULL);
        _exit(127);
    }
    close(pipe_ends[1]);
    assert_true(read(pipe_ends[0], said, sizeof said) > 0);
    assert_int_equal(kill(child, signal_number), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(pipe_ends[0]);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_signals(void **state) {
    put_problem(*state, "one", 64, 32, ST_F32, 1);
    assert_int_equal(stop_while_computing(*state, SIGINT), 130);
    assert_int_equal(stop_while_computing(*state, SIGTERM), 143);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_solvers),
                                       IN_FOLDER(test_solvers_table),
                                       IN_FOLDER(test_solvers_output),
                                       IN_FOLDER(test_solvers_refuses),
                                       IN_FOLDER(test_scaling),
                                       IN_FOLDER(test_scaling_table),
                                       IN_FOLDER(test_train_step),
                                       IN_FOLDER(test_train_step_convolutions),
                                       IN_FOLDER(test_train_step_refuses),
                                       IN_FOLDER(test_signals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
