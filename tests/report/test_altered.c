/* A results folder whose store or data set has a column altered in seven ways: a problem of one line, or numbers that
   can be drawn. */
#include "report/read/results.h"
#include "report/support.h"
#include "support/altered.h"
#include "support/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], bad[128], good[128];

/* What the report would use of the folder; its problems name the file without the folder. */
static enum trm_status read_folder(const char *path, struct trm_error *error) {
    static struct results found;
    const struct report_options options = report_defaults();
    found = (struct results){.problems = 0};
    struct trm_error none = {TRM_OK, ""};
    enum trm_status status = results_read(folder, &options, &found, &none);
    if (found.problems > 0)
        status = trm_fail(error, TRM_FORMAT, "%s: %s", path, found.problem[0].text);
    else if (status != TRM_OK)
        status = trm_fail(error, status, "%s: %s", path, none.text);
    for (size_t i = 0; i < found.runs.count; i++) {
        const struct report_run *const run = &found.runs.at[i];
        assert_true(run->steps <= 40 && run->epochs_done <= 2);
        for (size_t k = 0; k < run->steps; k++)
            assert_true(isfinite(run->loss[k]));
    }
    results_free(&found);
    return status;
}

static void check(size_t altered) {
    const struct altered loose = altered_read(good, bad, false, read_folder);
    assert_true(loose.altered > altered && loose.refused > altered / 3);
    unlink(bad);
}

static void a_store(void **state) {
    (void)state;
    snprintf(good, sizeof good, "%s", dynamics_path("store.db"));
    support_store(good, "admm", 2, 20, NULL);
    check(200);
}

static void a_store_of_online(void **state) {
    (void)state;
    struct trm_store *store;
    snprintf(good, sizeof good, "%s", dynamics_path("online.db"));
    assert_int_equal(trm_store_create(good, false, &store, NULL), TRM_OK);
    support_run(store, "router", 1, 2, 20, NULL);
    for (size_t i = 0; i < 40; i++) {
        const struct trm_step_decision decision = {
            .step = i, .decided = true, .cycles = 3, .train_seconds = 1};
        assert_int_equal(trm_store_decision_insert(store, 1, &decision, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    check(230);
}

static void a_data_set(void **state) {
    (void)state;
    trm_dataset_free(runs_dataset("set.db", 1u << 1 | 1u << 4, 1, 2, 50));
    snprintf(good, sizeof good, "%s", dynamics_path("set.db"));
    check(200);
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/test_trm_results_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(bad, sizeof bad, "%s/bad.db", folder);
    return 0;
}

static int remove_folder(void **state) {
    unlink(bad);
    return rmdir(folder) != 0 || dynamics_cleanup(state) != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_store), cmocka_unit_test(a_store_of_online),
                                       cmocka_unit_test(a_data_set)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
