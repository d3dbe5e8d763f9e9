/* The whole report, of folders made by hand. */
#include "report/support.h"

#include "report/report.h"
#include "router/router.h"
#include "storage/file.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct report_options quick(void) {
    struct report_options options = report_defaults();
    options.resamples = 20;
    options.baseline_epochs = 0;
    return options;
}

static char *page_of(void **state, size_t *size) {
    char path[SUPPORT_PATH];
    void *page;
    assert_int_equal(file_read(support_path(path, state, "report/report.html"), 1 << 26, &page, size, NULL),
                     TRM_OK);
    return page;
}

static size_t occurrences(const char *text, const char *word) {
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

static void test_nothing(void **state) {
    char path[SUPPORT_PATH];
    struct report_summary summary;
    struct trm_error error;
    struct report_options options = quick();
    assert_int_equal(report_write(support_path(path, state, "absent"), &options, &summary, &error),
                     TRM_NOT_FOUND);
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "collect"));
    support_put(support_path(path, state, "notes.txt"), "hello", 5);
    support_put(support_path(path, state, "music.db"), "no database", 11);
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "music.db"));
    assert_int_equal(support_entries(*state), 2); /* nothing was made */
    remove(support_path(path, state, "music.db"));
    struct trm_store *store; /* as one whose writer was killed, copied without its WAL */
    assert_int_equal(trm_store_create(support_path(path, state, "admm.db"), false, &store, &error), TRM_OK);
    assert_int_equal(trm_store_close(store, &error), TRM_OK);
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "admm.db-wal"));
}

static void test_without_gnuplot(void **state) {
    char path[SUPPORT_PATH];
    struct report_summary summary;
    struct trm_error error;
    struct report_options options = quick();
    options.gnuplot = "no-such-gnuplot";
    support_store(support_path(path, state, "admm.db"), "admm", 1, 8, NULL);
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_NOT_FOUND);
    assert_non_null(strstr(error.text, "install"));
    assert_false(file_exists(support_path(path, state, "report")));
}

/* Stores beside foreign and damaged files, with names that are HTML. */
static void test_stores(void **state) {
    char path[SUPPORT_PATH];
    struct report_summary summary;
    struct report_options options = quick();
    size_t size;
    support_store(support_path(path, state, "<b>&admm.db"), "admm", 2, 12, NULL);
    support_store(support_path(path, state, "dual.db"), "dual_ascent", 2, 12, NULL);
    support_store(support_path(path, state, "dual.db.tmp-123-0"), "dual_ascent", 2, 12,
                  NULL); /* a killed writer's */
    support_put(support_path(path, state, "<script>.db"), "garbage", 7);
    support_put(support_path(path, state, "cut.safetensors"), "\x10\0\0", 3);
    support_put(support_path(path, state, "readme.txt"), "hello", 5);
    assert_int_equal(mkdir(support_path(path, state, "folder.db"), 0777), 0);
    assert_int_equal(report_write(*state, &options, &summary, NULL), TRM_OK);
    assert_int_equal(summary.runs, 2);
    assert_int_equal(summary.problems, 2);
    assert_int_equal(summary.made[REPORT_SOLVER_COMPARISON], 1);
    assert_int_equal(summary.made[REPORT_CONFUSION_MATRIX], 0);
    support_check_png(support_path(path, state, "report/solver_comparison"), 0, 0);
    support_check_svg(path);
    char *const page = page_of(state, &size);
    assert_int_equal(occurrences(page, "<script"), 2); /* of the page, and the data of its chart */
    assert_non_null(strstr(page, "script-src 'sha256-"));
    assert_null(strstr(page, "<b>&"));
    assert_non_null(strstr(page, "&lt;b&gt;&amp;admm.db"));
    assert_non_null(strstr(page, "<a href=\"../%3Cb%3E%26admm.db\">"));
    assert_non_null(strstr(page, "&lt;script&gt;.db"));
    assert_int_equal(occurrences(page, "src=\"data:image/svg+xml;base64,"), 1);
    assert_int_equal(occurrences(page, "src="), 1);
    assert_null(strstr(page, "http://"));
    assert_null(strstr(page, "https://"));
    assert_non_null(strstr(page, "trm-router prepare --inputs"));
    assert_non_null(strstr(page, "trm-router online --router"));
    assert_non_null(strstr(page, "64.00")); /* admm after 2 epochs: 50 + 10 + 4 % */
    free(page);
}

/* A store that says it has 10^12 epochs must not take as long. */
static void test_epochs(void **state) {
    char path[SUPPORT_PATH];
    struct report_summary summary;
    struct report_options options = quick();
    struct trm_store *store;
    sqlite3 *db;
    assert_int_equal(trm_store_create(support_path(path, state, "online.db"), false, &store, NULL), TRM_OK);
    support_run(store, "router", 1, 1, 8, NULL);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE run SET epochs = 1000000000000", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    support_store(support_path(path, state, "admm.db"), "admm", 1, 8, NULL);
    assert_int_equal(report_write(*state, &options, &summary, NULL), TRM_OK);
    assert_int_equal(summary.problems, 1);
    assert_int_equal(summary.online_runs, 0);
}

/* Refused the second time, replaced when forced, to the same bytes; pictures that are no more made go. */
static void test_again(void **state) {
    char path[SUPPORT_PATH], stale[SUPPORT_PATH];
    struct report_summary summary;
    struct trm_error error;
    struct report_options options = quick();
    size_t size, again;
    support_store(support_path(path, state, "admm.db"), "admm", 1, 8, NULL);
    assert_int_equal(report_write(*state, &options, &summary, NULL), TRM_OK);
    char *const first = page_of(state, &size);
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_EXISTS);
    assert_non_null(strstr(error.text, "--force"));
    support_put(support_path(stale, state, "report/confusion_matrix-2.png"), "old", 3);
    options.force = true;
    assert_int_equal(report_write(*state, &options, &summary, NULL), TRM_OK);
    char *const second = page_of(state, &again);
    assert_int_equal(size, again);
    assert_memory_equal(first, second, size);
    assert_false(file_exists(stale));
    free(first);
    free(second);
}

