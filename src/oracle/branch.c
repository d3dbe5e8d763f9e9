/* The counterfactual oracles: at a branch state every arm was tried from the same weights, so that their outcomes are
   what another arm would have done. A sample a state; its label, ties and two halves from outcomes that all arms had on
   the same batches. */
#include "oracle/merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SAME_STEP = 0.999; /* cosine, and ratio of lengths, above which two updates are one */

struct reading {
    struct merge *merge;
    struct merge_run *run;
    size_t row; /* of the step that is due */
    double value[TRM_ARMS_MAX]
                [TRM_PROBES_MAX]; /* (arms, values): the changes of an arm at a state, one a probe or look */
    struct trm_error *error;
};

/* Mean and standard error of a - b (may be NULL: 0) over every `stride`-th of the values from `first` on. */
static double mean_of(const double *a, const double *b, size_t first, size_t count, size_t stride,
                      double *error) {
    double n = 0, mean = 0, square = 0; /* Welford's update */
    for (size_t k = first; k < count; k += stride) {
        const double x = a[k] - (b != NULL ? b[k] : 0), away = x - mean;
        mean += away / ++n;
        square += away * (x - mean);
    }
    if (error != NULL)
        *error = n > 1 ? sqrt(square / (n - 1) / n) : 0;
    return mean;
}

/* Changes of every arm, one a probe or look, into r->value; returns how many each has. */
static size_t take_values(struct reading *r, const struct trm_branch *b, double loss) {
    const enum trm_oracle oracle = r->merge->options->oracle;
    const size_t count = oracle == TRM_ORACLE_PROBE    ? b->probe_count
                         : oracle == TRM_ORACLE_ANNEAL ? b->repeat_count
                                                       : 1;
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        const struct trm_outcome *const o = &b->outcome[arm];
        const double scale = r->merge->options->a_second ? 1 / r->run->seconds[arm] : 1;
        for (size_t k = 0; k < count; k++)
            r->value[arm][k] = scale * (oracle == TRM_ORACLE_PROBE    ? o->probe_loss[k] - b->base_loss[k]
                                        : oracle == TRM_ORACLE_ANNEAL ? o->look_loss[k] - loss
                                                                      : o->next_loss - loss);
    }
    return count;
}

static bool same_step(const struct trm_branch *b, size_t i, size_t j) {
    const double a = b->outcome[i].norm, c = b->outcome[j].norm;
    return i == j || (b->outcome[i > j ? i : j].cosine[i > j ? j : i] > SAME_STEP &&
                      fmin(a, c) >= SAME_STEP * fmax(a, c));
}

/* Change, halves, ties and label from the values. */
static void judge(const struct reading *r, const struct trm_branch *b, size_t count, struct trm_sample *s) {
    const double *const seconds = r->run->seconds;
    size_t best = 0;
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        s->present |= UINT64_C(1) << arm;
        s->change[arm] = mean_of(r->value[arm], NULL, 0, count, 1, NULL);
        for (size_t h = 0; count > 1 && h < 2; h++)
            s->half[h][arm] = mean_of(r->value[arm], NULL, h, count, 2, NULL);
        best = s->change[arm] < s->change[best] ? arm : best;
    }
    s->label = -1;
    for (size_t arm = 0; arm < b->arm_count; arm++) {
        double error;
        const double behind = mean_of(r->value[arm], r->value[best], 0, count, 1, &error);
        if (!(behind <= 2 * error || same_step(b, arm, best)))
            continue;
        s->tied |= UINT64_C(1) << arm;
        if (s->label < 0 || seconds[arm] < seconds[s->label])
            s->label = (int)arm;
    }
}

