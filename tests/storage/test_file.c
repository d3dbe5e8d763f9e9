#include "storage/file.h"
#include "support/folders.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_read_whole(void **state) {
    char path[SUPPORT_PATH];
    struct trm_error error;
    for (size_t size = 0; size < 200; size += 63) { /* 0, 63, 126, 189: on both sides of the alignment */
        char bytes[200];
        memset(bytes, 'a', sizeof bytes);
        support_put(support_path(path, state, "f"), bytes, size);
        void *data;
        size_t got;
        assert_int_equal(file_read(path, 189, &data, &got, &error), TRM_OK);
        assert_int_equal(got, size);
        assert_memory_equal(data, bytes, size);
        assert_int_equal(((char *)data)[size], 0);
        assert_int_equal((uintptr_t)data % 64, 0);
        free(data);
    }
}

static void expect_unreadable(const char *path, size_t limit, enum trm_status expected) {
    struct trm_error error = {0};
    void *data = &error;
    size_t size = 1;
    assert_int_equal(file_read(path, limit, &data, &size, &error), expected);
    assert_null(data);
    assert_int_equal(size, 0);
    assert_int_equal(error.status, expected);
    assert_non_null(strstr(error.text, path));
    assert_null(strchr(error.text, '\n'));
    assert_int_equal(file_read(path, limit, &data, &size, NULL), expected);
}

static void test_read_refuses(void **state) {
    char path[SUPPORT_PATH];
    expect_unreadable(support_path(path, state, "absent"), 100, TRM_NOT_FOUND);
    expect_unreadable(*state, 100, TRM_IO);
    expect_unreadable("/dev/null", 100, TRM_IO);
    assert_int_equal(mkfifo(support_path(path, state, "pipe"), 0600), 0);
    expect_unreadable(path, 100, TRM_IO); /* and does not wait for a writer */
    support_put(support_path(path, state, "f"), "12345", 5);
    expect_unreadable(path, 4, TRM_FORMAT);
    expect_unreadable(support_path(path, state, "f/below"), 100, TRM_NOT_FOUND);
}

static void test_check_output(void **state) {
    char path[SUPPORT_PATH];
    struct trm_error error;
    assert_int_equal(file_check_output("", true, false, &error), TRM_INVALID);
    assert_int_equal(file_check_output(*state, true, false, &error), TRM_INVALID);
    assert_int_equal(file_check_output("/dev/null", true, false, &error), TRM_INVALID);
    assert_int_equal(file_check_output(support_path(path, state, "new/"), true, false, &error), TRM_INVALID);
    assert_int_equal(file_check_output(support_path(path, state, "new"), false, false, &error), TRM_OK);
    assert_int_equal(support_entries(*state), 0);
    assert_int_equal(file_check_output(support_path(path, state, "a/b/new"), false, false, &error), TRM_IO);
    assert_int_equal(file_check_output(path, false, true, &error), TRM_OK);
    assert_true(file_exists(support_path(path, state, "a/b")));
    assert_int_equal(support_entries(path), 0);
    support_put(support_path(path, state, "old"), "x", 1);
    assert_int_equal(file_check_output(path, false, false, &error), TRM_EXISTS);
    assert_int_equal(file_check_output(path, true, false, &error), TRM_OK);
    assert_int_equal(file_check_output(support_path(path, state, "old/new"), true, true, &error), TRM_IO);
}

static enum trm_status write_text(const char *path, const char *text, bool overwrite) {
    return file_write(path, text, strlen(text), overwrite, NULL);
}

static void expect_text(const char *path, const char *text) {
    void *data;
    size_t size;
    assert_int_equal(file_read(path, 1000, &data, &size, NULL), TRM_OK);
    assert_string_equal(data, text);
    free(data);
}

