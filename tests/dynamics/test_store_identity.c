/* A store is the file that was opened, whatever becomes of its name; one process writes to it, by whatever name; and its
   name is a name, whatever SQLite would read in it. */
#include "support/dynamics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A commit after the file was taken away fails, and says so. */
static void expect_lost(struct trm_store *store, const char *path) {
    struct trm_error error = {TRM_OK, ""};
    dynamics_insert(store, 1, 3, 6, 0);
    assert_int_equal(trm_store_commit(store, &error), TRM_IO);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "removed"));
    dynamics_insert(store, 1, 3, 4, 0);
    assert_int_equal(trm_store_close(store, &error), TRM_IO);
}

static void a_store_that_was_removed_is_missed(void **state) {
    (void)state;
    char path[128];
    snprintf(path, sizeof path, "%s", dynamics_path("gone.db"));
    struct trm_store *store = dynamics_store(path);
    dynamics_insert(store, 1, 0, 3, 0);
    assert_int_equal(trm_store_commit(store, NULL), TRM_OK);
    assert_int_equal(unlink(path), 0);
    expect_lost(store, path);
}

static void a_store_that_was_replaced_is_missed(void **state) {
    (void)state;
    char path[128], other[128];
    snprintf(path, sizeof path, "%s", dynamics_path("replaced.db"));
    snprintf(other, sizeof other, "%s", dynamics_path("other.db"));
    struct trm_store *store = dynamics_store(path);
    dynamics_insert(store, 1, 0, 3, 0);
    assert_int_equal(trm_store_commit(store, NULL), TRM_OK);
    assert_int_equal(trm_store_close(dynamics_store(other), NULL), TRM_OK);
    assert_int_equal(rename(other, path), 0);
    expect_lost(store, path);
}

/* Through a link of either kind, and by replacing it. */
static void one_writer_by_any_name(void **state) {
    (void)state;
    char path[128], soft[128], hard[128];
    struct trm_error error = {TRM_OK, ""};
    snprintf(path, sizeof path, "%s", dynamics_path("one.db"));
    snprintf(soft, sizeof soft, "%s", dynamics_path("soft.db"));
    snprintf(hard, sizeof hard, "%s", dynamics_path("hard.db"));
    struct trm_store *store = dynamics_store(path), *second;
    assert_int_equal(symlink(path, soft), 0);
    assert_int_equal(link(path, hard), 0);
    const char *const names[] = {path, soft, hard};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(trm_store_open(names[i], TRM_STORE_APPEND, &second, &error), TRM_EXISTS);
        assert_null(second);
        assert_non_null(strstr(error.text, "another process is writing"));
        assert_int_equal(trm_store_create(names[i], true, &second, NULL), TRM_EXISTS);
        if (i < 2) { /* SQLite itself keeps a journal by name: a hard link is read without it */
            assert_int_equal(trm_store_open(names[i], TRM_STORE_READ, &second, NULL), TRM_OK);
            assert_int_equal(trm_store_close(second, NULL), TRM_OK);
        }
    }
    dynamics_insert(store, 1, 0, 3, 0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(trm_store_open(soft, TRM_STORE_APPEND, &second, NULL), TRM_OK);
    assert_int_equal(trm_store_close(second, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 3);
}

static void names_are_names(void **state) {
    (void)state;
    char before[1024], folder[128];
    struct stat st;
    assert_non_null(getcwd(before, sizeof before));
    snprintf(folder, sizeof folder, "%s", dynamics_path(""));
    assert_int_equal(chdir(folder), 0);
    const char *const names[] = {":memory:", "file:x.db", "file:y.db?mode=memory"};
    for (size_t i = 0; i < 3; i++) {
        struct trm_store *store = dynamics_store(names[i]);
        dynamics_insert(store, 1, 0, 3, 0);
        assert_int_equal(trm_store_close(store, NULL), TRM_OK);
        assert_int_equal(stat(names[i], &st), 0);
        assert_int_equal(trm_store_open(names[i], TRM_STORE_READ, &store, NULL), TRM_OK);
        struct trm_run *runs;
        size_t count;
        assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
        assert_int_equal(count, 1);
        free(runs);
        assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    }
    assert_int_equal(chdir(before), 0);
}

/* What a killed writer left, in a folder that may only be read: what is in the file is read; where rows are in the WAL
   beside it, this is said. */
static void a_killed_store_is_read_where_nothing_can_be_written(void **state) {
    (void)state;
    char path[128], wal[160], folder[128];
    struct trm_error error = {TRM_OK, ""};
    struct trm_run *runs = NULL;
    size_t count = 0;
    snprintf(path, sizeof path, "%s", dynamics_path("killed.db"));
    snprintf(wal, sizeof wal, "%s-wal", path);
    snprintf(folder, sizeof folder, "%s", dynamics_path(""));
    struct trm_store *store = dynamics_store(path);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    dynamics_sql(path, "PRAGMA journal_mode = WAL");
    assert_int_equal(chmod(folder, 0555), 0);
    const bool root = geteuid() == 0;
    assert_true(!root || seteuid(65534) == 0);
    const enum trm_status opened = trm_store_open(path, TRM_STORE_READ, &store, &error);
    const enum trm_status listed = opened == TRM_OK ? trm_store_runs(store, &runs, &count, &error) : opened;
    trm_store_close(store, NULL);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(chmod(folder, 0755), 0);
    if (listed != TRM_OK)
        fail_msg("%s", error.text);
    assert_int_equal(count, 1);
    free(runs);

    FILE *const file = fopen(wal, "w");
    assert_non_null(file);
    fputs("rows", file);
    fclose(file);
    assert_int_equal(chmod(folder, 0555), 0);
    assert_true(!root || seteuid(65534) == 0);
    const enum trm_status with_wal = trm_store_open(path, TRM_STORE_READ, &store, &error);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_int_equal(with_wal, TRM_IO);
    assert_non_null(strstr(error.text, wal));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_that_was_removed_is_missed),
        cmocka_unit_test(a_store_that_was_replaced_is_missed),
        cmocka_unit_test(one_writer_by_any_name),
        cmocka_unit_test(names_are_names),
        cmocka_unit_test(a_killed_store_is_read_where_nothing_can_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
