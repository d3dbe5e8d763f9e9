/* Arms and branch states on their way in. Their tables are made with the first arms: only runs that branch have
   them. */
#include "dynamics/outcome.h"
#include "dynamics/store.h"

static const char *const tables =
    "CREATE TABLE IF NOT EXISTS arm (\n"
    "  run_id INTEGER NOT NULL REFERENCES run (id),\n"
    "  arm INTEGER NOT NULL,\n"
    "  name TEXT NOT NULL,\n"
    "  seconds REAL,\n"
    "  PRIMARY KEY (run_id, arm)) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE IF NOT EXISTS branch (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  match TEXT NOT NULL,\n"
    "  hold INTEGER NOT NULL,\n"
    "  anneal INTEGER NOT NULL,\n"
    "  seconds REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES step (run_id, step) ON DELETE CASCADE) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE IF NOT EXISTS branch_probe (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  probe INTEGER NOT NULL,\n"
    "  seed INTEGER NOT NULL,\n"
    "  loss REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step, probe),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES branch ON DELETE CASCADE) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE IF NOT EXISTS outcome (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  arm INTEGER NOT NULL,\n"
    "  chosen INTEGER NOT NULL CHECK (chosen IN (0, 1)),\n"
    "  next_loss REAL NOT NULL,\n"
    "  decrease REAL NOT NULL,\n"
    "  norm REAL NOT NULL,\n"
    "  scale REAL NOT NULL,\n"
    "  rank REAL NOT NULL,\n"
    "  gap REAL NOT NULL,\n"
    "  iterations INTEGER NOT NULL,\n"
    "  seconds REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step, arm),\n"
    "  FOREIGN KEY (run_id, step) REFERENCES branch ON DELETE CASCADE,\n"
    "  FOREIGN KEY (run_id, arm) REFERENCES arm) WITHOUT ROWID, STRICT;\n";

static const char *const parts =
    "CREATE TABLE IF NOT EXISTS outcome_probe (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  arm INTEGER NOT NULL,\n"
    "  probe INTEGER NOT NULL,\n"
    "  loss REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step, arm, probe),\n"
    "  FOREIGN KEY (run_id, step, arm) REFERENCES outcome ON DELETE CASCADE) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE IF NOT EXISTS outcome_cosine (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  arm INTEGER NOT NULL,\n"
    "  other INTEGER NOT NULL CHECK (other < arm),\n"
    "  cosine REAL NOT NULL,\n"
    "  PRIMARY KEY (run_id, step, arm, other),\n"
    "  FOREIGN KEY (run_id, step, arm) REFERENCES outcome ON DELETE CASCADE) WITHOUT ROWID, STRICT;\n"
    "CREATE TABLE IF NOT EXISTS outcome_look (\n"
    "  run_id INTEGER NOT NULL,\n"
    "  step INTEGER NOT NULL,\n"
    "  arm INTEGER NOT NULL,\n"
    "  repetition INTEGER NOT NULL,\n"
    "  loss REAL NOT NULL,\n"
    "  doubled REAL,\n"
    "  PRIMARY KEY (run_id, step, arm, repetition),\n"
    "  FOREIGN KEY (run_id, step, arm) REFERENCES outcome ON DELETE CASCADE) WITHOUT ROWID, STRICT;\n"
    "CREATE VIEW IF NOT EXISTS branch_outcome AS SELECT\n"
    "  o.run_id, o.step, s.epoch, a.name AS arm, o.chosen, b.match, s.loss, o.next_loss,\n"
    "  (SELECT avg(loss) FROM branch_probe p WHERE p.run_id = o.run_id AND p.step = o.step) AS "
    "probe_before,\n"
    "  (SELECT avg(loss) FROM outcome_probe p WHERE p.run_id = o.run_id AND p.step = o.step AND p.arm = "
    "o.arm)\n"
    "    AS probe_after,\n"
    "  b.hold, b.anneal,\n"
    "  (SELECT avg(loss) FROM outcome_look l WHERE l.run_id = o.run_id AND l.step = o.step AND l.arm = "
    "o.arm)\n"
    "    AS look_loss,\n"
    "  o.decrease, o.norm, o.scale, o.rank, o.gap, o.iterations, o.seconds\n"
    "  FROM outcome o JOIN arm a ON a.run_id = o.run_id AND a.arm = o.arm\n"
    "  JOIN branch b ON b.run_id = o.run_id AND b.step = o.step\n"
    "  JOIN step s ON s.run_id = o.run_id AND s.step = o.step;\n";

