/* bench: the shape of what it prints, not the times. */
#include "cli/support.h"

#include "muon/muon.h"

#include <jansson.h>
#include <string.h>

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

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_solvers), IN_FOLDER(test_solvers_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
