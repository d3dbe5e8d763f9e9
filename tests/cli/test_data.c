/* data: exit statuses and what is printed; the readers themselves are tested in tests/data. */
#include "cli/support.h"

#include <jansson.h>
#include <string.h>

static void test_list(void **state) {
    struct run r;
    RUN(&r, *state, "data", "list");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "cifar10 "));
    assert_non_null(strstr(r.out, "60000 training and 10000 test images"));
    RUN(&r, *state, "data", "list", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *rows = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(rows), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "name")), "fashion-mnist");
    assert_true(json_is_true(json_object_get(json_array_get(rows, 1), "found")));
    json_decref(rows);
}

static void test_list_without_data(void **state) {
    struct run r;
    RUN(&r, *state, "data", "list", ".");
    assert_int_equal(r.exit_status, 1);
    assert_int_equal(r.err_lines, 1);
    assert_non_null(strstr(r.out, "not there"));
    RUN(&r, *state, "data", "list", "absent\xff", "--json");
    assert_int_equal(r.exit_status, 1);
    json_t *rows = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL); /* JSON whatever the name */
    assert_int_equal(json_array_size(rows), 3);
    json_decref(rows);
    RUN(&r, *state, "data", "list", "a", "b");
    expect_refusal(&r, 2, "'b' is one argument too many");
}

static void test_verify(void **state) {
    char path[SUPPORT_PATH];
    struct run r;
    RUN(&r, *state, "data", "verify", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_true(json_object_get(object, "good")));
    assert_int_equal(json_array_size(json_object_get(object, "files")), 4);
    json_decref(object);
    RUN(&r, *state, "data", "verify", ".");
    expect_refusal(&r, 1, "no known data set");
    RUN(&r, *state, "data", "verify", "absent");
    expect_refusal(&r, 1, "absent");
    RUN(&r, *state, "data", "verify", ".", "--dataset", "mnist");
    expect_refusal(&r, 2, "cifar10, fashion-mnist");
    support_put(support_path(path, state, "data_batch_1.bin"), "short", 5);
    support_put(support_path(path, state, "test_batch.bin"), "short", 5);
    RUN(&r, *state, "data", "verify", ".");
    assert_int_equal(r.exit_status, 1);
    assert_int_equal(r.err_lines, 1);
    assert_non_null(strstr(r.out, "wrong size"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_list), IN_FOLDER(test_list_without_data),
                                       IN_FOLDER(test_verify)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
