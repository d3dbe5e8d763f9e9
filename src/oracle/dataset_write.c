/* The data set file: made in memory, written beside its name and renamed. */
#include "oracle/merge.h"

#include "storage/file.h"
#include "storage/sqlite.h"

#include <math.h>
#include <string.h>

#define X_FEATURE(name, column, text) "  " #column " REAL NOT NULL,\n"

static const char *const tables_begin =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID, STRICT;\n"
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
    "  config TEXT NOT NULL) STRICT;\n"
    "CREATE TABLE sample (\n"
    "  run_id INTEGER NOT NULL REFERENCES run (id),\n"
    "  step INTEGER NOT NULL,\n"
    "  epoch INTEGER NOT NULL,\n"
    "  position INTEGER NOT NULL,\n"
    "  group_id INTEGER NOT NULL,\n" TRM_FEATURE_LIST(X_FEATURE) //
    "  loss REAL NOT NULL,\n";
static const char *const tables_end =
    "  label TEXT NOT NULL,\n"
    "  tied INTEGER NOT NULL,\n"
    "  PRIMARY KEY (run_id, step)) WITHOUT ROWID, STRICT;\n"
    "CREATE VIEW samples AS SELECT run.solver, run.seed, sample.* FROM sample JOIN run ON run.id = run_id;\n"
    "CREATE VIEW oracle_by_epoch AS SELECT epoch, label, count(*) AS samples FROM sample\n"
    "  GROUP BY epoch, label;\n";

static const char *const arm_table =
    "CREATE TABLE arm (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seconds REAL NOT NULL) STRICT;\n";

/* Is it a word that SQL takes without quotes? */
static bool plain(const char *name) {
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

void dataset_columns(sqlite3_str *text, const struct trm_statistics *st, const char *before,
                     const char *after) {
    static const char *const kinds[] = {"change", "first", "second"};
    for (size_t kind = 0; kind < (st->halves ? 3u : 1u); kind++)
        for (size_t arm = 0; arm < st->arms.count; arm++) {
            const char *const name = st->arms.name[arm], *const quote = plain(name) ? "" : "\"";
            sqlite3_str_appendf(text, "%s%s%s_%w%s%s", before, quote, kinds[kind], name, quote, after);
        }
}

/* All tables, or the statement that adds a sample; to be freed with sqlite3_free, NULL: no memory. */
static char *tables_sql(const struct trm_statistics *st) {
    sqlite3_str *const text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(text, tables_begin);
    dataset_columns(text, st, "  ", " REAL,\n");
    sqlite3_str_appendall(text, tables_end);
    if (st->oracle != TRM_ORACLE_MERGE)
        sqlite3_str_appendall(text, arm_table);
    return sqlite3_str_finish(text);
}

static char *insert_sample_sql(const struct trm_statistics *st) {
    sqlite3_str *const text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(text, "INSERT INTO sample VALUES (?");
    for (size_t i = 0; i < 7 + TRM_FEATURE_COUNT + st->arms.count * (st->halves ? 3 : 1); i++)
        sqlite3_str_appendall(text, ",?");
    sqlite3_str_appendall(text, ")");
    return sqlite3_str_finish(text);
}

static const char *const insert_meta = "INSERT INTO meta VALUES (?, ?)";
static const char *const insert_run = "INSERT INTO run VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char *const insert_arm = "INSERT INTO arm VALUES (?,?,?)";

struct writing {
    struct sql sql;
    sqlite3_stmt *statement;
    struct sql_row row;
};

const struct sql_format dataset_format = {DATASET_APPLICATION_ID, 1, TRM_DATASET_VERSION, "data set",
                                          "prepare"};

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
    const char *const texts[][2] = {{"format", "trm-router data set"},
                                    {"oracle", trm_oracle_name((int)s->oracle)},
                                    {"match", trm_match_name((enum trm_match)s->match)}};
    const size_t words = s->oracle == TRM_ORACLE_MERGE ? 2 : 3;
    const struct {
        const char *key;
        size_t value;
    } numbers[] = {{"version", TRM_DATASET_VERSION},
                   {"feature_version", TRM_FEATURE_VERSION},
                   {"steps", s->steps},
                   {"block", s->block},
                   {"guard", s->guard},
                   {"groups", s->groups},
                   {"halves", s->halves},
                   {"a_second", s->a_second},
                   {"look", s->look}};
    const size_t count = sizeof numbers / sizeof *numbers - (s->oracle == TRM_ORACLE_MERGE ? 4 : 0);
    for (size_t i = 0; status == TRM_OK && i < words; i++) {
        sql_put_text(&w->row, texts[i][0]);
        sql_put_text(&w->row, texts[i][1]);
        status = end_row(w, error);
    }
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
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
        sql_put_text(&w->row, s->solver);
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

static enum trm_status write_arms(struct writing *w, const struct trm_statistics *s,
                                  struct trm_error *error) {
    enum trm_status status = begin(w, insert_arm, error);
    for (size_t arm = 0; status == TRM_OK && arm < s->arms.count; arm++) {
        sql_put_int(&w->row, (int64_t)arm + 1);
        sql_put_text(&w->row, s->arms.name[arm]);
        sql_put_real(&w->row, "seconds", s->seconds[arm]);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status write_samples(struct writing *w, const struct trm_dataset *dataset,
                                     struct trm_error *error) {
    const struct trm_statistics *const st = &dataset->statistics;
    char *const text = insert_sample_sql(st);
    enum trm_status status =
        text != NULL ? begin(w, text, error)
                     : trm_fail(error, TRM_NO_MEMORY, "%s: no memory to write samples", w->sql.path);
    sqlite3_free(text);
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
        for (size_t arm = 0; arm < st->arms.count; arm++)
            sql_put_optional(&w->row, st->arms.name[arm], !isnan(s->change[arm]), s->change[arm]);
        for (size_t k = 0; st->halves && k < 2 * st->arms.count; k++)
            sql_put_optional(&w->row, "half", !isnan(s->half[k / st->arms.count][k % st->arms.count]),
                             s->half[k / st->arms.count][k % st->arms.count]);
        sql_put_text(&w->row, st->arms.name[s->label]);
        sql_put_int(&w->row, (int64_t)s->tied);
        status = end_row(w, error);
    }
    return status;
}

static enum trm_status fill(struct writing *w, const struct merge *merge, const struct trm_dataset *dataset,
                            struct trm_error *error) {
    char *const tables = tables_sql(&dataset->statistics);
    enum trm_status status =
        tables != NULL ? sql_execute(&w->sql, tables, "make the data set", error)
                       : trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its tables", w->sql.path);
    sqlite3_free(tables);
    if (status == TRM_OK)
        status = sql_mark(&w->sql, error);
    if (status == TRM_OK)
        status = sql_execute(&w->sql, "BEGIN", "make the data set", error);
    if (status == TRM_OK)
        status = write_meta(w, &dataset->statistics, error);
    if (status == TRM_OK)
        status = write_runs(w, merge, error);
    if (status == TRM_OK && dataset->statistics.oracle != TRM_ORACLE_MERGE)
        status = write_arms(w, &dataset->statistics, error);
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
