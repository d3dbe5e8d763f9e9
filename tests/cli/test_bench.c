/* bench: the shape of what it prints, not the times. */
#include "cli/support.h"

#include "muon/muon.h"

#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_solvers(void **state) {
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F32, 1);
    put_problem(*state, "two", 4, 9, ST_F64, 2);
    RUN(&r, *state, "bench", "solvers", "one", "two", "--json", "--repeats", "2", "--threads", "1");
    assert_int_equal(r.exit_status, 0);
    json_t *rows = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(rows), 2 * MUON_LABEL_COUNT);
    for (size_t i = 0; i < 2 * MUON_LABEL_COUNT; i++) {
        const json_t *row = json_array_get(rows, i);
        assert_string_equal(json_string_value(json_object_get(row, "file")),
                            i < MUON_LABEL_COUNT ? "one" : "two");
        assert_string_equal(json_string_value(json_object_get(row, "solver")),
                            muon_solver_name((int)(i % MUON_LABEL_COUNT)));
        assert_true(json_number_value(json_object_get(row, "ms")) > 0);
        assert_true(json_is_number(json_object_get(row, "gap")));
    }
    json_decref(rows);
    assert_int_equal(support_entries(*state), 2);
}

static void test_solvers_refuses(void **state) {
    struct run r;
    put_problem(*state, "one", 12, 5, ST_F32, 1);
    RUN(&r, *state, "bench", "solvers");
    expect_refusal(&r, 2, "FILE is missing");
    RUN(&r, *state, "bench", "solvers", "one", "two", "--json");
    expect_refusal(&r, 1, "two: no such file");
    assert_null(strstr(r.err, "thread")); /* before the first is timed */
    RUN(&r, *state, "bench", "solvers", "one", "--repeats", "0");
    expect_refusal(&r, 2, "--repeats '0'");
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

static void test_train_step_refuses(void **state) {
    struct run r;
    RUN(&r, *state, "bench", "train-step", "--repeats", "29");
    expect_refusal(&r, 2, "--repeats '29'");
    RUN(&r, *state, "bench", "train-step", "--batch-size", "0");
    expect_refusal(&r, 2, "--batch-size '0'");
    RUN(&r, *state, "bench", "train-step", "--width", "17");
    expect_refusal(&r, 2, "--width '17'");
    RUN(&r, *state, "bench", "train-step", "--model", "resnet");
    expect_refusal(&r, 2, "small_cnn, mlp");
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
            execl(TRM_ROUTER, TRM_ROUTER, "bench", "solvers", "one", "--repeats", "1000000", (char *)NULL);
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
    const struct CMUnitTest tests[] = {IN_FOLDER(test_solvers), IN_FOLDER(test_solvers_refuses),
                                       IN_FOLDER(test_train_step), IN_FOLDER(test_train_step_refuses),
                                       IN_FOLDER(test_signals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