static bool stop_now(void *context) {
    (void)context;
    return true;
}

/* A picture in the way is left as it is, also one that this report would not draw; a report that was stopped
   leaves none. */
static void test_pictures_in_the_way(void **state) {
    static const char *const names[] = {"report/solver_comparison.svg", "report/confusion_matrix-2.png"};
    char path[SUPPORT_PATH];
    struct report_summary summary;
    struct trm_error error;
    struct report_options options = quick();
    support_store(support_path(path, state, "admm.db"), "admm", 1, 8, NULL);
    assert_int_equal(mkdir(support_path(path, state, "report"), 0777), 0);
    for (size_t i = 0; i < 2; i++) {
        void *text;
        size_t size;
        support_put(support_path(path, state, names[i]), "mine", 4);
        assert_int_equal(report_write(*state, &options, &summary, &error), TRM_EXISTS);
        assert_non_null(strstr(error.text, names[i]));
        assert_non_null(strstr(error.text, "--force"));
        assert_int_equal(file_read(path, 16, &text, &size, NULL), TRM_OK);
        assert_memory_equal(text, "mine", 4);
        free(text);
        assert_int_equal(support_entries(support_path(path, state, "report")), 1);
        assert_int_equal(remove(support_path(path, state, names[i])), 0);
    }
    options.stop = stop_now;
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_STOPPED);
    assert_int_equal(support_entries(support_path(path, state, "report")), 0);
    options.stop = NULL;
    assert_int_equal(report_write(*state, &options, &summary, &error), TRM_OK);
}

/* Everything there is: runs, data set, an untrained router of it, and online runs. */
static void test_all(void **state) {
    static const char *const solvers[] = {"dual_ascent", "admm", "frank_wolfe"};
    char path[3][SUPPORT_PATH], merged[SUPPORT_PATH], file[SUPPORT_PATH];
    const char *inputs[3];
    struct trm_router_config tiny;
    struct trm_statistics statistics;
    struct trm_router *router;
    struct trm_store *store;
    struct report_summary summary;
    struct report_options options = quick();
    for (int i = 0; i < 3; i++) {
        support_store(support_path(path[i], state, solvers[i]), solvers[i], 3, 60, NULL);
        inputs[i] = path[i];
    }
    assert_int_equal(
        trm_merge_runs(inputs, 3, support_path(merged, state, "m<i>.db"), false, &statistics, NULL), TRM_OK);
    assert_int_equal(trm_router_config_named("tiny", &tiny, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &tiny, 1, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.present = statistics.present;
    origin.samples = statistics.samples;
    origin.groups = statistics.groups;
    origin.split = trm_split_defaults();
    snprintf(origin.configuration, sizeof origin.configuration, "{}");
    trm_router_set_origin(router, &origin);
    assert_int_equal(trm_router_save(support_path(file, state, "a.safetensors"), router, false, NULL),
                     TRM_OK);
    origin.samples++; /* of a data set that is not here */
    trm_router_set_origin(router, &origin);
    assert_int_equal(trm_router_save(support_path(file, state, "b.safetensors"), router, false, NULL),
                     TRM_OK);
    trm_router_destroy(router);
    assert_int_equal(trm_store_create(support_path(file, state, "online.db"), false, &store, NULL), TRM_OK);
    for (uint64_t seed = 1; seed <= 2; seed++) {
        support_run(store, "router", seed, 3, 20, NULL);
        support_run(store, "admm", seed, 3, 20, NULL);
    }
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);

    struct trm_error error = {.text = ""};
    const enum trm_status status = report_write(*state, &options, &summary, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TRM_OK);
    assert_int_equal(summary.runs, 3);
    assert_int_equal(summary.online_runs, 4);
    assert_int_equal(summary.routers, 2);
    assert_int_equal(summary.problems, 1);
    for (int i = 0; i < REPORT_PICTURES; i++) {
        const bool made = i != REPORT_TRM_TRAINING && i != REPORT_EFFECTS && i != REPORT_GAP_BY_STEP;
        assert_int_equal(summary.made[i], made);
        char name[64];
        snprintf(name, sizeof name, "report/%s", report_picture_name((enum report_picture)i));
        if (made) {
            support_check_png(support_path(file, state, name), 0, 0);
            support_check_svg(file);
        }
    }
    size_t size;
    char *const page = page_of(state, &size);
    assert_int_equal(occurrences(page, "No counterfactual."), 2);
    assert_int_equal(occurrences(page, "A counterfactual."), 0);
    assert_int_equal(occurrences(page, "A real experiment."), 1);
    assert_int_equal(occurrences(page, "src=\"data:image/svg+xml;base64,"), 5);
    assert_non_null(strstr(page, "trm-router train --data"));
    assert_null(strstr(page, ">nan"));
    assert_null(strstr(page, "-nan"));
    assert_null(strstr(page, "<i>"));
    assert_non_null(strstr(page, "m&lt;i&gt;.db"));
    free(page);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_nothing), IN_FOLDER(test_without_gnuplot),
                                       IN_FOLDER(test_stores),  IN_FOLDER(test_epochs),
                                       IN_FOLDER(test_again),   IN_FOLDER(test_pictures_in_the_way),
                                       IN_FOLDER(test_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
