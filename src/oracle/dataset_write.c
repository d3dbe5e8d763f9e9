/* The data set file: made in memory, written beside its name and renamed. */
#include "oracle/merge.h"

#include "muon/muon.h"
#include "storage/file.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#define X_FEATURE(name, column, text) "  " #column " REAL NOT NULL,\n"

static const char *const tables = "CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;\n"
                                  "CREATE TABLE run (\n"
                                  "  id INTEGER PRIMARY KEY,\n"
                                  "  solver TEXT NOT NULL,\n"
                                  "  seed INTEGER NOT NULL,\n"
                                  "  model TEXT NOT NULL,\n"
                                  "  width REAL NOT NULL,\n"
                                  "  dataset TEXT NOT NULL,\n"
                                  "  fingerprint TEXT NOT NULL,\n"
                                  "  tracked TEXT NOT NULL,\n"
                                  "  epochs INTEGER NOT NULL,\n"
                                  "  steps_per_epoch INTEGER NOT NULL,\n"
                                  "  batch_size INTEGER NOT NULL,\n"
                                  "  solve_seconds REAL NOT NULL,\n"
                                  "  hash TEXT NOT NULL,\n"
                                  "  program TEXT NOT NULL,\n"
                                  "  config TEXT NOT NULL);\n"
                                  "CREATE TABLE sample (\n"
                                  "  run_id INTEGER NOT NULL REFERENCES run (id),\n"
                                  "  step INTEGER NOT NULL,\n"
                                  "  epoch INTEGER NOT NULL,\n"
                                  "  position INTEGER NOT NULL,\n"
                                  "  group_id INTEGER NOT NULL,\n" TRM_FEATURE_LIST(X_FEATURE) //
    "  loss REAL NOT NULL,\n"
    "  change_spectral_clip REAL,\n"
    "  change_dual_ascent REAL,\n"
    "  change_quasi_newton REAL,\n"
    "  change_frank_wolfe REAL,\n"
    "  change_admm REAL,\n"
    "  label TEXT NOT NULL,\n"
    "  tied INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, step)) WITHOUT ROWID;\n"
    "CREATE VIEW samples AS SELECT run.solver, run.seed, sample.* FROM sample JOIN run ON run.id = run_id;\n"
    "CREATE VIEW oracle_by_epoch AS SELECT epoch, label, count(*) AS samples FROM sample\n"
    "  GROUP BY epoch, label;\n";

static const char *const insert_meta = "INSERT INTO meta VALUES (?, ?)";
static const char *const insert_run = "INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char *const insert_sample =
    "INSERT INTO sample VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

struct writing {
    const char *path;
    sqlite3 *db;
    sqlite3_stmt *statement;
    int next;
};

static enum trm_status failed(const struct writing *w, struct trm_error *error) {
    return trm_fail(error, TRM_IO, "%s: cannot make the data set: %s", w->path, sqlite3_errmsg(w->db));
}

static void put_int(struct writing *w, int64_t value) {
    sqlite3_bind_int64(w->statement, w->next++, value);
}
static void put_real(struct writing *w, double value) {
    sqlite3_bind_double(w->statement, w->next++, value);
}
static void put_text(struct writing *w, const char *value) {
    sqlite3_bind_text(w->statement, w->next++, value, -1, SQLITE_STATIC);
}

static enum trm_status begin(struct writing *w, const char *sql, struct trm_error *error) {
    sqlite3_finalize(w->statement);
    w->next = 1;
    return sqlite3_prepare_v2(w->db, sql, -1, &w->statement, NULL) == SQLITE_OK ? TRM_OK : failed(w, error);
}

static enum trm_status end_row(struct writing *w, struct trm_error *error) {
    const int rc = sqlite3_step(w->statement);
    const enum trm_status status = rc == SQLITE_DONE ? TRM_OK : failed(w, error);
    sqlite3_reset(w->statement);
    w->next = 1;
    return status;
}

