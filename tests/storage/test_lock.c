/* One process at a time; and are two names one file. */
#include "support/folders.h"

#include "storage/file.h"
#include "storage/lock.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The status with which another process fails, or gets, the lock. */
static int try_elsewhere(const char *path) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct lock lock;
        _exit((int)lock_take(&lock, path, "it", NULL)); /* ends with the process */
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void test_lock_is_for_one_process(void **state) {
    char path[SUPPORT_PATH];
    struct lock lock;
    support_path(path, state, "lock");
    assert_int_equal(lock_take(&lock, path, "it", NULL), TRM_OK);
    assert_int_equal(try_elsewhere(path), TRM_EXISTS);
    lock_release(&lock);
    assert_false(file_exists(path));
    assert_int_equal(try_elsewhere(path), TRM_OK);
    assert_int_equal(lock_take(&lock, path, "it", NULL), TRM_OK); /* over the file that was left */
    lock_release(&lock);
    lock_release(&lock);
}

static void test_lock_needs_its_folder(void **state) {
    char path[SUPPORT_PATH];
    struct lock lock;
    struct trm_error error;
    assert_int_equal(lock_take(&lock, support_path(path, state, "none/lock"), "it", &error), TRM_IO);
    assert_non_null(strstr(error.text, "none/lock"));
    lock_release(&lock);
}

static void test_two_names_of_one_file(void **state) {
    char a[SUPPORT_PATH], b[SUPPORT_PATH], c[SUPPORT_PATH];
    support_put(support_path(a, state, "a"), "x", 1);
    support_put(support_path(b, state, "b"), "x", 1);
    assert_int_equal(symlink("a", support_path(c, state, "c")), 0);
    assert_true(file_same(a, a) && file_same(a, c));
    assert_false(file_same(a, b));
    assert_false(file_same("nowhere", "nowhere"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lock_is_for_one_process, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(test_lock_needs_its_folder, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(test_two_names_of_one_file, support_folder_make,
                                        support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
