/* Arms and branch states on their way out: each state with all its arms, or an error that says what it lacks. */
#include "dynamics/outcome.h"
#include "dynamics/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for one state. */
struct state {
    uint64_t seed[TRM_PROBES_MAX];
    double base[TRM_PROBES_MAX], probe[TRM_ARMS_MAX][TRM_PROBES_MAX];
    double cosine[TRM_ARMS_MAX][TRM_ARMS_MAX];
    double look[TRM_ARMS_MAX][TRM_REPEATS_MAX], doubled[TRM_ARMS_MAX][TRM_REPEATS_MAX];
    struct trm_outcome outcome[TRM_ARMS_MAX];
    struct trm_branch branch;
};

enum trm_status store_has_outcomes(struct trm_store *store, int64_t run, bool *has, struct trm_error *error) {
    int64_t tables = 0;
    enum trm_status status = store_check_run(store, run, error);
    if (status == TRM_OK)
        status = sql_number(&store->sql, "SELECT count(*) FROM sqlite_master WHERE name = 'arm'", 0, 0,
                            &tables, error);
    *has = tables > 0;
    return status;
}

enum trm_status trm_store_arms(struct trm_store *store, int64_t run, struct trm_arms *arms,
                               double seconds[TRM_ARMS_MAX], struct trm_error *error) {
    bool has;
    *arms = (struct trm_arms){.count = 0};
    enum trm_status status = store_has_outcomes(store, run, &has, error);
    if (status != TRM_OK || !has)
        return status;
    struct trm_arms found = {.count = 0};
    struct sql_query query = sql_query_begin(
        &store->sql, "arm", "SELECT arm, name, seconds FROM arm WHERE run_id = ? ORDER BY arm", run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        struct trm_error why = {0};
        bool measured;
        const size_t number = sql_get_size(&query, TRM_ARMS_MAX - 1);
        const char *const name = sql_get_text(&query);
        const double taken = sql_get_optional(&query, &measured);
        if (!sql_query_good(&query))
            break;
        status = number == found.count ? trm_arm_parse(name, &found.at[number], &why)
                                       : trm_fail(&why, TRM_FORMAT, "arm %zu is not there", found.count);
        if (status != TRM_OK)
            status =
                trm_fail(error, TRM_FORMAT, "%s: its arms: %.200s; restore a copy", store->path, why.text);
        else if (seconds != NULL)
            seconds[number] = measured && taken > 0.0 ? taken : (double)NAN;
        found.count++;
    }
    status = sql_query_end(&query, status);
    if (status == TRM_OK)
        *arms = found;
    return status;
}

static enum trm_status lacks(const struct trm_store *store, size_t step, const char *what,
                             struct trm_error *error) {
    return trm_fail(
        error, TRM_FORMAT,
        "%s: the branch state of step %zu has not all its %s; restore a copy, or collect it again",
        store->path, step, what);
}

/* Rows of one table at one step; the names are this file's own. */
static struct sql_query rows(struct trm_store *store, const char *columns, const char *table,
                             const char *also, int64_t run, size_t step, struct trm_error *error) {
    char sql[256];
    sqlite3_snprintf(sizeof sql, sql, "SELECT %s FROM %s WHERE run_id = ? AND step = %lld %s ORDER BY 1, 2",
                     columns, table, (long long)step, also);
    return sql_query_begin(&store->sql, table, sql, run, error);
}

static enum trm_status read_base(struct trm_store *store, int64_t run, struct state *s,
                                 struct trm_error *error) {
    struct trm_branch *const b = &s->branch;
    struct sql_query query = rows(store, "probe, seed, loss", "branch_probe", "", run, b->step, error);
    enum trm_status status = TRM_OK;
    for (; status == TRM_OK && sql_query_next(&query); b->probe_count++) {
        const size_t probe = sql_get_size(&query, TRM_PROBES_MAX - 1);
        const uint64_t seed = (uint64_t)sql_get_int(&query, 0, INT64_MAX);
        const double loss = sql_get_real(&query);
        if (!sql_query_good(&query))
            break;
        if (probe != b->probe_count) {
            status = lacks(store, b->step, "probes", error);
            break;
        }
        s->seed[probe] = seed, s->base[probe] = loss;
    }
    return sql_query_end(&query, status);
}

static enum trm_status read_outcomes(struct trm_store *store, int64_t run, struct state *s,
                                     struct trm_error *error) {
    struct sql_query query =
        rows(store, "arm, chosen, next_loss, decrease, norm, scale, rank, gap, iterations, seconds",
             "outcome", "", run, s->branch.step, error);
    size_t count = 0;
    for (; sql_query_next(&query); count++) {
        const size_t arm = sql_get_size(&query, s->branch.arm_count - 1);
        struct trm_outcome *const o = &s->outcome[arm];
        o->chosen = sql_get_int(&query, 0, 1) != 0;
        o->next_loss = sql_get_real(&query);
        o->decrease = sql_get_real(&query);
        o->norm = sql_get_real(&query);
        o->scale = sql_get_real(&query);
        o->rank = sql_get_real(&query);
        o->gap = sql_get_real(&query);
        o->iterations = sql_get_size(&query, SIZE_MAX);
        o->seconds = sql_get_seconds(&query);
    }
    const enum trm_status status = sql_query_end(&query, TRM_OK);
    return status == TRM_OK && count != s->branch.arm_count ? lacks(store, s->branch.step, "arms", error)
                                                            : status;
}

