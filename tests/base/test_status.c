/* Reasons are one line, whatever is named in them. */
#include "base/status.h"
#include "support/folders.h"

#include <string.h>

static void test_a_reason_is_one_line(void **state) {
    struct trm_error error;
    (void)state;
    assert_int_equal(trm_fail(&error, TRM_FORMAT, "%s: no %s", "a\nb\tc\x7f", "Straße"), TRM_FORMAT);
    assert_string_equal(error.text, "a?b?c?: no Straße");
    assert_int_equal(error.status, TRM_FORMAT);
    assert_int_equal(trm_fail(NULL, TRM_IO, "%s", "nobody asks"), TRM_IO);
}

static void test_a_long_reason_is_cut(void **state) {
    struct trm_error error;
    char text[2 * sizeof error.text];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    trm_fail(&error, TRM_INVALID, "%s", text);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reason_is_one_line),
        cmocka_unit_test(test_a_long_reason_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