const char *trm_match_name(enum trm_match match) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        TRM_MATCH_LIST(X)
#undef X
    };
    return (unsigned)match < sizeof names / sizeof *names ? names[match] : NULL;
}

/* One row of the open batch, its values bound by the caller; the statement is kept with the store. */
static struct sql_row row_of(struct trm_store *store, enum store_outcome which) {
    static const char *const sql[] = {
#define X(name, text) text,
        STORE_OUTCOME_LIST(X)
#undef X
    };
    if (store->outcome[which] == NULL)
        (void)sqlite3_prepare_v3(store->sql.db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                 &store->outcome[which], NULL);
    return sql_row_begin(&store->sql, store->outcome[which]);
}

static enum trm_status savepoint(struct trm_store *store, const char *what, struct trm_error *error) {
    const enum trm_status status = store_batch(store, error);
    return status == TRM_OK ? sql_execute(&store->sql, "SAVEPOINT outcome", what, error) : status;
}

static enum trm_status release(struct trm_store *store, enum trm_status status) {
    if (store_in_batch(store)) {
        if (status != TRM_OK)
            (void)sql_execute(&store->sql, "ROLLBACK TO outcome", "take an outcome back", NULL);
        (void)sql_execute(&store->sql, "RELEASE outcome", "end an outcome", NULL);
    }
    return status;
}

enum trm_status trm_store_arms_insert(struct trm_store *store, int64_t run, const struct trm_arms *arms,
                                      struct trm_error *error) {
    enum trm_status status = savepoint(store, "add its arms", error);
    if (status != TRM_OK)
        return status;
    status = sql_execute(&store->sql, tables, "make its tables of outcomes", error);
    if (status == TRM_OK)
        status = sql_execute(&store->sql, parts, "make its tables of outcomes", error);
    for (size_t i = 0; status == TRM_OK && i < arms->count; i++) {
        char name[TRM_ARM_NAME];
        trm_arm_name(&arms->at[i], name);
        struct sql_row row = row_of(store, OUTCOME_ARM);
        sql_put_int(&row, run);
        sql_put_size(&row, "arm", i);
        sql_put_text(&row, name);
        status = sql_row_end(&row, "add an arm", error);
    }
    status = release(store, status);
    return status == TRM_OK ? trm_store_commit(store, error) : status;
}

enum trm_status trm_store_arm_seconds(struct trm_store *store, int64_t run, size_t arm, double seconds,
                                      struct trm_error *error) {
    if (!(seconds > 0.0))
        return trm_fail(error, TRM_INVALID, "%s: the seconds of an arm must be positive", store->path);
    const enum trm_status status = store_batch(store, error);
    if (status != TRM_OK)
        return status;
    struct sql_row row = row_of(store, OUTCOME_SECONDS);
    sql_put_real(&row, "seconds", seconds);
    sql_put_int(&row, run);
    sql_put_size(&row, "arm", arm);
    return sql_row_end(&row, "say what an arm takes", error);
}

static enum trm_status insert_state(struct trm_store *store, int64_t run, const struct trm_branch *b,
                                    struct trm_error *error) {
    struct sql_row row = row_of(store, OUTCOME_BRANCH);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", b->step);
    sql_put_text(&row, trm_match_name(b->match));
    sql_put_size(&row, "hold", b->hold);
    sql_put_size(&row, "anneal", b->anneal);
    sql_put_real(&row, "seconds", b->seconds);
    enum trm_status status = sql_row_end(&row, "add a branch state", error);
    for (size_t i = 0; status == TRM_OK && i < b->probe_count; i++) {
        row = row_of(store, OUTCOME_BASE);
        sql_put_int(&row, run);
        sql_put_size(&row, "step", b->step);
        sql_put_size(&row, "probe", i);
        sql_put_size(&row, "seed", b->probe_seed[i]);
        sql_put_real(&row, "loss", b->base_loss[i]);
        status = sql_row_end(&row, "add a probe", error);
    }
    return status;
}

