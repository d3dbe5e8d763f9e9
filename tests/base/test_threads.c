/* Processors that the control group pays for, from folders that look like a machine's; and regions of one thread. */
#include "base/threads.h"
#include "support/folders.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *root, const char *name, const char *text) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *c = path + strlen(root) + 1; (c = strchr(c, '/')) != NULL; c++) {
        *c = '\0';
        mkdir(path, 0700);
        *c = '/';
    }
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_quota_v2(void **state) {
    const char *const root = *state;
    assert_int_equal(threads_quota(root), 0); /* nothing is there */
    put(root, "proc/self/cgroup", "0::/a/b\n");
    put(root, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    assert_int_equal(threads_quota(root), 0);
    put(root, "sys/fs/cgroup/a/cpu.max", "350000 100000\n");
    assert_int_equal(threads_quota(root), 4); /* of the group above, rounded up */
    put(root, "sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
    assert_int_equal(threads_quota(root), 1);
    put(root, "sys/fs/cgroup/a/b/cpu.max", "no number\n");
    assert_int_equal(threads_quota(root), 4);
}

static void test_quota_v1(void **state) {
    const char *const root = *state;
    put(root, "proc/self/cgroup", "9:cpuset:/c\n4:cpu,cpuacct:/c\n1:name=systemd:/\n");
    put(root, "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "-1\n");
    put(root, "sys/fs/cgroup/cpu/c/cpu.cfs_period_us", "100000\n");
    assert_int_equal(threads_quota(root), 0);
    put(root, "sys/fs/cgroup/cpu/c/cpu.cfs_quota_us", "200000\n");
    assert_int_equal(threads_quota(root), 2);
    put(root, "proc/self/cgroup", "4:cpuacct:/c\n"); /* not the controller of processors */
    assert_int_equal(threads_quota(root), 0);
}

static void test_idle(void **state) {
    const char *const root = *state;
    const size_t all = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    assert_int_equal(threads_idle(root), all); /* nothing is there */
    put(root, "proc/loadavg", "no numbers\n");
    assert_int_equal(threads_idle(root), all);
    put(root, "proc/loadavg", "0.00 0.01 0.05 1/152 8852\n"); /* this process alone */
    assert_int_equal(threads_idle(root), all);
    put(root, "proc/loadavg", "2.00 1.01 0.05 2/152 8852\n");
    assert_int_equal(threads_idle(root), all > 1 ? all - 1 : 1);
    put(root, "proc/loadavg", "900.0 1.01 0.05 4000000000/5000000000 8852\n");
    assert_int_equal(threads_idle(root), 1);
}

static int team(void) {
    int count = 0;
#pragma omp parallel
#pragma omp single
    count = omp_get_num_threads();
    return count;
}

static void test_teams(void **state) {
    (void)state;
    assert_int_equal(threads_use(3), 3);
    assert_int_equal(team(), 3);
    const struct threads_before three = threads_enter(1);
    assert_int_equal(team(), 1);
    threads_leave(three);
    assert_int_equal(team(), 3);
    omp_set_dynamic(1);
    omp_set_max_active_levels(0); /* no region has more than one thread */
    const struct threads_before limited = threads_enter(0);
    assert_int_equal(omp_get_max_threads(), 1);
    assert_int_equal(omp_get_dynamic(), 0);
    threads_leave(limited);
    assert_int_equal(omp_get_max_threads(), 3);
    assert_int_equal(omp_get_dynamic(), 1);
    assert_int_equal(threads_use(2), 1);
    assert_int_equal(omp_get_max_threads(), 1);
    assert_true(threads_available() >= 1 && threads_available() <= (size_t)omp_get_num_procs());
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quota_v2, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_quota_v1, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_idle, support_folder_make, support_folder_remove),
        cmocka_unit_test(test_teams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
