/* export, and what collect writes for TensorBoard. */
#include "cli/support_run.h"
#include "cli/support_store.h"

#include "cli/views/events.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void views_are_written_as_csv(void **state) {
    struct run r;
    char text[SUPPORT_TEXT];
    put_store(state, "a.db", "admm", 0);
    RUN(&r, *state, "export", "a.db", "--csv", "run_summary");
    assert_int_equal(r.exit_status, 0);
    assert_true(strncmp(r.out, "run_id,name,solver,", 19) == 0);
    assert_int_equal(count_of(r.out, "\r\n"), 2);
    assert_non_null(strstr(r.out, ",admm,"));
    RUN(&r, *state, "export", "a.db", "--output", "out/steps.csv");
    assert_int_equal(r.exit_status, 0);
    get_file(*state, "out/steps.csv", text, sizeof text);
    assert_true(strncmp(text, "run_id,", 7) == 0);
    change_store(state, "a.db", "UPDATE run SET name = 'a \"b\", c', width = 0.1");
    RUN(&r, *state, "export", "a.db", "--csv", "run_summary");
    assert_non_null(strstr(r.out, ",\"a \"\"b\"\", c\",admm,"));
    assert_non_null(strstr(r.out, ",0.1,"));
}

static void export_refuses(void **state) {
    struct run r;
    put_store(state, "a.db", "admm", 0);
    RUN(&r, *state, "export", "a.db", "--csv", "steps");
    expect_refusal(&r, 1, "has no view 'steps'; there are");
    RUN(&r, *state, "export", "a.db", "--csv", "sqlite_master");
    expect_refusal(&r, 1, "has no view 'sqlite_master'");
    RUN(&r, *state, "export", "a.db", "--csv", "run\" WHERE 0 --");
    expect_refusal(&r, 1, "has no view");
    RUN(&r, *state, "export", "b.db");
    expect_refusal(&r, 1, "b.db: no such file");
    RUN(&r, *state, "export", "a.db", "--output", "a.db", "--force");
    expect_refusal(&r, 1, "a.db: is both input and output");
    RUN(&r, *state, "export", "a.db", "--output", "x.csv");
    RUN(&r, *state, "export", "a.db", "--output", "x.csv");
    expect_refusal(&r, 1, "x.csv");
}

/* How often a word is in the files of a folder, zeros and all. */
static size_t words_in(const char *folder, const char *word) {
    size_t found = 0;
    const size_t length = strlen(word);
    DIR *const directory = opendir(folder);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        static char bytes[1 << 16];
        char path[SUPPORT_PATH * 2];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *const file = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        const size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
        for (size_t i = 0; i + length <= size; i++)
            found += memcmp(bytes + i, word, length) == 0;
        if (file != NULL)
            fclose(file);
    }
    closedir(directory);
    return found;
}

/* Killed after step 8 of 10, gone on from the checkpoint of step 6: every step is there once. */
static void a_resumed_run_shows_every_step_once(void **state) {
    struct events events;
    char folder[SUPPORT_PATH];
    for (size_t begin = 0; begin <= 6; begin += 6) {
        events_begin(&events, *state, "run", begin);
        for (size_t step = begin + 1; step <= (begin == 0 ? 8 : 10); step++)
            events_step(&events, &(struct collect_event){.step = step, .loss = 1, .epoch_ended = step == 10});
        events_end(&events);
    }
    assert_int_equal(words_in(support_path(folder, state, "run"), "step/loss"), 10);
    assert_int_equal(words_in(folder, "epoch/test_loss"), 1);
    events_begin(&events, NULL, "run", 0);
    events_step(&events, &(struct collect_event){.step = 1});
    events_end(&events);
}

static void collect_and_online_write_events(void **state) {
    need_data();
    struct run r;
    char folder[SUPPORT_PATH];
    RUN(&r, *state, "collect", "--solver", "admm", "--model", "mlp", "--width", "0.25", "--train-limit",
        "128", "--batch-size", "32", "--epochs", "1", "--output", "out/first.db", "--tensorboard", "log");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(words_in(support_path(folder, state, "log/first"), "step/loss"), 4);
    put_text(state, "blocked", "a file");
    RUN(&r, *state, "collect", "--solver", "admm", "--model", "mlp", "--width", "0.25", "--train-limit",
        "128", "--batch-size", "32", "--epochs", "1", "--output", "out/second.db", "--tensorboard",
        "blocked");
    assert_int_equal(r.exit_status, 0); /* the training is worth more */
    assert_non_null(strstr(r.err, "no more events are written"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(views_are_written_as_csv),
        IN_FOLDER(export_refuses),
        IN_FOLDER(a_resumed_run_shows_every_step_once),
        IN_FOLDER(collect_and_online_write_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
