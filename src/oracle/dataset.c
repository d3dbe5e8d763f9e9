/* Reading a data set and checking all of it: what passes here can be trained on. */
#include "oracle/merge.h"

#include "muon/muon.h"
#include "storage/file.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)TRM_ARMS == (int)MUON_LABEL_COUNT, "the labels are the first solvers");

enum { BYTES_LIMIT = 1 << 30 };

struct reader {
    const char *path;
    sqlite3 *db;
};

static enum trm_status damaged(const struct reader *r, struct trm_error *error) {
    return trm_fail(error, TRM_FORMAT, "%s: the data set is damaged (%s); make it again with prepare",
                    r->path, sqlite3_errmsg(r->db));
}

/* The one whole number that a query gives; -1 where it gives none. */
static int64_t number(const struct reader *r, const char *sql) {
    sqlite3_stmt *query = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(r->db, sql, -1, &query, NULL) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW &&
        sqlite3_column_type(query, 0) == SQLITE_INTEGER)
        value = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    return value;
}

bool trm_dataset_is(const char *path) {
    uint32_t application;
    return file_is_sqlite(path, &application) && application == DATASET_APPLICATION_ID;
}

static enum trm_status check_identity(const struct reader *r, struct trm_error *error) {
    if (number(r, "PRAGMA application_id") != DATASET_APPLICATION_ID)
        return trm_fail(error, TRM_FORMAT, "%s: is no data set; name one made by prepare", r->path);
    const int64_t version = number(r, "PRAGMA user_version");
    if (version != TRM_DATASET_VERSION)
        return trm_fail(
            error, TRM_FORMAT,
            "%s: is a data set of version %lld, this program reads version %d; make it again with "
            "prepare",
            r->path, (long long)version, TRM_DATASET_VERSION);
    sqlite3_stmt *query = NULL;
    const bool whole = sqlite3_prepare_v2(r->db, "PRAGMA quick_check(1)", -1, &query, NULL) == SQLITE_OK &&
                       sqlite3_step(query) == SQLITE_ROW &&
                       strcmp((const char *)sqlite3_column_text(query, 0), "ok") == 0;
    sqlite3_finalize(query);
    if (!whole)
        return trm_fail(error, TRM_FORMAT,
                        "%s: the data set is damaged or cut short; make it again with prepare", r->path);
    const int64_t features = number(r, "SELECT value FROM meta WHERE key = 'feature_version'");
    if (features != TRM_FEATURE_VERSION)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its features are of version %lld, this program computes version %d; collect and "
                        "prepare again",
                        r->path, (long long)features, TRM_FEATURE_VERSION);
    return TRM_OK;
}

/* A number that is there and finite; an absent change is NAN. */
static enum trm_status read_real(const struct reader *r, sqlite3_stmt *query, int column, bool optional,
                                 size_t sample, double *value, struct trm_error *error) {
    const int type = sqlite3_column_type(query, column);
    *value = type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(query, column) : NAN;
    if (isfinite(*value) || (optional && type == SQLITE_NULL))
        return TRM_OK;
    return trm_fail(
        error, TRM_NOT_FINITE,
        "%s: %s of sample %zu is NaN, infinite or no number; make the data set again with prepare", r->path,
        sqlite3_column_name(query, column), sample);
}

static const char *sample_wrong(const struct trm_sample *s, const struct trm_statistics *st) {
    if (s->present != st->present)
        return "has other solvers than the first sample";
    if (s->label < 0 || !(s->present >> s->label & 1))
        return "has a label that is no solver of the data";
    unsigned best = 0;
    for (int arm = 0; arm < TRM_ARMS; arm++)
        if (s->present >> arm & 1) {
            if (s->change[arm] < s->change[s->label])
                return "has a label that is not the best solver";
            best |= (unsigned)(s->change[arm] == s->change[s->label]) << arm;
        }
    if (s->tied != best)
        return "has a wrong list of equally good solvers";
    if (s->epochs > 1000000 || s->steps_per_epoch > 1000000000)
        return "is of a run longer than any";
    if (s->steps_per_epoch == 0 || s->step / s->steps_per_epoch != s->epoch || s->epoch >= s->epochs)
        return "has a step that is not in its epoch";
    if (s->position >= st->steps || s->group != dataset_group(st, s->position))
        return "is in the wrong group";
    return NULL;
}