static void test_commit(void **state) {
    char path[SUPPORT_PATH], other[SUPPORT_PATH];
    support_path(path, state, "f");
    assert_int_equal(write_text(path, "one", false), TRM_OK);
    expect_text(path, "one");
    assert_int_equal(write_text(path, "two", false), TRM_EXISTS);
    expect_text(path, "one");
    assert_int_equal(write_text(path, "three", true), TRM_OK);
    expect_text(path, "three");
    assert_int_equal(symlink(path, support_path(other, state, "link")), 0);
    assert_int_equal(write_text(other, "four", true), TRM_OK);
    expect_text(path, "four");
    assert_int_equal(support_entries(*state), 2); /* and the link is still one */
    assert_int_equal(symlink("nowhere", support_path(other, state, "dangling")), 0);
    assert_int_equal(write_text(other, "five", true), TRM_IO);
    assert_int_equal(write_text(*state, "six", true), TRM_INVALID);
    assert_int_equal(write_text("/dev/null", "six", true), TRM_INVALID);
    assert_int_equal(write_text(support_path(other, state, "no/folder"), "six", true), TRM_IO);
    assert_int_equal(support_entries(*state), 3);
}

static void test_unfinished(void **state) {
    char path[SUPPORT_PATH];
    struct file_writer w;
    assert_int_equal(file_begin(&w, support_path(path, state, "f"), NULL), TRM_OK);
    fputs("half", w.stream);
    assert_false(file_exists(path));
    assert_int_equal(support_entries(*state), w.named);
    file_abandon(&w);
    assert_int_equal(support_entries(*state), 0);
    file_abandon(&w);
}

/* A writer that is killed before its file is whole leaves nothing, where files need no names. */
static void test_killed_writer(void **state) {
    char path[SUPPORT_PATH];
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct file_writer w;
        if (file_begin(&w, support_path(path, state, "f"), NULL) != TRM_OK)
            _exit(1);
        fputs("half", w.stream);
        fflush(w.stream);
        _exit(w.named ? 2 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 1);
    assert_int_equal(support_entries(*state), WEXITSTATUS(status) == 2);
}

/* A full disk: the error is seen at commit, and nothing is left. */
static void test_write_fails(void **state) {
    char path[SUPPORT_PATH];
    struct file_writer w;
    struct trm_error error;
    assert_int_equal(file_begin(&w, support_path(path, state, "f"), NULL), TRM_OK);
    assert_non_null(freopen("/dev/full", "wb", w.stream));
    for (int i = 0; i < 10000; i++)
        fputs("0123456789", w.stream);
    assert_int_equal(file_commit(&w, true, &error), TRM_IO);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(support_entries(*state), 0);
    /* An error that the stream remembers though the last flush goes well. */
    assert_int_equal(file_begin(&w, path, NULL), TRM_OK);
    assert_int_equal(fgetc(w.stream), EOF); /* it is not open for reading */
    assert_int_equal(file_commit(&w, true, &error), TRM_IO);
    assert_int_equal(support_entries(*state), 0);
}

struct racer {
    const char *path;
    pthread_barrier_t *start;
    enum trm_status status;
};

static void *race(void *argument) {
    struct racer *r = argument;
    struct file_writer w;
    r->status = file_begin(&w, r->path, NULL);
    pthread_barrier_wait(r->start);
    if (r->status == TRM_OK) {
        fprintf(w.stream, "%p", argument);
        r->status = file_commit(&w, false, NULL);
    }
    return NULL;
}

/* Of several that write one new file at once, exactly one wins, and its bytes are the file's. */
static void test_race(void **state) {
    enum { RACERS = 4, ROUNDS = 20 };
    char path[SUPPORT_PATH], name[32], text[32];
    for (int round = 0; round < ROUNDS; round++) {
        struct racer racers[RACERS];
        pthread_t threads[RACERS];
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, RACERS);
        snprintf(name, sizeof name, "race-%d", round);
        support_path(path, state, name);
        for (int i = 0; i < RACERS; i++) {
            racers[i] = (struct racer){.path = path, .start = &start};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        int winners = 0;
        for (int i = 0; i < RACERS; i++) {
            pthread_join(threads[i], NULL);
            if (racers[i].status == TRM_OK) {
                winners++;
                snprintf(text, sizeof text, "%p", (void *)&racers[i]);
            } else {
                assert_int_equal(racers[i].status, TRM_EXISTS);
            }
        }
        assert_int_equal(winners, 1);
        expect_text(path, text);
        pthread_barrier_destroy(&start);
    }
    assert_int_equal(support_entries(*state), ROUNDS);
}

int main(void) {
#define TEST(f) cmocka_unit_test_setup_teardown(f, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        TEST(test_read_whole), TEST(test_read_refuses),  TEST(test_check_output), TEST(test_commit),
        TEST(test_unfinished), TEST(test_killed_writer), TEST(test_write_fails),  TEST(test_race),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
