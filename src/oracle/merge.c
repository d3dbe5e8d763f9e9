/* The merge oracle: fixed-solver runs compared at the same step. At every step the label is the solver whose
   own run lowered the loss of that batch most. The runs have their own weights, so that this compares what
   happened to several networks, not what another solver would have done to one. */
#include "oracle/merge.h"

#include "muon/muon.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    struct merge_run *run;
    size_t found, missing; /* rows read; the first step that should have been before one of them */
    struct trm_error *error;
};

static enum trm_status take_row(void *context, const struct trm_step *row) {
    struct reading *const reading = context;
    struct merge_run *const run = reading->run;
    const size_t due = reading->found++ * run->info->settings.record_every;
    if (row->step > due && reading->missing == SIZE_MAX)
        reading->missing = due;
    if (!row->has_next_loss)
        return TRM_OK;
    enum trm_status status = merge_check_row(run, row, reading->error);
    if (status == TRM_OK)
        status = merge_room(run, reading->error);
    if (status != TRM_OK)
        return status;
    merge_keep(run, row);
    run->solve_seconds += row->solve_seconds;
    return TRM_OK;
}

/* A finished run has every step that it was to record. */
static enum trm_status check_complete(const struct reading *reading, struct trm_error *error) {
    const struct merge_run *const run = reading->run;
    const struct trm_run_settings *const s = &run->info->settings;
    const size_t due = (s->epochs * s->steps_per_epoch + s->record_every - 1) / s->record_every;
    if (reading->found == due)
        return TRM_OK;
    if (reading->found > due)
        return trm_fail(error, TRM_FORMAT,
                        "%s: the run of %s has %zu steps, but was to record %zu; collect it again", run->path,
                        s->solver, reading->found, due);
    return trm_fail(error, TRM_FORMAT,
                    "%s: the run of %s is finished, but lacks %zu of its %zu steps, the first of them step "
                    "%zu; restore the file, or collect it again",
                    run->path, s->solver, due - reading->found, due,
                    reading->missing != SIZE_MAX ? reading->missing : reading->found * s->record_every);
}

static enum trm_status read_run(struct trm_store *store, struct merge *merge, struct merge_run *run,
                                struct trm_error *error) {
    struct reading reading = {.run = run, .missing = SIZE_MAX, .error = error};
    enum trm_status status = merge_accept(run, error);
    if (status == TRM_OK)
        status = merge_compare(&merge->runs[0], run, error);
    if (status == TRM_OK)
        status = trm_store_steps(store, run->info->id, take_row, &reading, error);
    if (status == TRM_OK)
        status = check_complete(&reading, error);
    if (status == TRM_OK)
        status = trm_store_hash(store, run->info->id, run->hash, error);
    if (status == TRM_OK && run->count == 0)
        status =
            trm_fail(error, TRM_INVALID, "%s: the run of %s holds no step with a next loss; collect it again",
                     run->path, run->info->settings.solver);
    if (status == TRM_OK)
        run->solve_seconds /= (double)run->count;
    return status;
}

static int by_seed_and_solver(const void *left, const void *right) {
    const struct merge_run *const a = left, *const b = right;
    const uint64_t s = a->info->settings.seed, t = b->info->settings.seed;
    return s != t ? (s > t) - (s < t) : (a->solver > b->solver) - (a->solver < b->solver);
}

/* Keep the steps that every run has. */
static enum trm_status align(struct merge *merge, struct trm_error *error) {
    size_t *const at = calloc(merge->run_count, sizeof *at);
    if (at == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory to align %zu runs", merge->run_count);
    size_t shared = 0;
    for (size_t k = 0; k < merge->runs[0].count; k++) {
        const size_t step = merge->runs[0].rows[k].step;
        bool everywhere = true;
        for (size_t r = 0; r < merge->run_count; r++) {
            const struct merge_run *const run = &merge->runs[r];
            while (at[r] < run->count && run->rows[at[r]].step < step)
                at[r]++;
            everywhere = everywhere && at[r] < run->count && run->rows[at[r]].step == step;
        }
        for (size_t r = 0; everywhere && r < merge->run_count; r++)
            merge->runs[r].rows[shared] = merge->runs[r].rows[at[r]];
        shared += everywhere;
    }
    free(at);
    if (shared == 0)
        return trm_fail(error, TRM_INVALID,
                        "%s: shares no recorded step with the other runs; collect all with the same "
                        "--record-every",
                        merge->runs[merge->run_count - 1].path);
    for (size_t r = 0; r < merge->run_count; r++)
        merge->runs[r].count = shared;
    return TRM_OK;
}

/* The best arm; among equally good ones the one that costs least. */
static int choose(const struct trm_sample *s, const double *seconds, uint64_t *tied) {
    int best = -1;
    *tied = 0;
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        if (!(s->present >> arm & 1))
            continue;
        if (best < 0 || s->change[arm] < s->change[best])
            best = arm, *tied = 0;
        if (s->change[arm] == s->change[best]) {
            *tied |= UINT64_C(1) << arm;
            if (seconds[arm] < seconds[best])
                best = arm;
        }
    }
    return best;
}

