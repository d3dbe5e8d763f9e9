/* The data set file: made in memory, written beside its name and renamed. */
#include "oracle/merge.h"

#include "muon/muon.h"
#include "storage/file.h"
#include "storage/sqlite.h"

#include <math.h>

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
    struct sql sql;
    sqlite3_stmt *statement;
    struct sql_row row;
};

const struct sql_format dataset_format = {DATASET_APPLICATION_ID, TRM_DATASET_VERSION, "data set", "prepare"};

static enum trm_status begin(struct writing *w, const char *sql, struct trm_error *error) {
    sqlite3_finalize(w->statement);
    w->statement = NULL;
    if (sqlite3_prepare_v2(w->sql.db, sql, -1, &w->statement, NULL) != SQLITE_OK)
        return sql_fail(&w->sql, "make the data set", error);
    w->row = sql_row_begin(&w->sql, w->statement);
    return TRM_OK;
}

static enum trm_status end_row(struct writing *w, struct trm_error *error) {
    const enum trm_status status = sql_row_end(&w->row, "make the data set", error);
    w->row = sql_row_begin(&w->sql, w->statement);
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
        sql_put_text(&w->row, texts[i][0]);
        sql_put_text(&w->row, texts[i][1]);
        status = end_row(w, error);
    }
    for (size_t i = 0; status == TRM_OK && i < sizeof numbers / sizeof *numbers; i++) {
        sql_put_text(&w->row, numbers[i].key);
        sql_put_size(&w->row, "value", numbers[i].value);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status write_runs(struct writing *w, const struct merge *merge, struct trm_error *error) {
    enum trm_status status = begin(w, insert_run, error);
    for (size_t r = 0; status == TRM_OK && r < merge->run_count; r++) {
        const struct merge_run *const run = &merge->runs[r];
        const struct trm_run_settings *const s = &run->info->settings;
        sql_put_int(&w->row, (int64_t)r + 1);
        sql_put_text(&w->row, muon_solver_name(run->solver));
        sql_put_size(&w->row, "seed", s->seed);
        sql_put_text(&w->row, s->model);
        sql_put_real(&w->row, "width", s->width);
        sql_put_text(&w->row, s->dataset);
        sql_put_text(&w->row, s->fingerprint);
        sql_put_text(&w->row, s->tracked);
        sql_put_size(&w->row, "epochs", s->epochs);
        sql_put_size(&w->row, "steps_per_epoch", s->steps_per_epoch);
        sql_put_size(&w->row, "batch_size", s->batch_size);
        sql_put_real(&w->row, "solve_seconds", run->solve_seconds);
        sql_put_text(&w->row, run->hash);
        sql_put_text(&w->row, s->program);
        sql_put_text(&w->row, s->config);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status write_samples(struct writing *w, const struct trm_dataset *dataset,
                                     struct trm_error *error) {
    enum trm_status status = begin(w, insert_sample, error);
    for (size_t i = 0; status == TRM_OK && i < dataset->count; i++) {
        const struct trm_sample *const s = &dataset->samples[i];
        sql_put_int(&w->row, s->run);
        sql_put_size(&w->row, "step", s->step);
        sql_put_size(&w->row, "epoch", s->epoch);
        sql_put_size(&w->row, "position", s->position);
        sql_put_size(&w->row, "group", s->group);
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            sql_put_real(&w->row, trm_feature_name((enum trm_feature)f), s->feature[f]);
        sql_put_real(&w->row, "loss", s->loss);
        for (int arm = 0; arm < TRM_ARMS; arm++)
            sql_put_optional(&w->row, muon_solver_name(arm), !isnan(s->change[arm]), s->change[arm]);
        sql_put_text(&w->row, muon_solver_name(s->label));
        sql_put_size(&w->row, "tied", s->tied);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status fill(struct writing *w, const struct merge *merge, const struct trm_dataset *dataset,
                            struct trm_error *error) {
    enum trm_status status = sql_execute(&w->sql, tables, "make the data set", error);
    if (status == TRM_OK)
        status = sql_mark(&w->sql, error);
    if (status == TRM_OK)
        status = sql_execute(&w->sql, "BEGIN", "make the data set", error);
    if (status == TRM_OK)
        status = write_meta(w, &dataset->statistics, error);
    if (status == TRM_OK)
        status = write_runs(w, merge, error);
    if (status == TRM_OK)
        status = write_samples(w, dataset, error);
    return status == TRM_OK ? sql_execute(&w->sql, "COMMIT", "make the data set", error) : status;
}

enum trm_status dataset_write(const char *path, bool overwrite, const struct merge *merge,
                              const struct trm_dataset *dataset, struct trm_error *error) {
    struct writing w = {.sql = {.path = path, .format = &dataset_format}};
    unsigned char *bytes = NULL;
    size_t size = 0;
    enum trm_status status = sql_open_memory(&w.sql, error);
    if (status == TRM_OK)
        status = fill(&w, merge, dataset, error);
    sqlite3_finalize(w.statement);
    if (status == TRM_OK)
        status = sql_image(&w.sql, &bytes, &size, error);
    if (status == TRM_OK)
        status = file_write(path, bytes, size, overwrite, error);
    sqlite3_free(bytes);
    sql_close(&w.sql);
    return status;
}
