/* report from outside: what it prints, makes and refuses. */
#include "cli/support_store.h"

#include "storage/file.h"

#include <jansson.h>
#include <string.h>

/* A run that is still going on: no epoch is done, its losses are drawn. */
static void test_report(void **state) {
    char path[SUPPORT_PATH];
    struct run r;
    put_unfinished_store(state, "admm.db", "admm");
    RUN(&r, *state, "report", "--results", ".");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "./report/report.html"));
    assert_non_null(strstr(r.out, "online_comparison"));
    assert_true(file_exists(support_path(path, state, "report/solver_comparison.png")));
    RUN(&r, *state, "report", "--results", ".");
    expect_refusal(&r, 1, "--force");
    RUN(&r, *state, "report", "--results", ".", "--output", "elsewhere/deep", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *const object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "page")), "elsewhere/deep/report.html");
    const json_t *const pictures = json_object_get(object, "pictures");
    assert_int_equal(json_object_size(pictures), 8);
    assert_int_equal(json_integer_value(json_object_get(pictures, "solver_comparison")), 1);
    assert_int_equal(json_integer_value(json_object_get(pictures, "confusion_matrix")), 0);
    json_decref(object);
    assert_true(file_exists(support_path(path, state, "elsewhere/deep/solver_comparison.svg")));
}

static void test_refusals(void **state) {
    char path[SUPPORT_PATH];
    struct run r;
    RUN(&r, *state, "report");
    expect_refusal(&r, 2, "--results");
    RUN(&r, *state, "report", "--results", "absent");
    expect_refusal(&r, 1, "absent");
    RUN(&r, *state, "report", "--results", ".");
    expect_refusal(&r, 1, "no results");
    put_unfinished_store(state, "admm.db", "admm");
    RUN(&r, *state, "report", "--results", "admm.db");
    expect_refusal(&r, 1, "admm.db");
    RUN(&r, *state, "report", "--results", ".", "--gnuplot", "no-such-gnuplot");
    expect_refusal(&r, 1, "gnuplot-nox");
    RUN(&r, *state, "report", "--results", ".", "--output", "admm.db");
    expect_refusal(&r, 1, "admm.db");
    assert_false(file_exists(support_path(path, state, "report")));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_report), IN_FOLDER(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
