/* Numbers and texts that JSON does not have, and that printed numbers read back to the same bits. */
#include "cli/support.h"
#include "cli/views/print_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_values(void **state) {
    (void)state;
    const double without[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        json_t *value = json_number(without[i]);
        assert_true(json_is_null(value));
        json_decref(value);
    }
    json_t *text = json_text("caf\xc3\xa9"), *bytes = json_text("caf\xe9");
    assert_string_equal(json_string_value(text), "caf\xc3\xa9");
    assert_string_equal(json_string_value(bytes), "caf?");
    json_decref(text);
    json_decref(bytes);
}

static void test_numbers_come_back(void **state) {
    const double numbers[] = {0.1,       1.0 / 3.0, 5e-324, 1.7976931348623157e308, -2.2250738585072014e-308,
                              1e15 + 0.3};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    char path[SUPPORT_PATH], text[SUPPORT_TEXT];
    json_t *array = json_array();
    for (size_t i = 0; i < COUNT; i++)
        json_append(&array, json_number(numbers[i]));
    fflush(stdout);
    const int terminal = dup(STDOUT_FILENO);
    assert_non_null(freopen(support_path(path, state, "out"), "w", stdout));
    const int printed = print_json(array);
    fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    assert_int_equal(printed, 0);
    get_file(*state, "out", text, sizeof text);
    array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(array), COUNT);
    assert_non_null(strstr(
        text, "[\n  0.1,\n  0.3333333333333333,\n  5e-324,\n")); /* and are no longer than they must be */
    for (size_t i = 0; i < COUNT; i++)
        assert_true(json_real_value(json_array_get(array, i)) == numbers[i]);
    json_decref(array);
}

/* Whole numbers stay whole, reals real, and what is in quotes is no number. */
static void test_shortest(void **state) {
    (void)state;
    static const struct {
        const char *given, *printed;
    } cases[] = {
        {"[1, -2, 1e2, 0.1, 1e22, 1e300, -0.0]", "[1, -2, 100.0, 0.1, 1e22, 1e300, -0.0]\n"},
        {"{\"0.10\": \"0.10000000000000001 \\\" 0.5\"}", "{\"0.10\": \"0.10000000000000001 \\\" 0.5\"}\n"},
        {"[true, null, \"1.0e5\", 123456789012345.6]", "[true, null, \"1.0e5\", 123456789012345.6]\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *const text = json_finish(json_loads(cases[i].given, 0, NULL), JSON_REAL_PRECISION(17));
        assert_string_equal(text, cases[i].printed);
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_shortest),
        cmocka_unit_test_setup_teardown(test_numbers_come_back, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