/* A table of (arm, number, value) into values (arms, width), each arm's numbers from 0 on; *count of them. */
static enum trm_status read_numbers(struct trm_store *store, const char *columns, const char *table,
                                    const char *also, int64_t run, const struct state *s, size_t width,
                                    double *values, size_t *count, struct trm_error *error) {
    struct sql_query query = rows(store, columns, table, also, run, s->branch.step, error);
    size_t next = 0, last = 0;
    enum trm_status status = TRM_OK;
    for (*count = 0; status == TRM_OK && sql_query_next(&query); ++*count) {
        const size_t arm = sql_get_size(&query, s->branch.arm_count - 1),
                     number = sql_get_size(&query, width - 1);
        const double value = sql_get_real(&query);
        if (!sql_query_good(&query))
            break;
        next = arm == last ? next : 0, last = arm;
        if (number != next++)
            status = lacks(store, s->branch.step, table, error);
        else
            values[arm * width + number] = value;
    }
    return sql_query_end(&query, status);
}

static enum trm_status read_parts(struct trm_store *store, int64_t run, struct state *s,
                                  struct trm_error *error) {
    struct trm_branch *const b = &s->branch;
    const size_t arms = b->arm_count, pairs = arms * (arms - 1) / 2;
    size_t probes = 0, cosines = 0, looks = 0, doubled = 0;
    enum trm_status status = read_numbers(store, "arm, probe, loss", "outcome_probe", "", run, s,
                                          TRM_PROBES_MAX, &s->probe[0][0], &probes, error);
    if (status == TRM_OK)
        status = read_numbers(store, "arm, other, cosine", "outcome_cosine", "", run, s, TRM_ARMS_MAX,
                              &s->cosine[0][0], &cosines, error);
    if (status == TRM_OK)
        status = read_numbers(store, "arm, repetition, loss", "outcome_look", "", run, s, TRM_REPEATS_MAX,
                              &s->look[0][0], &looks, error);
    if (status == TRM_OK)
        status = read_numbers(store, "arm, repetition, doubled", "outcome_look", "AND doubled IS NOT NULL",
                              run, s, TRM_REPEATS_MAX, &s->doubled[0][0], &doubled, error);
    if (status != TRM_OK)
        return status;
    b->repeat_count = looks / arms;
    if (probes != arms * b->probe_count)
        return lacks(store, b->step, "probes", error);
    if (cosines != pairs)
        return lacks(store, b->step, "cosines", error);
    if (looks != arms * b->repeat_count || (looks > 0) != (b->hold + b->anneal > 0))
        return lacks(store, b->step, "looks", error);
    if (doubled != 0 && doubled != looks)
        return lacks(store, b->step, "looks with twice the annealing", error);
    for (size_t arm = 0; doubled > 0 && arm < arms; arm++)
        s->outcome[arm].look_doubled = s->doubled[arm];
    return TRM_OK;
}

static enum trm_status read_state(struct trm_store *store, int64_t run, struct state *s,
                                  struct trm_error *error) {
    for (size_t i = 0; i < TRM_ARMS_MAX; i++)
        s->outcome[i] =
            (struct trm_outcome){.probe_loss = s->probe[i], .cosine = s->cosine[i], .look_loss = s->look[i]};
    s->branch.probe_seed = s->seed, s->branch.base_loss = s->base, s->branch.outcome = s->outcome;
    enum trm_status status = read_base(store, run, s, error);
    if (status == TRM_OK)
        status = read_outcomes(store, run, s, error);
    return status == TRM_OK ? read_parts(store, run, s, error) : status;
}

static enum trm_match match_from(const char *name) {
    enum trm_match match = TRM_MATCH_NONE;
    while (trm_match_name(match) != NULL && strcmp(trm_match_name(match), name) != 0)
        match++;
    return match;
}

static enum trm_status visit_states(struct trm_store *store, int64_t run, size_t arms, struct state *s,
                                    trm_branch_visit *visit, void *context, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    struct sql_query query = sql_query_begin(
        &store->sql, "branch state",
        "SELECT step, match, hold, anneal, seconds FROM branch WHERE run_id = ? ORDER BY step", run, error);
    while (status == TRM_OK && sql_query_next(&query)) {
        s->branch = (struct trm_branch){.arm_count = arms};
        query.row = s->branch.step = sql_get_size(&query, STORE_STEPS);
        s->branch.match = match_from(sql_get_text(&query));
        s->branch.hold = sql_get_size(&query, STORE_STEPS);
        s->branch.anneal = sql_get_size(&query, STORE_STEPS);
        s->branch.seconds = sql_get_seconds(&query);
        if (!sql_query_good(&query))
            break;
        if (trm_match_name(s->branch.match) == NULL)
            status = trm_fail(
                error, TRM_FORMAT,
                "%s: the match of the branch state of step %zu is none that there is; restore a copy",
                store->path, s->branch.step);
        if (status == TRM_OK)
            status = read_state(store, run, s, error);
        if (status == TRM_OK)
            status = visit(context, &s->branch);
    }
    return sql_query_end(&query, status);
}

enum trm_status trm_store_branches(struct trm_store *store, int64_t run, trm_branch_visit *visit,
                                   void *context, struct trm_error *error) {
    struct trm_arms arms;
    enum trm_status status = trm_store_arms(store, run, &arms, NULL, error);
    if (status != TRM_OK || arms.count == 0)
        return status;
    struct state *const s = calloc(1, sizeof *s);
    if (s == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a branch state", store->path);
    status = visit_states(store, run, arms.count, s, visit, context, error);
    free(s);
    return status;
}
