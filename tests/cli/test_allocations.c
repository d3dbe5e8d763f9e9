/* One allocation fails, each in turn: the program says so in one line and exits with 1, leaving no output or the right one,
   or it gives the result that it gives with memory. TRM_TEST_ALL_ALLOCATIONS=1 lets those of the libraries fail too, and a
   larger number every so many of them only; an argument names the test to run. */
#include "cli/support_store.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FAILING_ALLOCATION
#define FAILING_ALLOCATION ""
#endif

enum { FILES = 2, ROUNDS = 1000000 };

struct trial {
    const char *arguments[20];
    const char *files[FILES]; /* outputs that are the same bytes in every run */
    const char *others;       /* what else it leaves, for rm */
    const char *same;         /* a line of stdout that is the same in every run begins so; NULL: none */
};

static bool skipped(void) {
    return FAILING_ALLOCATION[0] == '\0';
}

static int setup(void **state) {
    struct run r;
    if (skipped())
        return 0;
    if (support_folder_make(state) != 0)
        return 1;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 2);
    put_problem(*state, "in", 20, 8, ST_F64, 3);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "merged.db");
    RUN(&r, *state, "train", "--data", "merged.db", "--size", "tiny", "--epochs", "2", "--threads", "1",
        "--output", "router.safetensors");
    return r.exit_status;
}

static int teardown(void **state) {
    return skipped() ? 0 : support_folder_remove(state);
}

static void remove_outputs(void **state, const struct trial *t) {
    char command[2 * SUPPORT_PATH];
    snprintf(command, sizeof command, "cd '%s' && rm -rf %s %s %s", (const char *)*state,
             t->files[0] != NULL ? t->files[0] : "", t->files[1] != NULL ? t->files[1] : "", t->others);
    assert_int_equal(system(command), 0);
}

/* 0: the program's own allocations, all of them. */
static size_t stride_of_all(void) {
    const char *const text = getenv("TRM_TEST_ALL_ALLOCATIONS");
    const long stride = text != NULL ? strtol(text, NULL, 10) : 0;
    return text == NULL ? 0 : stride > 1 ? (size_t)stride : 1;
}

