/* A router is evaluated on the data set that it was trained on, known by its hash; and what is said of few samples. */
#include "report/support.h"

#include "report/report.h"
#include "router/training.h"
#include "storage/file.h"
#include "support/branches.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_sql(const char *path, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A data set `name` of two runs, whose losses are all multiplied by `scale`: same numbers of everything, other samples. */
static void make_data(void **state, const char *name, size_t steps, const char *scale) {
    static const char *const solvers[] = {"admm", "dual_ascent"};
    char path[2][SUPPORT_PATH], merged[SUPPORT_PATH], sql[128];
    const char *inputs[2];
    struct trm_statistics statistics;
    snprintf(sql, sizeof sql, "UPDATE step SET loss = loss * %s, next_loss = next_loss * %s", scale, scale);
    for (int i = 0; i < 2; i++) {
        inputs[i] = support_path(path[i], state, solvers[i]);
        support_store(inputs[i], solvers[i], 1, steps, NULL);
        run_sql(inputs[i], sql);
    }
    assert_int_equal(trm_merge_runs(inputs, 2, support_path(merged, state, name), false, &statistics, NULL),
                     TRM_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(remove(inputs[i]), 0);
}

static void train(void **state, const char *data) {
    char from[SUPPORT_PATH], to[SUPPORT_PATH];
    struct trm_train_request request = {.data = support_path(from, state, data),
                                        .output = support_path(to, state, "router.safetensors"),
                                        .options = trm_train_defaults()};
    struct trm_train_result result;
    struct trm_error error = {.text = ""};
    request.options.size = "tiny";
    request.options.epochs = 1;
    const enum trm_status status = trm_train(&request, NULL, &result, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TRM_OK);
}

static char *report(void **state, struct report_summary *summary) {
    char path[SUPPORT_PATH];
    void *page;
    size_t size;
    struct trm_error error = {.text = ""};
    struct report_options options = report_defaults();
    options.resamples = 20;
    options.baseline_epochs = 0;
    const enum trm_status status = report_write(*state, &options, summary, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TRM_OK);
    assert_int_equal(file_read(support_path(path, state, "report/report.html"), 1 << 26, &page, &size, NULL),
                     TRM_OK);
    return page;
}

/* The first by name has as many samples, groups and arms as the one it was trained on, which comes second. */
static void test_hash(void **state) {
    struct report_summary summary;
    make_data(state, "a.db", 120, "2.0");
    make_data(state, "b.db", 120, "1.0");
    train(state, "b.db");
    free(report(state, &summary));
    assert_int_equal(summary.data_sets, 2);
    assert_int_equal(summary.problems, 0);
    assert_int_equal(summary.made[REPORT_CONFUSION_MATRIX], 1);
}

/* The headline says that a router learned from few samples; of few groups there is no interval, only their number. */
static void test_few(void **state) {
    struct report_summary summary;
    make_data(state, "few.db", 60, "1.0");
    train(state, "few.db");
    char *const page = report(state, &summary);
    const char *const headline = strstr(page, "samples only</strong>");
    assert_non_null(headline);
    assert_true(headline < strstr(page, "<h2"));
    assert_non_null(strstr(page, "too few for an interval"));
    assert_non_null(strstr(page, "No intervals: of fewer than 10 groups"));
    assert_null(strstr(page, "<small>"));
    assert_null(strstr(page, "95 % intervals"));
    free(page);
}

/* What is not few is not said to be. */
static void test_enough(void **state) {
    struct report_summary summary;
    make_data(state, "enough.db", 900, "1.0");
    train(state, "enough.db");
    char *const page = report(state, &summary);
    assert_null(strstr(page, "samples only"));
    free(page);
}

/* A data set of arms that were tried from the same weights is no comparison of separate runs, and is not called one. */
static void test_branches(void **state) {
    struct report_summary summary;
    char store[SUPPORT_PATH], data[SUPPORT_PATH];
    const struct branches b = {.arms = "admm:0.5,admm,admm:2",
                               .every = 1,
                               .probes = 4,
                               .change = branches_two_regimes,
                               .noise = 0.1};
    const struct trm_run_settings s = runs_settings("admm", 1);
    const struct trm_oracle_options options = trm_oracle_defaults();
    const char *const inputs[] = {support_path(store, state, "1.db")};
    branches_store(store, &s, &b);
    assert_int_equal(
        trm_prepare_branches(inputs, 1, &options, support_path(data, state, "d.db"), false, NULL, NULL),
        TRM_OK);
    assert_int_equal(remove(store), 0);
    train(state, "d.db");
    char *const page = report(state, &summary);
    assert_int_equal(summary.made[REPORT_CONFUSION_MATRIX], 1);
    assert_null(strstr(page, "No counterfactual."));
    assert_non_null(strstr(page, "A counterfactual."));
    assert_non_null(strstr(page, "the loss of fresh batches after the step"));
    assert_non_null(strstr(page, "from 1 run with 1 seed, at"));
    assert_null(strstr(page, "shared steps"));
    free(page);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {IN_FOLDER(test_hash), IN_FOLDER(test_few), IN_FOLDER(test_enough),
                                       IN_FOLDER(test_branches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
