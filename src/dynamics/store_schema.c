#include "dynamics/store.h"

#include <stdio.h>

#define X_FEATURE(name, column, text) "  " #column " REAL NOT NULL,\n"
#define X_NAME(name, column, text) "'" #column "', "

/* The tables. A step is found by its run and number, so they are stored in that order. */
static const char *const tables =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE run (\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  name TEXT,\n"
    "  solver TEXT NOT NULL,\n"
    "  model TEXT NOT NULL,\n"
    "  dataset TEXT NOT NULL,\n"
    "  fingerprint TEXT NOT NULL,\n"
    "  tracked TEXT NOT NULL,\n"
    "  program TEXT NOT NULL,\n"
    "  config TEXT NOT NULL,\n"
    "  width REAL NOT NULL CHECK (width > 0),\n"
    "  seed INTEGER NOT NULL,\n"
    "  threads INTEGER NOT NULL CHECK (threads > 0),\n"
    "  epochs INTEGER NOT NULL CHECK (epochs > 0),\n"
    "  batch_size INTEGER NOT NULL CHECK (batch_size > 0),\n"
    "  steps_per_epoch INTEGER NOT NULL CHECK (steps_per_epoch > 0),\n"
    "  record_every INTEGER NOT NULL CHECK (record_every > 0),\n"
    "  feature_version INTEGER NOT NULL,\n"
    "  status TEXT NOT NULL CHECK (status IN (" TRM_RUN_STATUS_LIST(
        X_NAME) "'done')),\n"
                "  started TEXT NOT NULL,\n"
                "  finished TEXT,\n"
                "  test_accuracy REAL,\n"
                "  test_loss REAL,\n"
                "  message TEXT) STRICT;\n"
                "CREATE TABLE step (\n"
                "  run_id INTEGER NOT NULL REFERENCES run (id),\n"
                "  step INTEGER NOT NULL,\n"
                "  epoch INTEGER NOT NULL,\n"
                "  epoch_step INTEGER NOT NULL,\n" TRM_FEATURE_LIST(
                    X_FEATURE) "  loss REAL NOT NULL,\n"
                               "  grad_norm REAL NOT NULL,\n"
                               "  next_loss REAL,\n"
                               "  gap REAL,\n"
                               "  solver TEXT NOT NULL,\n"
                               "  iterations INTEGER NOT NULL,\n"
                               "  seconds REAL NOT NULL,\n"
                               "  solve_seconds REAL NOT NULL,\n"
                               "  PRIMARY KEY (run_id, step)) WITHOUT ROWID, STRICT;\n"
                               "CREATE TABLE epoch (\n"
                               "  run_id INTEGER NOT NULL REFERENCES run (id),\n"
                               "  epoch INTEGER NOT NULL,\n"
                               "  train_loss REAL NOT NULL,\n"
                               "  test_loss REAL,\n"
                               "  test_accuracy REAL,\n"
                               "  held_loss REAL,\n"
                               "  held_accuracy REAL,\n"
                               "  seconds REAL NOT NULL,\n"
                               "  max_ortho_error REAL NOT NULL,\n"
                               "  PRIMARY KEY (run_id, epoch)) WITHOUT ROWID, STRICT;\n";

static const char *const views =
    "CREATE VIEW dynamics AS SELECT\n"
    "  run_id, run.name AS run_name, run.solver AS run_solver, model, width, dataset, seed, batch_size, "
    "epochs,\n"
    "  epoch, step, epoch_step, " STORE_FEATURES "loss, next_loss, next_loss - loss AS loss_change,\n"
    "  grad_norm, step.solver AS solver, gap, iterations, seconds, solve_seconds\n"
    "  FROM step JOIN run ON run.id = run_id;\n"
    "CREATE VIEW run_summary AS SELECT\n"
    "  id AS run_id, name, solver, model, width, dataset, seed, threads, status,\n"
    "  (SELECT count(*) FROM step WHERE run_id = run.id) AS steps_recorded,\n"
    "  (SELECT count(*) FROM epoch WHERE run_id = run.id) AS epochs_done, epochs,\n"
    "  (SELECT train_loss FROM epoch WHERE run_id = run.id ORDER BY epoch DESC LIMIT 1) AS train_loss,\n"
    "  test_loss, test_accuracy,\n"
    "  (SELECT max(test_accuracy) FROM epoch WHERE run_id = run.id) AS best_test_accuracy,\n"
    "  (SELECT sum(seconds) FROM epoch WHERE run_id = run.id) AS seconds,\n"
    "  started, finished, message\n"
    "  FROM run;\n";

const struct sql_format store_format = {STORE_APPLICATION_ID, TRM_STORE_VERSION, TRM_STORE_VERSION,
                                        "dynamics store", "collect"};

enum trm_status store_image(unsigned char **bytes, size_t *size, struct trm_error *error) {
    char identity[128];
    snprintf(identity, sizeof identity,
             "INSERT INTO meta VALUES ('format', 'trm-router dynamics'), ('version', '%d');",
             TRM_STORE_VERSION);
    const char *const parts[] = {tables, views, identity};
    struct sql sql = {.path = "a new store", .format = &store_format};
    enum trm_status status = sql_open_memory(&sql, error);
    for (size_t i = 0; status == TRM_OK && i < sizeof parts / sizeof *parts; i++)
        status = sql_execute(&sql, parts[i], "make its tables", error);
    if (status == TRM_OK)
        status = sql_mark(&sql, error);
    if (status == TRM_OK)
        status = sql_image(&sql, bytes, size, error);
    sql_close(&sql);
    return status;
}
