#include "experiment/recording.h"

#include "base/clock.h"
#include "experiment/branch/branch.h"
#include "experiment/checkpoint.h"
#include "experiment/summary.h"
#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t steps_done(const struct trainer *t) {
    return t->epoch * t->steps_per_epoch + t->epoch_step;
}

/* What a killed process left of files that this run writes again; whoever records holds the lock. */
static void remove_leftovers(const struct recording *r, const char *problem) {
    file_remove_temporaries(r->checkpoint);
    file_remove_temporaries(problem);
}

/* STEM.diverged.safetensors beside STEM.checkpoint.safetensors */
static void problem_path(const struct recording *r, char path[1024]) {
    static const char ending[] = ".checkpoint.safetensors";
    snprintf(path, 1024, "%.*s.diverged.safetensors", (int)(strlen(r->checkpoint) + 1 - sizeof ending),
             r->checkpoint);
}

/* The arms that this run has to choose from or to compare, where they are not the five solvers of every store; also of
   one that was killed before they were written. */
static enum trm_status keep_arms(struct recording *r, struct trm_error *error) {
    const struct trm_arms usual = trm_arms_default();
    struct trm_arms found;
    if (r->trainer->branch == NULL && trm_arms_equal(&r->trainer->settings.arms, &usual))
        return TRM_OK;
    const enum trm_status status = trm_store_arms(r->store, r->run, &found, NULL, error);
    return status == TRM_OK && found.count == 0 && r->trainer->settings.arms.count > 0
               ? trm_store_arms_insert(r->store, r->run, &r->trainer->settings.arms, error)
               : status;
}

enum trm_status recording_begin(struct recording *r, struct trm_error *error) {
    const struct run_settings *const c = &r->trainer->settings;
    const struct trm_run_settings row = {.solver = c->solver,
                                         .model = c->model,
                                         .dataset = r->trainer->data->info.name,
                                         .fingerprint = r->trainer->data->fingerprint,
                                         .tracked = trainer_tracked_name(r->trainer),
                                         .program = r->program,
                                         .config = r->config,
                                         .width = c->width,
                                         .seed = c->seed,
                                         .threads = c->threads,
                                         .epochs = c->epochs,
                                         .batch_size = c->batch_size,
                                         .steps_per_epoch = r->trainer->steps_per_epoch,
                                         .record_every = c->record_every};
    char problem[1024];
    problem_path(r, problem);
    remove_leftovers(r, problem);
    enum trm_status status = recording_remove_old(problem, error);
    if (status == TRM_OK)
        status = trm_store_run_begin(r->store, &row, &r->run, error);
    if (status == TRM_OK)
        status = keep_arms(r, error);
    return status == TRM_OK ? trainer_record(r->trainer, r->store, r->run, error) : status;
}

/* A run that diverged goes on from its last good checkpoint, where its options say that it takes other steps. The
   checkpoint first, so that a run which may be resumed never has one of other options. */