static enum trm_status read_sample(const struct reader *r, sqlite3_stmt *query, size_t index,
                                   struct trm_sample *s, struct trm_error *error) {
    int c = 0;
    s->run = sqlite3_column_int64(query, c++);
    s->step = (size_t)sqlite3_column_int64(query, c++);
    s->epoch = (size_t)sqlite3_column_int64(query, c++);
    s->position = (size_t)sqlite3_column_int64(query, c++);
    s->group = (size_t)sqlite3_column_int64(query, c++);
    enum trm_status status = TRM_OK;
    for (int f = 0; status == TRM_OK && f < TRM_FEATURE_COUNT; f++)
        status = read_real(r, query, c++, false, index, &s->feature[f], error);
    if (status == TRM_OK)
        status = read_real(r, query, c++, false, index, &s->loss, error);
    for (int arm = 0; status == TRM_OK && arm < TRM_ARMS; arm++) {
        status = read_real(r, query, c++, true, index, &s->change[arm], error);
        s->present |= (unsigned)!isnan(s->change[arm]) << arm;
    }
    if (status != TRM_OK)
        return status;
    const char *label = (const char *)sqlite3_column_text(query, c++);
    s->label = label != NULL ? muon_solver_find(label) : -1;
    if (s->label >= TRM_ARMS)
        s->label = -1;
    s->tied = (unsigned)sqlite3_column_int64(query, c++);
    const char *solver = (const char *)sqlite3_column_text(query, c++);
    s->solver = solver != NULL ? muon_solver_find(solver) : -1;
    s->seed = (uint64_t)sqlite3_column_int64(query, c++);
    s->epochs = (size_t)sqlite3_column_int64(query, c++);
    s->steps_per_epoch = (size_t)sqlite3_column_int64(query, c++);
    return TRM_OK;
}

#define X_COLUMN(name, column, text) #column ", "
static const char *const sample_sql =
    "SELECT run_id, step, epoch, position, group_id, " TRM_FEATURE_LIST(X_COLUMN) //
    "loss, change_spectral_clip, change_dual_ascent, change_quasi_newton, change_frank_wolfe, change_admm, "
    "label, tied, solver, seed, epochs, steps_per_epoch FROM sample JOIN run ON run.id = run_id "
    "ORDER BY run_id, step";