static enum trm_status make_room(struct merge_run *run, struct trm_error *error) {
    if (run->state_count < run->state_room)
        return TRM_OK;
    const size_t room = run->state_room == 0 ? 64 : 2 * run->state_room;
    struct trm_sample *states = realloc(run->states, room * sizeof *states);
    if (states == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its branch states", run->path);
    run->states = states;
    run->state_room = room;
    return TRM_OK;
}

/* What a state must have for the oracle, and in common with all others. */
static enum trm_status check_state(const struct reading *r, const struct trm_branch *b, size_t values) {
    struct branch_common *const all = &r->merge->common;
    const char *const path = r->run->path;
    if (r->merge->options->oracle == TRM_ORACLE_PROBE && values < 2)
        return trm_fail(
            r->error, TRM_INVALID,
            "%s: step %zu has %zu probe batch%s, the oracle probe needs two: to choose on one half and value "
            "on the other; collect again with --probes",
            path, b->step, values, values == 1 ? "" : "es");
    if (all->states > 0 && b->match != all->match)
        return trm_fail(r->error, TRM_INVALID, "%s: its steps are matched by %s, those of other runs by %s",
                        path, trm_match_name(b->match), trm_match_name(all->match));
    all->match = b->match;
    all->states++;
    if (b->hold + b->anneal > all->look)
        all->look = b->hold + b->anneal;
    return TRM_OK;
}

static enum trm_status take_state(void *context, const struct trm_branch *b) {
    struct reading *const r = context;
    struct merge_run *const run = r->run;
    const struct trm_run_settings *const settings = &run->info->settings;
    if (r->merge->options->oracle == TRM_ORACLE_ANNEAL && b->repeat_count == 0)
        return TRM_OK;
    while (r->row < run->count && run->rows[r->row].step < b->step)
        r->row++;
    if (r->row == run->count || run->rows[r->row].step != b->step)
        return trm_fail(r->error, TRM_FORMAT,
                        "%s: branch state %zu has no row in the table step; collect it again", run->path,
                        b->step);
    const struct merge_row *const row = &run->rows[r->row];
    const size_t values = take_values(r, b, row->loss);
    enum trm_status status = check_state(r, b, values);
    if (status == TRM_OK)
        status = make_room(run, r->error);
    if (status != TRM_OK)
        return status;
    struct trm_sample *const s = &run->states[run->state_count++];
    *s = (struct trm_sample){.loss = row->loss,
                             .step = row->step,
                             .epoch = row->epoch,
                             .epochs = settings->epochs,
                             .steps_per_epoch = settings->steps_per_epoch,
                             .seed = settings->seed};
    memcpy(s->feature, row->feature, sizeof s->feature);
    for (size_t arm = 0; arm < TRM_ARMS_MOST; arm++)
        s->change[arm] = s->half[0][arm] = s->half[1][arm] = NAN;
    judge(r, b, values, s);
    return TRM_OK;
}

static enum trm_status take_step(void *context, const struct trm_step *row) {
    struct reading *const r = context;
    enum trm_status status = merge_check_row(r->run, row, r->error);
    if (status == TRM_OK)
        status = merge_room(r->run, r->error);
    if (status == TRM_OK) {
        merge_keep(r->run, row);
        r->run->solve_seconds += row->solve_seconds;
    }
    return status;
}

/* The arms of the run are those of all; their seconds from the file, or as the store has them. */
static enum trm_status take_arms(struct trm_store *store, struct reading *r) {
    struct merge_run *const run = r->run;
    struct branch_common *const all = &r->merge->common;
    const struct trm_oracle_options *const o = r->merge->options;
    struct trm_arms arms;
    struct trm_arm_names names = {.count = 0};
    enum trm_status status = trm_store_arms(store, run->info->id, &arms, run->seconds, r->error);
    for (size_t i = 0; status == TRM_OK && i < arms.count; i++) {
        char name[TRM_ARM_NAME];
        trm_arm_name(&arms.at[i], name);
        (void)trm_arm_names_add(&names, name);
    }
    if (status == TRM_OK && names.count < 2)
        return trm_fail(r->error, TRM_INVALID,
                        "%s: run %lld holds no branch states; collect it with --oracle branch", run->path,
                        (long long)run->info->id);
    if (status == TRM_OK && all->names.count > 0 && !trm_arm_names_equal(&names, &all->names))
        return trm_fail(r->error, TRM_INVALID,
                        "%s: its arms are not those of %s; only runs of the same arms can be put together",
                        run->path, r->merge->runs[0].path);
    all->names = names;
    if (status == TRM_OK && o->seconds != NULL)
        status = trm_arm_seconds_read(o->seconds, &names, run->seconds, r->error);
    run->has_seconds = true;
    for (size_t i = 0; i < names.count; i++)
        run->has_seconds = run->has_seconds && run->seconds[i] > 0;
    if (status == TRM_OK && o->a_second && !run->has_seconds)
        return trm_fail(
            r->error, TRM_INVALID,
            "%s: the seconds of its arms are not known; measure them with 'trm-router bench arms' and give "
            "--seconds FILE.json",
            run->path);
    for (size_t i = 0; i < names.count && !run->has_seconds; i++)
        run->seconds[i] = 0; /* a tie goes to the first of the list */
    return status;
}

enum trm_status branch_read_run(struct trm_store *store, struct merge *merge, struct merge_run *run,
                                struct trm_error *error) {
    struct reading *const r = calloc(1, sizeof *r);
    if (r == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its branch states", run->path);
    *r = (struct reading){.merge = merge, .run = run, .error = error};
    enum trm_status status = merge_accept_any(run, error);
    if (status == TRM_OK)
        status = take_arms(store, r);
    if (status == TRM_OK)
        status = trm_store_steps(store, run->info->id, take_step, r, error);
    if (status == TRM_OK)
        status = trm_store_branches(store, run->info->id, take_state, r, error);
    if (status == TRM_OK)
        status = trm_store_hash(store, run->info->id, run->hash, error);
    if (status == TRM_OK && run->state_count == 0)
        status = trm_fail(
            error, TRM_INVALID, "%s: run %lld holds no %s; collect it with %s", run->path,
            (long long)run->info->id, merge->options->oracle == TRM_ORACLE_ANNEAL ? "looks" : "branch states",
            merge->options->oracle == TRM_ORACLE_ANNEAL ? "--hold and --anneal" : "--oracle branch");
    if (status == TRM_OK)
        run->solve_seconds /= (double)run->count;
    free(run->rows);
    run->rows = NULL;
    free(r);
    return status;
}
