/* Which runs can be compared: everything that decides a step must be the same but the solver and its
   budget, the seed, and what does not change the mathematics. */
#include "oracle/merge.h"

#include "dynamics/settings.h"
#include "muon/muon.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static enum trm_status differ(const struct merge_run *first, const struct merge_run *run, const char *what,
                              const char *was, const char *is, struct trm_error *error) {
    return trm_fail(error, TRM_INVALID,
                    "%s: %s is %s, but %s in %s; only runs that differ in nothing but solver and seed can be "
                    "compared",
                    run->path, what, is, was, first->path);
}

static enum trm_status compare_text(const struct merge_run *first, const struct merge_run *run,
                                    const char *what, const char *was, const char *is,
                                    struct trm_error *error) {
    return strcmp(was, is) == 0 ? TRM_OK : differ(first, run, what, was, is, error);
}

static enum trm_status compare_number(const struct merge_run *first, const struct merge_run *run,
                                      const char *what, double was, double is, struct trm_error *error) {
    char a[32], b[32];
    if (was == is)
        return TRM_OK;
    snprintf(a, sizeof a, "%.15g", was);
    snprintf(b, sizeof b, "%.15g", is);
    return differ(first, run, what, a, b, error);
}

/* A value as text for a message; a missing one is "absent". */
static void show(const json_t *value, char text[64]) {
    char *dumped =
        value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    snprintf(text, 64, "%s", value == NULL ? "absent" : dumped != NULL ? dumped : "unreadable");
    free(dumped);
}

/* Keys of one object against the other; called both ways, so that a key that only one has is found. */
static enum trm_status compare_keys(const struct merge_run *first, const struct merge_run *run, json_t *left,
                                    json_t *right, bool swapped, struct trm_error *error) {
    const char *key;
    json_t *value;
    json_object_foreach(left, key, value) {
        const json_t *other = json_object_get(right, key);
        char what[96], a[64], b[64];
        if (run_settings_may_differ(key, SETTING_COMPARED_FREELY) ||
            (other != NULL && json_equal(value, other)))
            continue;
        snprintf(what, sizeof what, "the setting %s", key);
        show(swapped ? other : value, a);
        show(swapped ? value : other, b);
        return differ(first, run, what, a, b, error);
    }
    return TRM_OK;
}

static enum trm_status compare_configurations(const struct merge_run *first, const struct merge_run *run,
                                              struct trm_error *error) {
    json_t *a = json_loads(first->info->settings.config, 0, NULL);
    json_t *b = json_loads(run->info->settings.config, 0, NULL);
    enum trm_status status = TRM_OK;
    if (!json_is_object(a) || !json_is_object(b))
        status = trm_fail(error, TRM_FORMAT, "%s: its configuration is no JSON object; collect it again",
                          json_is_object(a) ? run->path : first->path);
    if (status == TRM_OK)
        status = compare_keys(first, run, a, b, false, error);
    if (status == TRM_OK)
        status = compare_keys(first, run, b, a, true, error);
    json_decref(a);
    json_decref(b);
    return status;
}

enum trm_status merge_compare(const struct merge_run *first, const struct merge_run *run,
                              struct trm_error *error) {
    const struct trm_run_settings *a = &first->info->settings, *b = &run->info->settings;
    const struct {
        const char *what, *was, *is;
    } texts[] = {{"the data set", a->dataset, b->dataset},
                 {"the data's fingerprint", a->fingerprint, b->fingerprint},
                 {"the network", a->model, b->model},
                 {"the tracked matrix", a->tracked, b->tracked}};
    const struct {
        const char *what;
        double was, is;
    } numbers[] = {{"the feature version", first->info->feature_version, run->info->feature_version},
                   {"the width", a->width, b->width},
                   {"the batch size", (double)a->batch_size, (double)b->batch_size},
                   {"the number of epochs", (double)a->epochs, (double)b->epochs},
                   {"the number of steps an epoch", (double)a->steps_per_epoch, (double)b->steps_per_epoch}};
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < sizeof texts / sizeof *texts; i++)
        status = compare_text(first, run, texts[i].what, texts[i].was, texts[i].is, error);
    for (size_t i = 0; status == TRM_OK && i < sizeof numbers / sizeof *numbers; i++)
        status = compare_number(first, run, numbers[i].what, numbers[i].was, numbers[i].is, error);
    return status == TRM_OK ? compare_configurations(first, run, error) : status;
}

enum trm_status merge_accept(struct merge_run *run, struct trm_error *error) {
    const struct trm_run *info = run->info;
    run->solver = muon_solver_find(info->settings.solver);
    if (run->solver < 0 || run->solver >= TRM_ARMS)
        return trm_fail(error, TRM_INVALID,
                        "%s: run %lld is one of '%s', which is no label; give runs of spectral_clip, "
                        "dual_ascent, quasi_newton, frank_wolfe or admm",
                        run->path, (long long)info->id, info->settings.solver);
    return merge_accept_any(run, error);
}

enum trm_status merge_accept_any(const struct merge_run *run, struct trm_error *error) {
    const struct trm_run *info = run->info;
    if (info->feature_version != TRM_FEATURE_VERSION)
        return trm_fail(error, TRM_INVALID,
                        "%s: the feature version is %d, this program computes version %d; collect it again",
                        run->path, info->feature_version, TRM_FEATURE_VERSION);
    if (info->result.status == TRM_RUN_DIVERGED)
        return trm_fail(
            error, TRM_INVALID,
            "%s: the run of %s diverged and has no end to compare; leave it out, or collect all runs again "
            "with shorter steps (--spectral-budget, --lr-rest)",
            run->path, info->settings.solver);
    if (info->result.status != TRM_RUN_DONE)
        return trm_fail(error, TRM_INVALID,
                        "%s: the run of %s is not finished (%s); finish it with collect --resume", run->path,
                        info->settings.solver, trm_run_status_name(info->result.status));
    return TRM_OK;
}

enum trm_status merge_check_solvers(const struct merge *merge, struct trm_error *error) {
    unsigned all = 0;
    for (size_t i = 0; i < merge->run_count; i++)
        all |= 1u << merge->runs[i].solver;
    if ((all & (all - 1)) == 0)
        return trm_fail(error, TRM_INVALID,
                        "%s: all runs are of %s alone; an oracle compares at least two solvers: give runs of "
                        "others too",
                        merge->runs[0].path, muon_solver_name(merge->runs[0].solver));
    for (size_t i = 0; i < merge->run_count;) {
        const uint64_t seed = merge->runs[i].info->settings.seed;
        const struct merge_run *const first = &merge->runs[i];
        unsigned of_seed = 0;
        for (; i < merge->run_count && merge->runs[i].info->settings.seed == seed; i++) {
            const struct merge_run *const run = &merge->runs[i];
            if (of_seed >> run->solver & 1)
                return trm_fail(error, TRM_INVALID,
                                "%s and %s: both are runs of %s with seed %llu; give one of them",
                                merge->runs[i - 1].path, run->path, muon_solver_name(run->solver),
                                (unsigned long long)seed);
            of_seed |= 1u << run->solver;
        }
        for (int arm = 0; arm < TRM_ARMS; arm++)
            if ((all & ~of_seed) >> arm & 1)
                return trm_fail(error, TRM_INVALID,
                                "%s: seed %llu has no run of %s, other seeds have one; every seed needs the "
                                "same solvers",
                                first->path, (unsigned long long)seed, muon_solver_name(arm));
    }
    return TRM_OK;
}