static enum trm_status read_samples(const struct reader *r, struct trm_dataset *d, struct trm_error *error) {
    struct trm_statistics *const st = &d->statistics;
    sqlite3_stmt *query = NULL;
    const int64_t room = number(r, "SELECT count(*) FROM sample");
    if (room == 0)
        return trm_fail(error, TRM_INVALID, "%s: the data set is empty; collect runs and prepare it again",
                        r->path);
    if (room < 0 || sqlite3_prepare_v2(r->db, sample_sql, -1, &query, NULL) != SQLITE_OK)
        return damaged(r, error);
    enum trm_status status = TRM_OK;
    d->samples = calloc((size_t)room, sizeof *d->samples);
    if (d->samples == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for %lld samples", r->path, (long long)room);
    int rc = SQLITE_DONE;
    while (status == TRM_OK && d->count < (size_t)room && (rc = sqlite3_step(query)) == SQLITE_ROW) {
        struct trm_sample *const s = &d->samples[d->count];
        status = read_sample(r, query, d->count, s, error);
        if (status == TRM_OK && d->count == 0)
            st->present = s->present;
        const char *wrong = status == TRM_OK ? sample_wrong(s, st) : NULL;
        if (wrong != NULL)
            status = trm_fail(error, TRM_FORMAT, "%s: sample %zu %s; make the data set again with prepare",
                              r->path, d->count, wrong);
        d->count++;
    }
    if (status == TRM_OK && d->count != (size_t)room)
        status = trm_fail(error, TRM_FORMAT,
                          "%s: samples belong to runs that are not there; make the data set again "
                          "with prepare",
                          r->path);
    (void)rc;
    sqlite3_finalize(query);
    return status;
}

static enum trm_status read_numbers(const struct reader *r, struct trm_dataset *d, struct trm_error *error) {
    struct trm_statistics *const st = &d->statistics;
    const int64_t steps = number(r, "SELECT value FROM meta WHERE key = 'steps'");
    const int64_t runs = number(r, "SELECT count(*) FROM run");
    const int64_t block = number(r, "SELECT value FROM meta WHERE key = 'block'");
    const int64_t guard = number(r, "SELECT value FROM meta WHERE key = 'guard'");
    if (steps < 1 || runs < 1 || block < 1 || guard < 0 || 2 * guard > block)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its table meta or run is damaged; make the data set again with prepare",
                        r->path);
    st->steps = (size_t)steps;
    st->runs = (size_t)runs;
    st->block = (size_t)block;
    st->guard = (size_t)guard;
    st->groups = dataset_groups(st->steps, st->block);
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(r->db, "SELECT solver, avg(solve_seconds) FROM run GROUP BY solver", -1, &query,
                           NULL) != SQLITE_OK)
        return damaged(r, error);
    while (sqlite3_step(query) == SQLITE_ROW) {
        const char *solver = (const char *)sqlite3_column_text(query, 0);
        const int arm = solver != NULL ? muon_solver_find(solver) : -1;
        if (arm >= 0 && arm < TRM_ARMS)
            st->seconds[arm] = sqlite3_column_double(query, 1);
    }
    sqlite3_finalize(query);
    return TRM_OK;
}

static enum trm_status read_all(const struct reader *r, struct trm_dataset *d, struct trm_error *error) {
    enum trm_status status = check_identity(r, error);
    if (status == TRM_OK)
        status = read_numbers(r, d, error);
    if (status == TRM_OK)
        status = read_samples(r, d, error);
    const unsigned present = d->statistics.present;
    if (status == TRM_OK && (present & (present - 1)) == 0)
        status = trm_fail(error, TRM_INVALID,
                          "%s: holds one solver alone; there is nothing to choose, prepare it from "
                          "runs of at least two",
                          r->path);
    if (status == TRM_OK)
        dataset_count(d);
    return status;
}

enum trm_status trm_dataset_open(const char *path, struct trm_dataset **out, struct trm_error *error) {
    void *bytes;
    size_t size;
    *out = NULL;
    enum trm_status status = file_read(path, BYTES_LIMIT, &bytes, &size, error);
    if (status != TRM_OK)
        return status;
    struct trm_dataset *d = calloc(1, sizeof *d);
    struct reader r = {.path = path};
    if (d == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a data set", path);
    else if (size < 100 || memcmp(bytes, "SQLite format 3", 16) != 0)
        status = trm_fail(error, TRM_FORMAT,
                          "%s: is no data set (not an SQLite file); name one made by prepare", path);
    else if (sqlite3_open(":memory:", &r.db) != SQLITE_OK ||
             sqlite3_deserialize(r.db, "main", bytes, (sqlite3_int64)size, (sqlite3_int64)size,
                                 SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        status = damaged(&r, error);
    else
        status = read_all(&r, d, error);
    sqlite3_close(r.db);
    free(bytes);
    if (status != TRM_OK)
        trm_dataset_free(d);
    else
        *out = d;
    return status;
}

void trm_dataset_free(struct trm_dataset *dataset) {
    if (dataset != NULL)
        free(dataset->samples);
    free(dataset);
}

const struct trm_sample *trm_dataset_samples(const struct trm_dataset *dataset, size_t *count) {
    *count = dataset->count;
    return dataset->samples;
}

void trm_dataset_statistics(const struct trm_dataset *dataset, struct trm_statistics *statistics) {
    *statistics = dataset->statistics;
}
