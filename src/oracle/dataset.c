/* Reading a data set and checking all of it: what passes here can be trained on. */
#include "oracle/merge.h"

#include "storage/file.h"

#include <math.h>
#include <stdlib.h>

enum { BYTES_LIMIT = 1 << 30 };

bool trm_dataset_is(const char *path) {
    uint32_t application;
    return file_is_sqlite(path, &application) && application == DATASET_APPLICATION_ID;
}

static enum trm_status check_features(const struct sql *sql, struct trm_error *error) {
    int64_t version;
    const enum trm_status status =
        sql_number(sql, "SELECT value FROM meta WHERE key = 'feature_version'", 0, -1, &version, error);
    if (status == TRM_OK && version != TRM_FEATURE_VERSION)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its features are of version %lld, this program computes version %d; collect and "
                        "prepare again",
                        sql->path, (long long)version, TRM_FEATURE_VERSION);
    return status;
}

static const char *sample_wrong(const struct trm_sample *s, const struct trm_statistics *st) {
    if (s->present != st->present)
        return "has other solvers than the first sample";
    if (s->label < 0 || !(s->present >> s->label & 1))
        return "has a label that is no solver of the data";
    const bool exact = st->oracle == TRM_ORACLE_MERGE;
    uint64_t best = 0; /* mask of the arms with the smallest change */
    double smallest = HUGE_VAL;
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        if (s->present >> arm & 1) {
            best = s->change[arm] < smallest ? 0 : best;
            smallest = fmin(smallest, s->change[arm]);
            best |= (uint64_t)(s->change[arm] == smallest) << arm;
        }
    if (exact ? !(best >> s->label & 1) : (s->tied & best) == 0)
        return "has a label that is not the best solver";
    if (exact ? s->tied != best : (s->tied & ~s->present) != 0 || !(s->tied >> s->label & 1))
        return "has a wrong list of equally good solvers";
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        if (isnan(s->half[0][arm]) != (isnan(s->half[0][0]) || !(s->present >> arm & 1)) ||
            isnan(s->half[0][arm]) != isnan(s->half[1][arm]))
            return "has halves of some arms only";
    if (s->steps_per_epoch == 0 || s->step / s->steps_per_epoch != s->epoch || s->epoch >= s->epochs)
        return "has a step that is not in its epoch";
    if (s->position >= st->steps || s->group >= st->groups ||
        (exact && s->group != dataset_group(st, s->position)))
        return "is in the wrong group";
    return NULL;
}

static void read_sample(struct sql_query *q, const struct trm_statistics *st, struct trm_sample *s) {
    s->run = sql_get_int(q, 1, INT64_MAX);
    s->step = sql_get_size(q, SIZE_MAX);
    s->epoch = sql_get_size(q, SIZE_MAX);
    s->position = sql_get_size(q, SIZE_MAX);
    s->group = sql_get_size(q, SIZE_MAX);
    for (int f = 0; f < TRM_FEATURE_COUNT; f++)
        s->feature[f] = sql_get_real(q);
    s->loss = sql_get_real(q);
    for (size_t arm = 0; arm < st->arms.count; arm++) {
        bool has;
        s->change[arm] = sql_get_optional(q, &has);
        s->present |= (uint64_t)has << arm;
    }
    for (size_t arm = st->arms.count; arm < TRM_ARMS_MOST; arm++)
        s->change[arm] = NAN;
    for (size_t h = 0; h < 2; h++)
        for (size_t arm = 0; arm < TRM_ARMS_MOST; arm++)
            s->half[h][arm] = st->halves && arm < st->arms.count ? sql_get_optional(q, NULL) : NAN;
    s->label = trm_arm_names_find(&st->arms, sql_get_text(q));
    s->tied = (uint64_t)sql_get_int(q, INT64_MIN, INT64_MAX);
    s->seed = sql_get_size(q, INT64_MAX);
    s->epochs = sql_get_size(q, 1000000);
    s->steps_per_epoch = sql_get_size(q, 1000000000);
}

#define X_COLUMN(name, column, text) #column ", "

