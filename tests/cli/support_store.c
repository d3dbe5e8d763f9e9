#include "cli/support_store.h"

#include "support/dynamics.h"

#include <sqlite3.h>

static void put(void **state, const char *name, const char *solver, size_t best, bool finished) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    int64_t run;
    struct trm_run_settings settings = dynamics_settings();
    const struct trm_run_result done = {.status = TRM_RUN_DONE};
    settings.solver = solver;
    settings.steps_per_epoch = STORE_STEPS / 2;
    assert_int_equal(trm_store_create(support_path(path, state, name), true, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
    for (size_t i = 0; i < (finished ? STORE_STEPS : STORE_STEPS / 4); i++) {
        struct trm_step row = {.step = i,
                               .epoch = i / (STORE_STEPS / 2),
                               .epoch_step = i % (STORE_STEPS / 2),
                               .loss = 2,
                               .grad_norm = 1,
                               .has_next_loss = true,
                               .next_loss = i % 3 == best ? 1.5 : 1.75 + 1e-4 * (double)i,
                               .solver = solver,
                               .solve_seconds = 0.01};
        row.feature[0] = (double)(i % 3);
        row.feature[8] = (double)i / STORE_STEPS;
        assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
    }
    if (finished)
        assert_int_equal(trm_store_run_finish(store, run, &done, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

void put_store(void **state, const char *name, const char *solver, size_t best) {
    put(state, name, solver, best, true);
}

void put_unfinished_store(void **state, const char *name, const char *solver) {
    put(state, name, solver, 0, false);
}

void change_store(void **state, const char *name, const char *sql) {
    char path[SUPPORT_PATH];
    sqlite3 *db;
    assert_int_equal(sqlite3_open(support_path(path, state, name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
