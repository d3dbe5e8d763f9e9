/* What SIGINT, SIGTERM and SIGHUP do, each in a child of its own. */
#include "cli/support.h"
#include "cli/views/stop.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_STOPPED = 7 };

/* The exit status of a child that is sent these signals (0: none). */
static int child_of(enum stop_mode mode, int first, int second) {
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        stop_catch(mode);
        raise(first);
        if (stop_signal() != first)
            _exit(NOT_STOPPED + 1);
        if (second != 0)
            raise(second);
        _exit(NOT_STOPPED);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_modes(void **state) {
    (void)state;
    assert_int_equal(child_of(STOP_AT_ONCE, SIGINT, 0), 130);
    assert_int_equal(child_of(STOP_AT_ONCE, SIGTERM, 0), 143);
    assert_int_equal(child_of(STOP_AT_ONCE, SIGHUP, 0), 129);
    assert_int_equal(child_of(STOP_LATER, SIGINT, 0), NOT_STOPPED);
    assert_int_equal(child_of(STOP_LATER, SIGHUP, 0), NOT_STOPPED);
    assert_int_equal(child_of(STOP_LATER, SIGTERM, 0), NOT_STOPPED);
    assert_int_equal(child_of(STOP_LATER, SIGINT, SIGINT), 130);
    assert_int_equal(child_of(STOP_LATER, SIGINT, SIGTERM), 143);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_modes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
