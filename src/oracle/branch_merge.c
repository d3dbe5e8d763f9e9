/* The states of several runs as one data set: every run has blocks of its own, none of them in another. */
#include "oracle/merge.h"

#include "base/options.h"

#include <stdlib.h>
#include <string.h>

/* By data set, network, width, seed and followed solver, whatever the order of the inputs. */
static int by_settings(const void *left, const void *right) {
    const struct merge_run *const a = left, *const b = right;
    const struct trm_run_settings *const s = &a->info->settings, *const t = &b->info->settings;
    const int texts[] = {strcmp(s->dataset, t->dataset),
                         strcmp(s->model, t->model),
                         (s->width > t->width) - (s->width < t->width),
                         (s->seed > t->seed) - (s->seed < t->seed),
                         strcmp(s->solver, t->solver),
                         strcmp(s->config, t->config),
                         strcmp(a->hash, b->hash)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i] != 0)
            return texts[i];
    return 0;
}

static enum trm_status check_twice(const struct merge *merge, struct trm_error *error) {
    for (size_t r = 1; r < merge->run_count; r++)
        if (by_settings(&merge->runs[r - 1], &merge->runs[r]) == 0)
            return trm_fail(
                error, TRM_INVALID, "%s and %s: hold the same run, of %s with seed %llu; give one of them",
                merge->runs[r - 1].path, merge->runs[r].path, merge->runs[r].info->settings.solver,
                (unsigned long long)merge->runs[r].info->settings.seed);
    return TRM_OK;
}

/* Length of a block and of the guard: a look from one state must not see the batches of another part's. */
static void choose_blocks(const struct merge *merge, size_t look, struct trm_statistics *st) {
    size_t most = 0, spacing = SIZE_MAX;
    for (size_t r = 0; r < merge->run_count; r++) {
        const struct merge_run *const run = &merge->runs[r];
        most = run->state_count > most ? run->state_count : most;
        for (size_t k = 1; k < run->state_count; k++)
            if (run->states[k].step - run->states[k - 1].step < spacing)
                spacing = run->states[k].step - run->states[k - 1].step;
    }
    const size_t in_look = look == 0 ? 0 : (look + spacing - 1) / spacing;
    st->block = dataset_block(most);
    st->guard = dataset_guard(st->block);
    st->guard = in_look > st->guard ? in_look : st->guard;
    st->block = st->block < 2 * st->guard ? 2 * st->guard : st->block;
}

static enum trm_status gather(const struct merge *merge, struct trm_dataset *d, struct trm_error *error) {
    const struct branch_common *const all = &merge->common;
    struct trm_statistics *const st = &d->statistics;
    size_t total = 0;
    for (size_t r = 0; r < merge->run_count; r++)
        total += merge->runs[r].state_count;
    d->samples = calloc(total + 1, sizeof *d->samples);
    if (d->samples == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for %zu samples", total);
    st->runs = merge->run_count;
    st->steps = total;
    choose_blocks(merge, st->oracle == TRM_ORACLE_ANNEAL ? all->look : 0, st);
    for (size_t r = 0; r < merge->run_count; r++) {
        const struct merge_run *const run = &merge->runs[r];
        const size_t groups = dataset_groups(run->state_count, st->block);
        for (size_t k = 0; k < run->state_count; k++) {
            struct trm_sample *const s = &d->samples[d->count];
            const size_t block = k / st->block;
            *s = run->states[k];
            s->run = (int64_t)r + 1;
            s->position = d->count++;
            s->group = st->groups + (block < groups ? block : groups - 1);
            st->halves = st->halves || s->half[0][0] == s->half[0][0];
        }
        st->groups += groups;
        for (size_t arm = 0; arm < all->names.count; arm++)
            st->seconds[arm] += run->seconds[arm] / (double)merge->run_count;
    }
    dataset_count(d);
    return TRM_OK;
}

static const struct trm_oracle_options own_default = {.size = sizeof own_default, .oracle = TRM_ORACLE_PROBE};

void trm_oracle_options_init(struct trm_oracle_options *options, size_t size) {
    options_give(options, size, &own_default, sizeof own_default);
}

enum trm_status trm_prepare_branches(const char *const *inputs, size_t count,
                                     const struct trm_oracle_options *given, const char *output,
                                     bool overwrite, struct trm_statistics *statistics,
                                     struct trm_error *error) {
    struct trm_oracle_options own = own_default, *const options = &own;
    const char *const wrong = options_take(&own, sizeof own, sizeof own, given);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    struct merge merge = {.options = options};
    const struct branch_common *const all = &merge.common;
    struct trm_dataset d = {.statistics = {.oracle = options->oracle, .a_second = options->a_second}};
    if (options->oracle == TRM_ORACLE_MERGE || (options->a_second && options->oracle == TRM_ORACLE_ANNEAL))
        return trm_fail(error, TRM_INVALID, "%s",
                        options->a_second ? "--cost: a look takes its hold and anneal, not one arm's "
                                            "seconds; use it with same_batch or probe"
                                          : "the oracle merge compares runs, not branch states");
    enum trm_status status = merge_read(&merge, inputs, count, output, overwrite, branch_read_run, error);
    if (status == TRM_OK) {
        qsort(merge.runs, merge.run_count, sizeof *merge.runs, by_settings);
        status = check_twice(&merge, error);
    }
    d.statistics.arms = all->names;
    d.statistics.match = (int)all->match;
    d.statistics.look = all->look;
    d.statistics.present = trm_arm_names_all(&all->names);
    if (status == TRM_OK)
        status = gather(&merge, &d, error);
    if (status == TRM_OK)
        status = dataset_write(output, overwrite, &merge, &d, error);
    if (status == TRM_OK && statistics != NULL)
        *statistics = d.statistics;
    free(d.samples);
    merge_release(&merge);
    return status;
}
