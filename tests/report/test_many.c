/* A report of 200 runs: every one in it, the best setting named as SQL finds it in the stores, not too large; and a
   browser, where there is one, opens it without complaint, wide and narrow, light and dark. */
#include "report/support.h"

#include "base/rng.h"
#include "report/report.h"
#include "report/strbuf.h"
#include "storage/file.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUDGETS = 10, SEEDS = 10, RUNS = 2 * BUDGETS * SEEDS };

static void run_sql(const char *path, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* A store of ten seeds; accuracies are random about one that belongs to the setting. */
static void make_store(void **state, const char *solver, int budget) {
    char name[64], path[SUPPORT_PATH], config[128], sql[128];
    struct trm_store *store;
    snprintf(name, sizeof name, "%s-%d.db", solver, budget);
    snprintf(config, sizeof config, "{\"schedule\":\"linear\",\"spectral-budget\":%g}", 0.02 * (budget + 1));
    assert_int_equal(trm_store_create(support_path(path, state, name), false, &store, NULL), TRM_OK);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        support_run(store, solver, seed, 4, 20, config);
        for (size_t step = 0; step < 80; step++)
            for (int m = 0; m < 3; m++) {
                static const char *const matrices[] = {"conv1.weight", "conv2.weight", "conv3.weight"};
                const struct trm_solve row = {
                    .matrix = matrices[m], .gap = 1e-4 * (m + 1), .iterations = step % 7, .seconds = 1e-3};
                assert_int_equal(trm_store_solve_insert(store, (int64_t)seed, step, &row, NULL), TRM_OK);
            }
    }
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    snprintf(sql, sizeof sql,
             "UPDATE epoch SET test_accuracy = 0.6 + 0.02 * %d + 0.1 * (abs(random()) %% 1000) / 1000.0",
             (7 * budget + (int)strlen(solver)) % BUDGETS);
    run_sql(path, sql);
}

/* The mean of the last epochs' accuracies in a store. */
static double mean_of(const char *path) {
    sqlite3 *db;
    sqlite3_stmt *query;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT avg(test_accuracy) FROM epoch WHERE epoch = 3", -1, &query, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    const double mean = sqlite3_column_double(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return mean;
}

static void expect_headline(void **state, const char *page) {
    static const char *const solvers[] = {"admm", "quasi_newton"};
    char wanted[256] = "", path[SUPPORT_PATH];
    double best = 0;
    for (int i = 0; i < 2 * BUDGETS; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s-%d.db", solvers[i / BUDGETS], i % BUDGETS);
        const double mean = mean_of(support_path(path, state, name));
        if (mean > best) {
            best = mean;
            snprintf(wanted, sizeof wanted,
                     "<h1>Best of %d settings: <em>%s, spectral-budget %g</em>, test accuracy %.2f %%",
                     2 * BUDGETS, solvers[i / BUDGETS], 0.02 * (i % BUDGETS + 1), 100.0 * mean);
        }
    }
    if (strstr(page, wanted) == NULL)
        fail_msg("no headline \"%s\"", wanted);
}

static size_t occurrences(const char *text, const char *word) {
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text++)
        count++;
    return count;
}

/* What it says on stderr and the page as its script left it. */
static void open_in_browser(const char *browser, const char *path, int width, bool dark) {
    char command[2 * SUPPORT_PATH + 512];
    static char said[1 << 24];
    snprintf(command, sizeof command,
             "%s --headless --no-sandbox --disable-gpu --enable-logging=stderr --dump-dom "
             "--blink-settings=preferredColorScheme=%d --window-size=%d,900 'file://%s' 2>&1",
             browser, !dark, width, path);
    FILE *const pipe = popen(command, "r");
    assert_non_null(pipe);
    const size_t size = fread(said, 1, sizeof said - 1, pipe);
    said[size] = '\0';
    assert_int_equal(pclose(pipe), 0);
    const char *const complaint = strstr(said, "CONSOLE");
    if (complaint != NULL)
        fail_msg("%d wide: %.200s", width, complaint);
    assert_int_equal(occurrences(said, "<div class=\"plot\"><svg"), 3);
    assert_true(occurrences(said, "<button type=\"button\" aria-pressed=\"true\"") > 0);
    assert_non_null(strstr(said, "</html>"));
}

static const char *find_browser(void) {
    static const char *const names[] = {"chromium", "chromium-browser", "google-chrome"};
    char command[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(command, sizeof command, "command -v %s >/dev/null", names[i]);
        if (system(command) == 0)
            return names[i];
    }
    return NULL;
}

static int make_report(void **state) {
    struct report_summary summary;
    struct trm_error error = {.text = ""};
    const struct report_options options = report_defaults();
    assert_int_equal(support_folder_make(state), 0);
    for (int budget = 0; budget < BUDGETS; budget++) {
        make_store(state, "admm", budget);
        make_store(state, "quasi_newton", budget);
    }
    const enum trm_status status = report_write(*state, &options, &summary, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, TRM_OK);
    assert_int_equal(summary.runs, RUNS);
    assert_int_equal(summary.made[REPORT_EFFECTS], 1);
    assert_int_equal(summary.made[REPORT_GAP_BY_STEP], 1);
    return 0;
}

static void test_page(void **state) {
    char path[SUPPORT_PATH];
    void *page;
    size_t size;
    assert_int_equal(file_read(support_path(path, state, "report/report.html"), 1 << 26, &page, &size, NULL),
                     TRM_OK);
    assert_true(size < 5 * 1000 * 1000);
    expect_headline(state, page);
    assert_int_equal(occurrences(page, "<a href=\"../admm-0.db\">"), 2 * SEEDS); /* every run, twice */
    assert_int_equal(occurrences(page, "download=\""), 3);                       /* a CSV a table */
    assert_non_null(strstr(page, "<dt>schedule</dt><dd>linear</dd>"));           /* once, above */
    free(page);
}

static void test_browser(void **state) {
    char path[SUPPORT_PATH];
    const char *const browser = find_browser();
    if (browser == NULL)
        skip();
    support_path(path, state, "report/report.html");
    for (int i = 0; i < 4; i++)
        open_in_browser(browser, path, i < 2 ? 1280 : 390, i % 2 == 1);
}

/* The page as it is, without its rule that no other script runs, and one behind it that uses it. */
static void test_use(void **state) {
    char path[SUPPORT_PATH];
    void *page, *script;
    size_t size;
    struct strbuf text = {.bytes = NULL};
    const char *const browser = find_browser();
    if (browser == NULL)
        skip();
    assert_int_equal(file_read(support_path(path, state, "report/report.html"), 1 << 26, &page, &size, NULL),
                     TRM_OK);
    assert_int_equal(file_read(TEST_DATA_DIR "/interact.js", 1 << 20, &script, &size, NULL), TRM_OK);
    const char *const rule = strstr(page, "<meta http-equiv"), *const end = strstr(page, "</body>");
    assert_true(rule != NULL && end != NULL);
    strbuf_add(&text, page, (size_t)(rule - (const char *)page));
    strbuf_add(&text, strchr(rule, '>') + 1, (size_t)(end - strchr(rule, '>') - 1));
    strbuf_addf(&text, "<script>%s</script></body></html>", (const char *)script);
    support_put(support_path(path, state, "report/used.html"), text.bytes, text.size);
    open_in_browser(browser, path, 1280, false);
    strbuf_release(&text);
    free(page);
    free(script);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page), cmocka_unit_test(test_browser),
                                       cmocka_unit_test(test_use)};
    return cmocka_run_group_tests(tests, make_report, support_folder_remove);
}