/* Free with sqlite3_free; NULL: no memory. */
static char *sample_sql(const struct trm_statistics *st) {
    sqlite3_str *const text = sqlite3_str_new(NULL);
    sqlite3_str_appendall(
        text, "SELECT run_id, step, epoch, position, group_id, " TRM_FEATURE_LIST(X_COLUMN) "loss");
    dataset_columns(text, st, ", ", "");
    sqlite3_str_appendall(
        text, ", label, tied, seed, epochs, steps_per_epoch FROM sample JOIN run ON run.id = run_id "
              "ORDER BY run_id, step");
    return sqlite3_str_finish(text);
}

static enum trm_status read_samples(const struct sql *sql, struct trm_dataset *d, struct trm_error *error) {
    struct trm_statistics *const st = &d->statistics;
    int64_t room;
    enum trm_status status = sql_number(sql, "SELECT count(*) FROM sample", 0, 0, &room, error);
    if (status != TRM_OK)
        return status;
    if (room == 0)
        return trm_fail(error, TRM_INVALID, "%s: the data set is empty; collect runs and prepare it again",
                        sql->path);
    d->samples = calloc((size_t)room, sizeof *d->samples);
    if (d->samples == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for %lld samples", sql->path, (long long)room);
    char *const text = sample_sql(st);
    if (text == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read samples", sql->path);
    struct sql_query query = sql_query_begin(sql, "sample", text, 0, error);
    while (status == TRM_OK && d->count < (size_t)room && sql_query_next(&query)) {
        struct trm_sample *const s = &d->samples[d->count];
        read_sample(&query, st, s);
        if (!sql_query_good(&query))
            break;
        if (d->count == 0)
            st->present = s->present;
        const char *const wrong = sample_wrong(s, st);
        if (wrong != NULL)
            status = trm_fail(error, TRM_FORMAT, "%s: sample %zu %s; make the data set again with prepare",
                              sql->path, d->count, wrong);
        d->count++;
    }
    status = sql_query_end(&query, status);
    sqlite3_free(text);
    if (status == TRM_OK && d->count != (size_t)room)
        status = trm_fail(error, TRM_FORMAT,
                          "%s: samples belong to runs that are not there; make the data set again "
                          "with prepare",
                          sql->path);
    return status;
}

/* Which oracle, and its arms: merge has the five solvers, the others a table. */
static enum trm_status read_arms(const struct sql *sql, struct trm_statistics *st, struct trm_error *error) {
    struct sql_query query =
        sql_query_begin(sql, "meta", "SELECT value FROM meta WHERE key = 'oracle'", 0, error);
    int oracle = -1;
    if (sql_query_next(&query))
        oracle = trm_oracle_find(sql_get_text(&query));
    enum trm_status status = sql_query_end(&query, TRM_OK);
    if (status == TRM_OK && oracle < 0)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its oracle is none of this version; make the data set again with prepare",
                        sql->path);
    st->oracle = (enum trm_oracle)oracle;
    st->arms = oracle == TRM_ORACLE_MERGE ? trm_arm_names_solvers() : (struct trm_arm_names){.count = 0};
    if (status != TRM_OK || oracle == TRM_ORACLE_MERGE)
        return status;
    query = sql_query_begin(sql, "arm", "SELECT name, seconds FROM arm ORDER BY id", 0, error);
    bool good = true;
    while (good && sql_query_next(&query)) {
        good = trm_arm_names_add(&st->arms, sql_get_text(&query));
        st->seconds[st->arms.count > 0 ? st->arms.count - 1 : 0] = sql_get_real(&query);
    }
    status = sql_query_end(&query, TRM_OK);
    if (status == TRM_OK && (!good || st->arms.count < 2))
        status =
            trm_fail(error, TRM_FORMAT,
                     "%s: its arms are not 2 to %d different names; make the data set again with prepare",
                     sql->path, TRM_ARMS_MOST);
    return status;
}

static enum trm_status read_seconds(const struct sql *sql, struct trm_statistics *st,
                                    struct trm_error *error) {
    struct sql_query query =
        sql_query_begin(sql, "run", "SELECT solver, avg(solve_seconds) FROM run GROUP BY solver", 0, error);
    while (sql_query_next(&query)) {
        const int arm = trm_arm_names_find(&st->arms, sql_get_text(&query));
        const double seconds = sql_get_real(&query);
        if (arm >= 0)
            st->seconds[arm] = seconds;
    }
    return sql_query_end(&query, TRM_OK);
}

static enum trm_status read_about(const struct sql *sql, struct trm_statistics *st, struct trm_error *error) {
    struct sql_query query = sql_query_begin(
        sql, "run", "SELECT model, width, dataset, tracked, batch_size FROM run ORDER BY id LIMIT 1", 0,
        error);
    if (sql_query_next(&query)) {
        const char *const model = sql_get_text(&query);
        const double width = sql_get_real(&query);
        const char *const dataset = sql_get_text(&query), *const tracked = sql_get_text(&query);
        const size_t batch_size = sql_get_size(&query, SIZE_MAX);
        if (sql_query_good(&query))
            trm_features_about(st->about, model, width, dataset, tracked, batch_size);
    }
    return sql_query_end(&query, TRM_OK);
}

static enum trm_status read_numbers(const struct sql *sql, struct trm_dataset *d, struct trm_error *error) {
    struct trm_statistics *const st = &d->statistics;
    static const char *const texts[] = {
        "SELECT value FROM meta WHERE key = 'steps'",    "SELECT count(*) FROM run",
        "SELECT value FROM meta WHERE key = 'block'",    "SELECT value FROM meta WHERE key = 'guard'",
        "SELECT value FROM meta WHERE key = 'groups'",   "SELECT value FROM meta WHERE key = 'halves'",
        "SELECT value FROM meta WHERE key = 'a_second'", "SELECT value FROM meta WHERE key = 'look'"};
    int64_t number[8];
    for (size_t i = 0; i < 8; i++) {
        const enum trm_status status = sql_number(sql, texts[i], 0, -1, &number[i], error);
        if (status != TRM_OK)
            return status;
    }
    const int64_t steps = number[0], runs = number[1], block = number[2], guard = number[3];
    if (steps < 1 || runs < 1 || block < 1 || guard < 0 || guard > block / 2 || steps > INT64_MAX / 2 ||
        block > INT64_MAX / 2)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its numbers of steps, runs, blocks and guard steps are none that can be; make "
                        "the data set again with prepare",
                        sql->path);
    st->steps = (size_t)steps;
    st->runs = (size_t)runs;
    st->block = (size_t)block;
    st->guard = (size_t)guard;
    if (st->oracle == TRM_ORACLE_MERGE) {
        st->groups = dataset_groups(st->steps, st->block);
        return read_seconds(sql, st, error);
    }
    if (number[4] < 1 || number[4] > steps || (number[5] | number[6] | 1) != 1 || number[7] < 0)
        return trm_fail(error, TRM_FORMAT,
                        "%s: its number of groups and its marks are none that can be; make the data set "
                        "again with prepare",
                        sql->path);
    st->groups = (size_t)number[4];
    st->halves = number[5] == 1;
    st->a_second = number[6] == 1;
    st->look = (size_t)number[7];
    return TRM_OK;
}

static enum trm_status read_all(const struct sql *sql, struct trm_dataset *d, struct trm_error *error) {
    enum trm_status status = sql_check(sql, error);
    if (status == TRM_OK)
        status = check_features(sql, error);
    if (status == TRM_OK)
        status = read_arms(sql, &d->statistics, error);
    if (status == TRM_OK)
        status = read_numbers(sql, d, error);
    if (status == TRM_OK)
        status = read_about(sql, &d->statistics, error);
    if (status == TRM_OK)
        status = read_samples(sql, d, error);
    const uint64_t present = d->statistics.present;
    if (status == TRM_OK && (present & (present - 1)) == 0)
        status = trm_fail(error, TRM_INVALID,
                          "%s: holds one solver alone; there is nothing to choose, prepare it from "
                          "runs of at least two",
                          sql->path);
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
    struct sql sql = {.path = path, .format = &dataset_format};
    if (d == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a data set", path);
    if (status == TRM_OK)
        status = sql_open_bytes(&sql, bytes, size, error);
    if (status == TRM_OK)
        status = read_all(&sql, d, error);
    sql_close(&sql);
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