static struct trm_sample make_sample(const struct merge *merge, const struct trm_statistics *st, size_t r,
                                     size_t k) {
    const struct merge_run *const run = &merge->runs[r];
    const struct merge_row *const row = &run->rows[k];
    const struct trm_run_settings *const s = &run->info->settings;
    struct trm_sample sample = {.loss = row->loss,
                                .run = (int64_t)r + 1,
                                .step = row->step,
                                .epoch = row->epoch,
                                .epochs = s->epochs,
                                .steps_per_epoch = s->steps_per_epoch,
                                .position = k,
                                .group = dataset_group(st, k),
                                .seed = s->seed};
    memcpy(sample.feature, row->feature, sizeof sample.feature);
    for (int arm = 0; arm < TRM_ARMS_MOST; arm++)
        sample.change[arm] = NAN;
    for (size_t other = 0; other < merge->run_count; other++) {
        const struct merge_run *const o = &merge->runs[other];
        if (o->info->settings.seed != s->seed)
            continue;
        sample.change[o->solver] = o->rows[k].change;
        sample.present |= UINT64_C(1) << o->solver;
    }
    return sample;
}

static enum trm_status label(const struct merge *merge, struct trm_dataset *dataset,
                             struct trm_error *error) {
    const size_t steps = merge->runs[0].count;
    struct trm_statistics *const st = &dataset->statistics;
    dataset->samples = calloc(merge->run_count * steps, sizeof *dataset->samples);
    if (dataset->samples == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for %zu samples", merge->run_count * steps);
    st->arms = trm_arm_names_solvers();
    st->runs = merge->run_count;
    st->steps = steps;
    st->block = dataset_block(steps);
    st->guard = dataset_guard(st->block);
    st->groups = dataset_groups(steps, st->block);
    size_t runs_of[TRM_ARMS] = {0};
    for (size_t r = 0; r < merge->run_count; r++) {
        const int arm = merge->runs[r].solver;
        st->present |= UINT64_C(1) << arm;
        st->seconds[arm] += (merge->runs[r].solve_seconds - st->seconds[arm]) / (double)++runs_of[arm];
    }
    for (size_t r = 0; r < merge->run_count; r++)
        for (size_t k = 0; k < steps; k++) {
            struct trm_sample *const sample = &dataset->samples[dataset->count++];
            *sample = make_sample(merge, st, r, k);
            sample->label = choose(sample, st->seconds, &sample->tied);
        }
    dataset_count(dataset);
    return TRM_OK;
}

enum trm_status trm_merge_runs(const char *const *inputs, size_t count, const char *output, bool overwrite,
                               struct trm_statistics *statistics, struct trm_error *error) {
    struct merge merge = {.runs = NULL};
    struct trm_dataset dataset = {.count = 0};
    enum trm_status status = merge_read(&merge, inputs, count, output, overwrite, read_run, error);
    if (status == TRM_OK) {
        qsort(merge.runs, merge.run_count, sizeof *merge.runs, by_seed_and_solver);
        status = merge_check_solvers(&merge, error);
    }
    if (status == TRM_OK)
        status = align(&merge, error);
    if (status == TRM_OK)
        status = label(&merge, &dataset, error);
    if (status == TRM_OK)
        status = dataset_write(output, overwrite, &merge, &dataset, error);
    if (status == TRM_OK && statistics != NULL)
        *statistics = dataset.statistics;
    free(dataset.samples);
    merge_release(&merge);
    return status;
}