static enum trm_status write_meta(struct writing *w, const struct trm_statistics *s,
                                  struct trm_error *error) {
    enum trm_status status = begin(w, insert_meta, error);
    static const char *const texts[][2] = {{"format", "trm-router data set"}, {"oracle", "merge"}};
    const struct {
        const char *key;
        size_t value;
    } numbers[] = {{"version", TRM_DATASET_VERSION},
                   {"feature_version", TRM_FEATURE_VERSION},
                   {"steps", s->steps},
                   {"block", s->block},
                   {"guard", s->guard}};
    for (size_t i = 0; status == TRM_OK && i < sizeof texts / sizeof *texts; i++) {
        put_text(w, texts[i][0]);
        put_text(w, texts[i][1]);
        status = end_row(w, error);
    }
    for (size_t i = 0; status == TRM_OK && i < sizeof numbers / sizeof *numbers; i++) {
        put_text(w, numbers[i].key);
        put_int(w, (int64_t)numbers[i].value);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status write_runs(struct writing *w, const struct merge *merge, struct trm_error *error) {
    enum trm_status status = begin(w, insert_run, error);
    for (size_t r = 0; status == TRM_OK && r < merge->run_count; r++) {
        const struct merge_run *const run = &merge->runs[r];
        const struct trm_run_settings *const s = &run->info->settings;
        put_int(w, (int64_t)r + 1);
        put_text(w, muon_solver_name(run->solver));
        put_int(w, (int64_t)s->seed);
        put_text(w, s->model);
        put_real(w, s->width);
        put_text(w, s->dataset);
        put_text(w, s->fingerprint);
        put_text(w, s->tracked);
        put_int(w, (int64_t)s->epochs);
        put_int(w, (int64_t)s->steps_per_epoch);
        put_int(w, (int64_t)s->batch_size);
        put_real(w, run->solve_seconds);
        put_text(w, run->hash);
        put_text(w, s->program);
        put_text(w, s->config);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status write_samples(struct writing *w, const struct trm_dataset *dataset,
                                     struct trm_error *error) {
    enum trm_status status = begin(w, insert_sample, error);
    for (size_t i = 0; status == TRM_OK && i < dataset->count; i++) {
        const struct trm_sample *const s = &dataset->samples[i];
        put_int(w, s->run);
        put_int(w, (int64_t)s->step);
        put_int(w, (int64_t)s->epoch);
        put_int(w, (int64_t)s->position);
        put_int(w, (int64_t)s->group);
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            put_real(w, s->feature[f]);
        put_real(w, s->loss);
        for (int arm = 0; arm < TRM_ARMS; arm++)
            put_real(w, s->change[arm]); /* SQLite takes NAN for NULL */
        put_text(w, muon_solver_name(s->label));
        put_int(w, (int64_t)s->tied);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status fill(struct writing *w, const struct merge *merge, const struct trm_dataset *dataset,
                            struct trm_error *error) {
    char identity[96];
    snprintf(identity, sizeof identity, "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN",
             DATASET_APPLICATION_ID, TRM_DATASET_VERSION);
    if (sqlite3_exec(w->db, tables, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(w->db, identity, NULL, NULL, NULL) != SQLITE_OK)
        return failed(w, error);
    enum trm_status status = write_meta(w, &dataset->statistics, error);
    if (status == TRM_OK)
        status = write_runs(w, merge, error);
    if (status == TRM_OK)
        status = write_samples(w, dataset, error);
    if (status == TRM_OK && sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        status = failed(w, error);
    return status;
}

enum trm_status dataset_write(const char *path, bool overwrite, const struct merge *merge,
                              const struct trm_dataset *dataset, struct trm_error *error) {
    struct writing w = {.path = path};
    enum trm_status status = sqlite3_open(":memory:", &w.db) == SQLITE_OK ? TRM_OK : failed(&w, error);
    if (status == TRM_OK)
        status = fill(&w, merge, dataset, error);
    sqlite3_finalize(w.statement);
    sqlite3_int64 size = 0;
    unsigned char *const bytes = status == TRM_OK ? sqlite3_serialize(w.db, "main", &size, 0) : NULL;
    if (status == TRM_OK && bytes == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the data set", path);
    if (status == TRM_OK)
        status = file_write(path, bytes, (size_t)size, overwrite, error);
    sqlite3_free(bytes);
    sqlite3_close(w.db);
    return status;
}