static enum trm_status change_course(struct recording *r, const struct trm_run *found,
                                     struct trm_error *error) {
    const char *const path = trm_store_path(r->store);
    if (!r->may_change || run_settings_same(found->settings.config, r->config, 0, path, NULL) == TRM_OK) {
        const char *const why = found->result.message != NULL ? found->result.message : "";
        return trm_fail(error, TRM_DIVERGED, "%.160s: this run diverged: %.*s; begin another with --force%s",
                        path, (int)strcspn(why, ";"), why,
                        r->may_change ? ", or go on from its last good checkpoint with a smaller "
                                        "--spectral-budget, --lr or --lr-rest"
                                      : "");
    }
    const bool saved = file_exists(r->checkpoint);
    enum trm_status status = run_settings_same(found->settings.config, r->config, SETTING_STEP, path, error);
    if (status == TRM_OK && saved)
        status = checkpoint_restore(r->checkpoint, r->trainer, r->config, true, error);
    if (status == TRM_OK && saved)
        status = checkpoint_save(r->checkpoint, r->trainer, r->config, error);
    if (status != TRM_OK)
        return status;
    char *const config = run_settings_went_on(found->settings.config, r->config, steps_done(r->trainer));
    if (config == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    status = trm_store_change_after(r->store, r->run, (int64_t)steps_done(r->trainer) - 1, config, error);
    free(config);
    return status;
}

enum trm_status recording_go_on(struct recording *r, const struct trm_run *found, struct trm_error *error) {
    const bool diverged = found->result.status == TRM_RUN_DIVERGED;
    char problem[1024];
    problem_path(r, problem);
    remove_leftovers(r, problem);
    enum trm_status status =
        diverged ? TRM_OK
                 : run_settings_same(found->settings.config, r->config, 0, trm_store_path(r->store), error);
    if (status != TRM_OK)
        return status;
    r->run = found->id;
    if (found->result.status != TRM_RUN_DONE)
        status = keep_arms(r, error);
    if (status == TRM_OK)
        status = trainer_record(r->trainer, r->store, r->run, error);
    if (status != TRM_OK || found->result.status == TRM_RUN_DONE)
        return status;
    if (diverged)
        return change_course(r, found, error);
    if (file_exists(r->checkpoint))
        status = checkpoint_restore(r->checkpoint, r->trainer, r->config, false, error);
    if (status == TRM_OK)
        status = trm_store_truncate_after(r->store, r->run, (int64_t)steps_done(r->trainer) - 1, error);
    return status;
}

enum trm_status recording_remove_old(const char *path, struct trm_error *error) {
    if (unlink(path) != 0 && file_exists(path))
        return trm_fail(error, TRM_IO, "%s: belongs to an earlier run and cannot be removed; remove it",
                        path);
    return TRM_OK;
}

/* The store first, so that no checkpoint is ahead of it. The last good state is kept: one whose loss is ten times
   that of guessing, or whose numbers are not finite, is none to go on from. */
static enum trm_status save(struct recording *r, double loss, struct trm_error *error) {
    if (loss > 10.0 * log((double)r->trainer->data->info.shape.classes))
        return TRM_OK;
    struct trm_error why = {0};
    enum trm_status status = trm_store_commit(r->store, error);
    if (status == TRM_OK) {
        status = checkpoint_save(r->checkpoint, r->trainer, r->config, &why);
        if (status != TRM_OK && status != TRM_NOT_FINITE)
            return trm_fail(error, status, "%s", why.text);
    }
    if (status == TRM_OK)
        r->saved_step = steps_done(r->trainer);
    return status == TRM_NOT_FINITE ? TRM_OK : status;
}

static enum trm_status end_epoch(struct recording *r, struct collect_event *event, struct trm_error *error) {
    struct trainer *const t = r->trainer;
    struct trm_epoch row = {
        .epoch = t->epoch, .train_loss = t->epoch_loss / (double)t->steps_per_epoch, .has_test = true};
    enum trm_status status = trainer_test(t, t->test, &row.test_loss, &row.test_accuracy, error);
    row.has_held = t->held != NULL;
    if (status == TRM_OK && row.has_held)
        status = trainer_test(t, t->held, &row.held_loss, &row.held_accuracy, error);
    if (status != TRM_OK)
        return status;
    row.max_ortho_error = trainer_drift(t);
    row.seconds = clock_seconds() - r->epoch_began;
    r->epoch_began = clock_seconds();
    t->epoch++;
    t->epoch_step = 0;
    t->epoch_loss = 0.0;
    event->epoch_ended = true;
    event->epoch = t->epoch;
    event->train_loss = row.train_loss, event->test_loss = row.test_loss;
    event->test_accuracy = row.test_accuracy, event->seconds = row.seconds;
    event->held_loss = row.has_held ? row.held_loss : NAN;
    event->held_accuracy = row.has_held ? row.held_accuracy : NAN;
    return trm_store_epoch_insert(r->store, r->run, &row, error);
}

static enum trm_status keep_decision(struct recording *r, size_t step, const struct trainer_step *done,
                                     struct trm_error *error) {
    if (!r->decisions)
        return TRM_OK;
    const bool recorded = step % r->trainer->settings.record_every == 0;
    const struct trm_step_decision row = {.step = step,
                                          .decided = done->decided,
                                          .cycles = done->choice.cycles,
                                          .train_seconds = done->train_seconds,
                                          .feature_seconds = done->feature_seconds,
                                          .decide_seconds = done->decide_seconds,
                                          .solver = recorded ? NULL : trainer_arm_name(r->trainer)};
    return trm_store_decision_insert(r->store, r->run, &row, error);
}

static enum trm_status one_step(struct recording *r, struct trm_error *error) {
    struct trainer *const t = r->trainer;
    struct trainer_step done;
    struct collect_event event = {.total_steps = trainer_total_steps(t), .first_step = r->first_step};
    enum trm_status status = trainer_step(t, r->policy, &done, error);
    if (status != TRM_OK)
        return status;
    event.step = steps_done(t);
    event.loss = done.loss;
    status = keep_decision(r, event.step - 1, &done, error);
    if (status == TRM_OK && t->branch != NULL && branch_result(t->branch) != NULL)
        status = trm_store_branch_insert(r->store, r->run, branch_result(t->branch), error);
    if (status == TRM_OK && t->epoch_step == t->steps_per_epoch)
        status = end_epoch(r, &event, error);
    if (status == TRM_OK && steps_done(t) - r->saved_step >= r->checkpoint_every)
        status = save(r, fmax(done.loss, done.next_loss), error);
    r->loss = fmax(done.loss, done.next_loss);
    if (status == TRM_OK && r->watch->step != NULL)
        r->watch->step(r->watch->context, &event);
    return status;
}

enum trm_status recording_train(struct recording *r, struct trm_error *error) {
    struct trainer *const t = r->trainer;
    enum trm_status status = trainer_seek(t, error);
    r->first_step = r->saved_step = steps_done(t);
    r->epoch_began = clock_seconds();
    const struct collect_event event = {.notice = trm_store_notice(r->store),
                                        .step = r->first_step,
                                        .first_step = r->first_step,
                                        .total_steps = trainer_total_steps(t)};
    if (status == TRM_OK && r->watch->begun != NULL)
        r->watch->begun(r->watch->context, &event);
    while (status == TRM_OK && t->epoch < t->settings.epochs) {
        status = one_step(r, error);
        if (status == TRM_OK && t->epoch < t->settings.epochs && r->watch->stop != NULL &&
            r->watch->stop(r->watch->context)) {
            status = save(r, r->loss, error);
            if (status == TRM_OK)
                status = trm_fail(
                    error, TRM_STOPPED,
                    "stopped after step %zu; the same command with --resume (and without --force) goes on",
                    steps_done(t));
        }
    }
    return status;
}

/* W and G for `solve`; that they could not be written is said, and no more than a pity. */
static void keep_problem(struct recording *r, struct trm_error *error) {
    char path[1024], words[sizeof error->text];
    const char *name;
    struct trm_error why = {0};
    problem_path(r, path);
    if (error == NULL)
        return;
    const bool saved = problem_save(path, r->trainer, &name, &why) == TRM_OK;
    snprintf(words, sizeof words, "%s", error->text);
    if (saved)
        trm_fail(error, TRM_DIVERGED, "%.250s; W and G of %s are in %.180s, which solve reads", words, name,
                 path);
    else
        trm_fail(error, TRM_DIVERGED, "%.250s; W and G could not be kept: %.230s", words, why.text);
}

enum trm_status recording_end(struct recording *r, enum trm_status ended, struct trm_error *error) {
    struct trm_run_result result = {.status = TRM_RUN_DONE};
    char problem[1024];
    problem_path(r, problem);
    if (ended == TRM_DIVERGED)
        keep_problem(r, error);
    if (ended == TRM_OK) {
        const enum trm_status status = summary_result(r->store, r->run, &result, error);
        if (status != TRM_OK)
            return status;
    } else if (ended == TRM_DIVERGED || ended == TRM_STOPPED) {
        result.status = ended == TRM_DIVERGED ? TRM_RUN_DIVERGED : TRM_RUN_STOPPED;
        result.message = error != NULL ? error->text : NULL;
    } else
        return ended;
    struct trm_error closing = {0};
    const enum trm_status closed = trm_collector_close(r->trainer->collector, &result, &closing);
    r->trainer->collector = NULL;
    if (closed != TRM_OK)
        return trm_fail(error, closed, "%s", closing.text);
    if (ended == TRM_OK)
        unlink(r->checkpoint), unlink(problem); /* the run is complete: nothing is left to go on with */
    return ended;
}
