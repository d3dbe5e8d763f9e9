/* Option structs of other versions: shorter ones, longer ones, and what no default began. */
#include "base/options.h"
#include "support/folders.h"

#include <stdint.h>
#include <string.h>

struct first {
    size_t size;
    double a;
};
struct now {
    size_t size;
    double a, b;
};
struct later {
    size_t size;
    double a, b, c;
};

static const struct now defaults = {sizeof(struct now), 1.0, 2.0};

static void a_shorter_struct_gets_and_gives_what_it_has(void **state) {
    (void)state;
    struct first theirs;
    options_give(&theirs, sizeof theirs, &defaults, sizeof defaults);
    assert_true(theirs.size == sizeof theirs && theirs.a == 1.0);
    theirs.a = 5.0;
    struct now own = defaults;
    assert_null(options_take(&own, sizeof own, sizeof(struct first), &theirs));
    assert_true(own.size == sizeof own && own.a == 5.0 && own.b == 2.0);
}

static void a_longer_struct_is_taken_while_its_rest_is_zero(void **state) {
    (void)state;
    struct later theirs;
    memset(&theirs, 0xff, sizeof theirs);
    options_give(&theirs, sizeof theirs, &defaults, sizeof defaults);
    assert_true(theirs.size == sizeof theirs && theirs.b == 2.0 && theirs.c == 0.0);
    theirs.b = 6.0;
    struct now own = defaults;
    assert_null(options_take(&own, sizeof own, sizeof(struct first), &theirs));
    assert_true(own.size == sizeof own && own.b == 6.0);
    theirs.c = 1.0;
    assert_non_null(strstr(options_take(&own, sizeof own, sizeof(struct first), &theirs), "does not know"));
}

static void a_size_that_no_default_set_is_refused(void **state) {
    (void)state;
    const size_t wrong[] = {0, sizeof(struct first) - 1, SIZE_MAX};
    for (size_t i = 0; i < 3; i++) {
        const struct now theirs = {wrong[i], 1.0, 1.0};
        struct now own = defaults;
        assert_non_null(strstr(options_take(&own, sizeof own, sizeof(struct first), &theirs), "_default"));
        assert_true(own.a == 1.0 && own.b == 2.0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shorter_struct_gets_and_gives_what_it_has),
        cmocka_unit_test(a_longer_struct_is_taken_while_its_rest_is_zero),
        cmocka_unit_test(a_size_that_no_default_set_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
