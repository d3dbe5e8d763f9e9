/* Making and opening: what is refused, and what a killed writer leaves. */
#include "support/dynamics.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool there(const char *path, const char *suffix) {
    char name[192];
    struct stat st;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &st) == 0;
}

/* Opening path either way fails with this status and names the file and `word`. */
static void check_refused(const char *path, enum trm_status status, const char *word) {
    const enum trm_store_mode modes[] = {TRM_STORE_READ, TRM_STORE_APPEND};
    for (size_t i = 0; i < 2; i++) {
        struct trm_error error = {TRM_OK, ""};
        struct trm_store *store = (struct trm_store *)&error;
        assert_int_equal(trm_store_open(path, modes[i], &store, &error), status);
        assert_null(store);
        assert_int_equal(error.status, status);
        assert_non_null(strstr(error.text, path));
        if (strstr(error.text, word) == NULL)
            fail_msg("no \"%s\" in: %s", word, error.text);
        assert_null(strchr(error.text, '\n'));
    }
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void an_existing_file_is_overwritten_only_when_asked(void **state) {
    (void)state;
    const char *path = dynamics_path("there.db");
    struct trm_store *store = dynamics_store(path);
    dynamics_insert(store, 1, 0, 3, 0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    struct trm_error error = {TRM_OK, ""};
    assert_int_equal(trm_store_create(path, false, &store, &error), TRM_EXISTS);
    assert_null(store);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 3);
    assert_int_equal(trm_store_create(path, true, &store, NULL), TRM_OK);
    trm_store_close(store, NULL);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 0);
}

static void a_closed_store_is_one_file(void **state) {
    (void)state;
    const char *path = dynamics_path("closed.db");
    struct trm_store *store = dynamics_store(path);
    assert_string_equal(trm_store_path(store), path);
    dynamics_insert(store, 1, 0, 3, 0);
    assert_true(there(path, "-wal"));
    assert_int_equal(trm_store_close(store, NULL), TRM_OK); /* commits */
    assert_false(there(path, "-wal") || there(path, "-shm") || there(path, "-journal"));
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM dynamics WHERE run_name = 'first'"), 3);
    assert_int_equal(
        dynamics_count(path, "SELECT steps_recorded FROM run_summary WHERE solver = 'quasi_newton'"), 3);
    assert_int_equal(trm_store_close(NULL, NULL), TRM_OK);
}

static void the_writer_does_not_hinder_a_reader(void **state) {
    (void)state;
    const char *path = dynamics_path("both.db");
    struct trm_store *writer = dynamics_store(path), *reader;
    dynamics_insert(writer, 1, 0, 3, 0);
    assert_int_equal(trm_store_commit(writer, NULL), TRM_OK);
    dynamics_insert(writer, 1, 3, 5, 0);
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &reader, NULL), TRM_OK);
    char seen[TRM_HASH_TEXT], all[TRM_HASH_TEXT];
    assert_int_equal(trm_store_hash(reader, 1, seen, NULL), TRM_OK);
    assert_int_equal(trm_store_commit(writer, NULL), TRM_OK);
    assert_int_equal(trm_store_hash(reader, 1, all, NULL), TRM_OK);
    assert_string_not_equal(seen, all);
    trm_store_close(writer, NULL); /* while the reader is there the WAL stays */
    assert_int_equal(trm_store_hash(reader, 1, seen, NULL), TRM_OK);
    assert_string_equal(seen, all);
    trm_store_close(reader, NULL);
}

static void what_is_no_store_is_refused(void **state) {
    (void)state;
    check_refused(dynamics_path("absent.db"), TRM_NOT_FOUND, "no such file");
    const char *path = dynamics_path("folder.db");
    assert_int_equal(mkdir(path, 0700), 0);
    check_refused(path, TRM_FORMAT, "regular file");
    assert_int_equal(rmdir(path), 0);
    char text[5000];
    memset(text, 'x', sizeof text);
    path = dynamics_path("text.db");
    write_file(path, text, sizeof text);
    check_refused(path, TRM_FORMAT, "no dynamics store");
    path = dynamics_path("short.db");
    write_file(path, text, 20);
    check_refused(path, TRM_FORMAT, "no dynamics store");
    path = dynamics_path("empty.db");
    write_file(path, text, 0);
    check_refused(path, TRM_FORMAT, "no dynamics store");
    path = dynamics_path("other.db");
    write_file(path, text, 0);
    dynamics_sql(path, "CREATE TABLE run (id)");
    check_refused(path, TRM_FORMAT, "no dynamics store");
}

