/* Outputs that cannot be what was asked for are refused before the work; what ends a write is said. */
#include "cli/support_store.h"

#include "storage/file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int make(void **state) {
    struct run r;
    if (support_folder_make(state) != 0)
        return 1;
    put_problem(*state, "in", 20, 8, ST_F64, 3);
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 2);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "merged.db");
    return r.exit_status;
}

/* solve does not replace its own input, by whatever name. */
static void test_solve_keeps_its_input(void **state) {
    struct run r;
    char path[SUPPORT_PATH], other[SUPPORT_PATH], before[SUPPORT_TEXT], after[SUPPORT_TEXT];
    const size_t size = get_file(*state, "in", before, sizeof before);
    assert_int_equal(link(support_path(path, state, "in"), support_path(other, state, "again")), 0);
    const char *const outputs[] = {"in", "./in", "again"};
    for (size_t i = 0; i < 3; i++) {
        RUN(&r, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", outputs[i],
            "--force");
        expect_refusal(&r, 1, "is both input and output");
    }
    assert_int_equal(get_file(*state, "in", after, sizeof after), size);
    assert_memory_equal(before, after, size);
}

/* Whatever a path holds, a table stays one of lines. */
static void test_control_characters(void **state) {
    struct run r;
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "a\nb\033[31m.db");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "a?b?[31m.db\n"));
    assert_null(strchr(r.out, '\033'));
}

/* Before a router is looked for: there is none. */
static void test_evaluate_keeps_its_outputs_apart(void **state) {
    static const struct {
        const char *json, *plot, *word;
    } cases[] = {{"e.png", "e.png", "two names"},
                 {"e.svg", "e.png", "two names"},
                 {"merged.db", "e.png", "both input and output"},
                 {"none", "e.png", "none"}};
    struct run r;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RUN(&r, *state, "evaluate", "--model", "none", "--data", "merged.db", "--output", cases[i].json,
            "--plot", cases[i].plot, "--force");
        expect_refusal(&r, 1, cases[i].word);
    }
}

/* A name that fits, but not with what is made beside it, is refused before the training. */
static void test_long_names(void **state) {
    struct run r;
    char name[260], path[SUPPORT_PATH];
    memset(name, 'n', sizeof name);
    strcpy(name + 228, ".db");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", name);
    assert_int_equal(r.exit_status, 0);
    assert_true(file_exists(support_path(path, state, name)));
    RUN(&r, *state, "collect", "--solver", "admm", "--output", name, "--force");
    expect_refusal(&r, 1, "choose a shorter one");
    strcpy(name + 229, ".db");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", name);
    expect_refusal(&r, 1, "has 232 bytes");
}

/* A limit on the size of files is an error of the write, not a death without a word. */
static void test_file_size_limit(void **state) {
    struct run r;
    char path[SUPPORT_PATH];
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){1024, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    RUN(&r, *state, "solve", "in", "--solver", "admm", "--radius", "0.1", "--output", "large");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(r.exit_status, 1);
    assert_non_null(strstr(r.err, "large: cannot be written"));
    assert_false(file_exists(support_path(path, state, "large")));
    assert_int_equal(support_entries(*state) > 0, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solve_keeps_its_input),
        cmocka_unit_test(test_evaluate_keeps_its_outputs_apart),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_file_size_limit),
    };
    return cmocka_run_group_tests(tests, make, support_folder_remove);
}