static enum trm_status insert_outcome(struct trm_store *store, int64_t run, size_t step, size_t arm,
                                      const struct trm_outcome *o, struct trm_error *error) {
    struct sql_row row = row_of(store, OUTCOME_OUTCOME);
    sql_put_int(&row, run);
    sql_put_size(&row, "step", step);
    sql_put_size(&row, "arm", arm);
    sql_put_int(&row, o->chosen ? 1 : 0);
    sql_put_real(&row, "next_loss", o->next_loss);
    sql_put_real(&row, "decrease", o->decrease);
    sql_put_real(&row, "norm", o->norm);
    sql_put_real(&row, "scale", o->scale);
    sql_put_real(&row, "rank", o->rank);
    sql_put_real(&row, "gap", o->gap);
    sql_put_size(&row, "iterations", o->iterations);
    sql_put_real(&row, "seconds", o->seconds);
    return sql_row_end(&row, "add an outcome", error);
}

/* One table of numbers that belong to an outcome: values (count) of `column`. */
static enum trm_status insert_numbers(struct trm_store *store, enum store_outcome which, int64_t run,
                                      size_t step, size_t arm, const char *column, const double *values,
                                      size_t count, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
        struct sql_row row = row_of(store, which);
        sql_put_int(&row, run);
        sql_put_size(&row, "step", step);
        sql_put_size(&row, "arm", arm);
        sql_put_size(&row, "number", i);
        sql_put_real(&row, column, values[i]);
        status = sql_row_end(&row, "add a part of an outcome", error);
    }
    return status;
}

static enum trm_status insert_looks(struct trm_store *store, int64_t run, size_t step, size_t arm,
                                    const struct trm_outcome *o, size_t count, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
        struct sql_row row = row_of(store, OUTCOME_LOOK);
        sql_put_int(&row, run);
        sql_put_size(&row, "step", step);
        sql_put_size(&row, "arm", arm);
        sql_put_size(&row, "repetition", i);
        sql_put_real(&row, "look loss", o->look_loss[i]);
        sql_put_optional(&row, "doubled look loss", o->look_doubled != NULL,
                         o->look_doubled != NULL ? o->look_doubled[i] : 0.0);
        status = sql_row_end(&row, "add a look", error);
    }
    return status;
}

enum trm_status trm_store_branch_insert(struct trm_store *store, int64_t run, const struct trm_branch *b,
                                        struct trm_error *error) {
    if (b->probe_count > TRM_PROBES_MAX || b->repeat_count > TRM_REPEATS_MAX ||
        trm_match_name(b->match) == NULL)
        return trm_fail(error, TRM_INVALID,
                        "%s: a branch state may have %d probes and %d looks, and a known match", store->path,
                        TRM_PROBES_MAX, TRM_REPEATS_MAX);
    bool has;
    enum trm_status status = store_has_outcomes(store, run, &has, error);
    if (status == TRM_OK && !has)
        status = trm_fail(error, TRM_INVALID, "%s: the arms come before the first branch state", store->path);
    if (status == TRM_OK)
        status = savepoint(store, "add a branch state", error);
    if (status != TRM_OK)
        return status;
    status = insert_state(store, run, b, error);
    for (size_t arm = 0; status == TRM_OK && arm < b->arm_count; arm++) {
        const struct trm_outcome *const o = &b->outcome[arm];
        status = insert_outcome(store, run, b->step, arm, o, error);
        if (status == TRM_OK)
            status = insert_numbers(store, OUTCOME_PROBE, run, b->step, arm, "probe loss", o->probe_loss,
                                    b->probe_count, error);
        if (status == TRM_OK)
            status =
                insert_numbers(store, OUTCOME_COSINE, run, b->step, arm, "cosine", o->cosine, arm, error);
        if (status == TRM_OK)
            status = insert_looks(store, run, b->step, arm, o, b->repeat_count, error);
    }
    return release(store, status);
}