static void another_version_and_missing_tables_are_refused(void **state) {
    (void)state;
    const char *path = dynamics_path("version.db");
    trm_store_close(dynamics_store(path), NULL);
    dynamics_sql(path, "PRAGMA user_version = 99");
    check_refused(path, TRM_FORMAT, "version 99");
    dynamics_sql(path, "PRAGMA user_version = 2; DROP TABLE epoch");
    struct trm_store *store;
    struct trm_error error = {TRM_OK, ""};
    assert_int_not_equal(trm_store_open(path, TRM_STORE_APPEND, &store, &error), TRM_OK);
    assert_non_null(strstr(error.text, "epoch"));
}

/* Every length of the file, in steps, from nothing to all but its last page: refused, never a crash. */
static void a_truncated_store_is_refused(void **state) {
    (void)state;
    char whole[192];
    snprintf(whole, sizeof whole, "%s", dynamics_path("whole.db"));
    struct trm_store *store = dynamics_store(whole);
    dynamics_insert(store, 1, 0, 200, 0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    struct stat st;
    assert_int_equal(stat(whole, &st), 0);
    const size_t size = (size_t)st.st_size;
    char *bytes = malloc(size);
    FILE *file = fopen(whole, "rb");
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    const char *path = dynamics_path("cut.db");
    for (size_t length = 0; length < size; length += 3000) {
        write_file(path, bytes, length);
        check_refused(path, TRM_FORMAT, length < 512 ? "no dynamics store" : "damaged");
    }
    memset(bytes + size / 2, 0xA5, 4096); /* a page in the middle */
    write_file(path, bytes, size);
    check_refused(path, TRM_FORMAT, "damaged");
    free(bytes);
}

/* A writer that commits rows 0 ... committed−1 and is killed while `open` more are in the batch. */
static void kill_writer(const char *path, size_t committed, size_t open, bool by_signal) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct trm_store *store;
        if (trm_store_open(path, TRM_STORE_APPEND, &store, NULL) != TRM_OK)
            _exit(2);
        for (size_t i = 0; i < committed + open; i++) {
            if (i == committed && trm_store_commit(store, NULL) != TRM_OK)
                _exit(3);
            const struct trm_step row = dynamics_step(i, 0);
            if (trm_store_step_insert(store, 1, &row, NULL) != TRM_OK)
                _exit(4);
        }
        if (by_signal)
            raise(SIGKILL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(by_signal ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_killed_writer_leaves_what_it_had_committed(void **state) {
    (void)state;
    /* The last has more rows in its batch than SQLite keeps in memory, so part of them is in the file
     * already. */
    const struct {
        size_t committed, open;
        bool by_signal;
    } cases[] = {{0, 0, true}, {0, 3, true}, {5, 4, false}, {5, 1, true}, {300, 12000, true}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char name[32], before[TRM_HASH_TEXT], after[TRM_HASH_TEXT];
        snprintf(name, sizeof name, "killed%zu.db", c);
        const char *path = dynamics_path(name);
        struct trm_store *store = dynamics_store(path);
        if (cases[c].committed > 0)
            dynamics_insert(store, 1, 0, cases[c].committed, 0);
        assert_int_equal(trm_store_hash(store, 1, before, NULL), TRM_OK);
        assert_int_equal(trm_store_truncate_after(store, 1, -1, NULL), TRM_OK);
        trm_store_close(store, NULL);
        kill_writer(path, cases[c].committed, cases[c].open, cases[c].by_signal);
        assert_int_equal(there(path, "-wal"), cases[c].committed + cases[c].open > 0);

        assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
        assert_int_equal(trm_store_hash(store, 1, after, NULL), TRM_OK);
        assert_string_equal(before, after);
        trm_store_close(store, NULL);
        assert_int_equal(trm_store_open(path, TRM_STORE_APPEND, &store, NULL), TRM_OK);
        const size_t next = cases[c].committed;
        assert_int_equal(trm_store_truncate_after(store, 1, (int64_t)next - 1, NULL), TRM_OK);
        dynamics_insert(store, 1, next, next + 2, 0);
        assert_int_equal(trm_store_close(store, NULL), TRM_OK);
        assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), next + 2);
    }
}

/* The log of a store that was deleted must not be played into the new one of its name. */
static void a_stale_log_is_not_taken_over(void **state) {
    (void)state;
    const char *path = dynamics_path("stale.db");
    trm_store_close(dynamics_store(path), NULL);
    kill_writer(path, 5, 1, true);
    assert_true(there(path, "-wal"));
    assert_int_equal(unlink(path), 0);
    trm_store_close(dynamics_store(path), NULL);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_existing_file_is_overwritten_only_when_asked),
        cmocka_unit_test(a_closed_store_is_one_file),
        cmocka_unit_test(the_writer_does_not_hinder_a_reader),
        cmocka_unit_test(what_is_no_store_is_refused),
        cmocka_unit_test(another_version_and_missing_tables_are_refused),
        cmocka_unit_test(a_truncated_store_is_refused),
        cmocka_unit_test(a_killed_writer_leaves_what_it_had_committed),
        cmocka_unit_test(a_stale_log_is_not_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