static void run_failing(struct run *r, void **state, const struct trial *t, size_t k) {
    char number[24], count[SUPPORT_PATH];
    remove_outputs(state, t);
    snprintf(number, sizeof number, "%zu", k);
    setenv("FAIL_AT", number, 1);
    setenv("FAIL_COUNT", support_path(count, state, "count"), 1);
    setenv("LD_PRELOAD", FAILING_ALLOCATION, 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    if (stride_of_all() > 0)
        setenv("FAIL_ALL", "1", 1);
    run_program(r, *state, t->arguments);
    unsetenv("LD_PRELOAD");
}

struct content {
    void *bytes;
    size_t size;
};

static struct content read_output(void **state, const char *name) {
    char path[SUPPORT_PATH];
    struct content c = {NULL, 0};
    if (name != NULL)
        (void)file_read(support_path(path, state, name), 1 << 26, &c.bytes, &c.size, NULL);
    return c;
}

/* The line of the output that begins with `same`. */
static const char *line_of(struct run *r, const char *same) {
    char *const line = same != NULL ? strstr(r->out, same) : NULL;
    if (line == NULL)
        return "";
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* Is the last line, and no other, an error? `usual`: how many lines the program says when nothing fails. */
static bool one_error(const struct run *r, size_t usual) {
    size_t lines = 0;
    const char *last = "";
    for (const char *c = r->err; *c != '\0'; c++)
        if (c == r->err || c[-1] == '\n') {
            last = c;
            lines += strncmp(c, "trm-router: ", 12) == 0;
        }
    const bool own = strncmp(last, "trm-router: ", 12) == 0, openmp = strncmp(last, "libgomp: ", 9) == 0;
    return (own || openmp) && lines <= usual + 1;
}

static size_t said(const struct run *r) {
    size_t lines = 0;
    for (const char *c = r->err; (c = strstr(c, "trm-router: ")) != NULL; c++)
        lines++;
    return lines;
}

static void expect_right_or_absent(void **state, const struct trial *t, const struct content *expected,
                                   size_t k, bool there) {
    for (size_t i = 0; i < FILES && t->files[i] != NULL; i++) {
        struct content c = read_output(state, t->files[i]);
        if (c.bytes == NULL ? there
                            : c.size != expected[i].size || memcmp(c.bytes, expected[i].bytes, c.size) != 0)
            fail_msg("%s: allocation %zu failed, and %s is %s", t->arguments[0], k, t->files[i],
                     c.bytes == NULL ? "not there" : "another file");
        free(c.bytes);
    }
}

/* Did oneDNN, or the dynamic loader, end the program (docs/faq.md)? */
static bool ended_by_library(const struct run *r) {
    return (r->exit_status == 134 && strstr(r->err, "std::bad_alloc") != NULL) || r->exit_status == 127;
}

static void try_all(void **state, const struct trial *t) {
    char count[32], usual[512];
    struct content expected[FILES];
    if (skipped())
        skip();
    struct run *const r = malloc(sizeof *r);
    assert_non_null(r);
    run_failing(r, state, t, 0);
    if (r->exit_status != 0)
        fail_msg("%s: %s", t->arguments[0], r->err);
    snprintf(usual, sizeof usual, "%s", line_of(r, t->same));
    const size_t usual_lines = said(r);
    get_file(*state, "count", count, sizeof count);
    for (size_t i = 0; i < FILES; i++)
        expected[i] = read_output(state, t->files[i]);
    const size_t rounds = (size_t)atol(count);
    assert_in_range(rounds, 1, ROUNDS);
    const size_t stride = stride_of_all();
    size_t tried = 0, refused = 0, ended = 0;
    for (size_t k = 1; k <= rounds; k += stride > 0 ? stride : 1) {
        run_failing(r, state, t, k);
        tried++;
        if (stride > 0 && ended_by_library(r)) {
            ended++;
            continue;
        }
        if (r->exit_status != 0 && r->exit_status != 1)
            fail_msg("%s: allocation %zu of %zu failed: exit status %d, %s", t->arguments[0], k, rounds,
                     r->exit_status, r->err);
        if (r->exit_status == 1 && !one_error(r, usual_lines))
            fail_msg("%s: allocation %zu of %zu failed, said: %s", t->arguments[0], k, rounds, r->err);
        if (r->exit_status == 0 && strcmp(line_of(r, t->same), usual) != 0)
            fail_msg("%s: allocation %zu of %zu failed, and it printed: %s", t->arguments[0], k, rounds,
                     r->out);
        expect_right_or_absent(state, t, expected, k, r->exit_status == 0);
        refused += r->exit_status == 1;
    }
    print_message(
        "%s: %zu of %zu allocations failed: %zu times one line, %zu times the same result, %zu times "
        "ended by a library\n",
        t->arguments[0], tried, rounds, refused, tried - refused - ended, ended);
    for (size_t i = 0; i < FILES; i++)
        free(expected[i].bytes);
    free(r);
}

static void test_solve(void **state) {
    try_all(state, &(const struct trial){{"solve", "in", "--solver", "quasi_newton", "--radius", "0.1",
                                          "--threads", "1", "--output", "out"},
                                         {"out"},
                                         "",
                                         "gap "});
}

static void test_prepare(void **state) {
    try_all(state, &(const struct trial){{"prepare", "--inputs", "da.db", "admm.db", "--output", "out.db"},
                                         {"out.db"},
                                         "",
                                         "samples"});
}

static void test_train(void **state) {
    try_all(state, &(const struct trial){{"train", "--data", "merged.db", "--size", "tiny", "--epochs", "1",
                                          "--threads", "1", "--output", "out.safetensors"},
                                         {"out.safetensors", "out.history.csv"},
                                         "out.*",
                                         NULL});
}

static void test_evaluate(void **state) {
    try_all(state, &(const struct trial){{"evaluate", "--model", "router.safetensors", "--data", "merged.db",
                                          "--threads", "1", "--resamples", "20", "--baseline-epochs", "1",
                                          "--output", "out.json"},
                                         {"out.json"},
                                         "",
                                         NULL});
}

static void test_collect(void **state) {
    try_all(state, &(const struct trial){{"collect", "--solver", "admm", "--model", "mlp", "--width", "0.25",
                                          "--epochs", "1", "--train-limit", "64", "--batch-size", "32",
                                          "--threads", "1", "--output", "out.db"},
                                         {"out.weights.safetensors"},
                                         "out.*",
                                         "hash of the dynamics"});
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solve),    cmocka_unit_test(test_prepare), cmocka_unit_test(test_train),
        cmocka_unit_test(test_evaluate), cmocka_unit_test(test_collect),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
