/* Linked with --wrap: a program in which a test was skipped and none failed ends with 77, which CTest shows as
   skipped. cmocka alone counts it as passed. */
#include "support/folders.h"

enum { SKIPPED = 77 };

static bool skipped;

void __real__skip(const char *file, int line);
void __wrap__skip(const char *file, int line);
int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);

void __wrap__skip(const char *file, int line) {
    skipped = true;
    __real__skip(file, line);
}

int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown) {
    const int failures = __real__cmocka_run_group_tests(name, tests, count, setup, teardown);
    return failures == 0 && skipped ? SKIPPED : failures;
}
