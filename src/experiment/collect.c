#include "experiment/collect.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/safetensors.h"
#include "experiment/checkpoint.h"
#include "experiment/summary.h"
#include "experiment/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session {
    const struct collect_request *request;
    const struct collect_watch *watch;
    char checkpoint[1024], weights[1024];
    struct trainer *trainer;
    struct trm_store *store;
    int64_t run;
    char *config;
    bool done; /* the store says that the run is finished */
    double epoch_began;
    size_t first_step, saved_step;
};

void collect_path(const char *output, const char *ending, char path[1024]) {
    const size_t length = strlen(output);
    const size_t stem = length > 3 && strcmp(output + length - 3, ".db") == 0 ? length - 3 : length;
    const size_t tail = strlen(ending);
    path[0] = '\0';
    if (stem + tail >= 1024)
        return;
    memcpy(path, output, stem);
    memcpy(path + stem, ending, tail + 1);
}

static size_t steps_done(const struct trainer *t) {
    return t->epoch * t->steps_per_epoch + t->epoch_step;
}

static enum trm_status insert_run(struct session *s, struct trm_error *error) {
    const struct run_settings *const c = &s->request->settings;
    const struct trm_run_settings row = {.solver = c->solver,
                                         .model = c->model,
                                         .dataset = s->trainer->data->info.name,
                                         .fingerprint = s->trainer->data->fingerprint,
                                         .tracked = trainer_tracked_name(s->trainer),
                                         .program = s->request->program,
                                         .config = s->config,
                                         .width = c->width,
                                         .seed = c->seed,
                                         .threads = c->threads,
                                         .epochs = c->epochs,
                                         .batch_size = c->batch_size,
                                         .steps_per_epoch = s->trainer->steps_per_epoch,
                                         .record_every = c->record_every};
    return trm_store_run_begin(s->store, &row, &s->run, error);
}

static enum trm_status begin_run(struct session *s, struct trm_error *error) {
    enum trm_status status = trm_store_create(s->request->output, s->request->force, &s->store, error);
    if (status == TRM_OK)
        status = insert_run(s, error);
    if (status == TRM_OK)
        status = trainer_record(s->trainer, s->store, s->run, error);
    return status;
}

/* The one run of an existing store, with a configuration that gives the same bits. */
static enum trm_status find_run(struct session *s, struct trm_error *error) {
    struct trm_run *runs = NULL;
    size_t count = 0;
    enum trm_status status = trm_store_open(s->request->output, TRM_STORE_APPEND, &s->store, error);
    if (status == TRM_OK)
        status = trm_store_runs(s->store, &runs, &count, error);
    if (status == TRM_OK && count == 0) { /* killed before its row was written */
        free(runs);
        return insert_run(s, error);
    }
    if (status == TRM_OK && count != 1)
        status = trm_fail(error, TRM_FORMAT, "%s: holds %zu runs, not one; give another --output, or --force",
                          s->request->output, count);
    if (status == TRM_OK)
        status = run_settings_same(runs[0].settings.config, s->config, s->request->output, error);
    if (status == TRM_OK) {
        s->run = runs[0].id;
        s->done = runs[0].result.status == TRM_RUN_DONE;
        if (runs[0].result.status == TRM_RUN_DIVERGED)
            status = trm_fail(error, TRM_DIVERGED, "%s: this run diverged: %s; begin another with --force",
                              s->request->output, runs[0].result.message ? runs[0].result.message : "");
    }
    free(runs);
    return status;
}

static enum trm_status go_on(struct session *s, struct trm_error *error) {
    struct trainer *const t = s->trainer;
    enum trm_status status = find_run(s, error);
    if (status == TRM_OK)
        status = trainer_record(t, s->store, s->run, error);
    if (status == TRM_OK && !s->done && file_exists(s->checkpoint))
        status = checkpoint_restore(s->checkpoint, t, error);
    if (status == TRM_OK && !s->done)
        status = trm_store_truncate_after(s->store, s->run, (int64_t)steps_done(t) - 1, error);
    return status;
}

/* What an earlier run left beside the store must not be taken for this one's. */
static enum trm_status remove_old(const char *path, struct trm_error *error) {
    if (unlink(path) != 0 && file_exists(path))
        return trm_fail(error, TRM_IO, "%s: belongs to an earlier run and cannot be removed; remove it",
                        path);
    return TRM_OK;
}

static enum trm_status set_up(struct session *s, struct trm_error *error) {
    const struct collect_request *const r = s->request;
    const bool exists = file_exists(r->output);
    enum trm_status status = TRM_OK;
    collect_path(r->output, ".checkpoint.safetensors", s->checkpoint);
    collect_path(r->output, ".weights.safetensors", s->weights);
    if (s->checkpoint[0] == '\0' || s->weights[0] == '\0')
        return trm_fail(error, TRM_INVALID, "--output: the path is too long");
    if (!(r->resume && exists))
        status = file_check_output(r->output, r->force, true, error);
    if (status == TRM_OK && !r->resume)
        status = file_check_output(s->weights, r->force, true, error);
    if (status == TRM_OK)
        status = trainer_create(&s->trainer, &r->settings, error);
    if (status != TRM_OK)
        return status;
    s->config =
        run_settings_json(&r->settings, s->trainer->data, trainer_total_steps(s->trainer), r->program);
    if (s->config == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    if (r->resume && exists)
        return go_on(s, error);
    status = remove_old(s->checkpoint, error);
    if (status == TRM_OK)
        status = remove_old(s->weights, error);
    return status == TRM_OK ? begin_run(s, error) : status;
}

/* The store first, so that no checkpoint is ahead of it. */
static enum trm_status save(struct session *s, struct trm_error *error) {
    enum trm_status status = trm_store_commit(s->store, error);
    if (status == TRM_OK)
        status = checkpoint_save(s->checkpoint, s->trainer, s->config, error);
    s->saved_step = steps_done(s->trainer);
    return status;
}

static enum trm_status end_epoch(struct session *s, struct collect_event *event, struct trm_error *error) {
    struct trainer *const t = s->trainer;
    struct trm_epoch row = {
        .epoch = t->epoch, .train_loss = t->epoch_loss / (double)t->steps_per_epoch, .has_test = true};
    enum trm_status status = trainer_test(t, &row.test_loss, &row.test_accuracy, error);
    if (status != TRM_OK)
        return status;
    row.max_ortho_error = trainer_drift(t);
    row.seconds = clock_seconds() - s->epoch_began;
    s->epoch_began = clock_seconds();
    t->epoch++;
    t->epoch_step = 0;
    t->epoch_loss = 0.0;
    event->epoch_ended = true;
    event->epoch = t->epoch;
    event->train_loss = row.train_loss, event->test_loss = row.test_loss;
    event->test_accuracy = row.test_accuracy, event->seconds = row.seconds;
    return trm_store_epoch_insert(s->store, s->run, &row, error);
}

static enum trm_status one_step(struct session *s, struct trm_error *error) {
    struct trainer *const t = s->trainer;
    struct trainer_step done;
    struct collect_event event = {.total_steps = trainer_total_steps(t), .first_step = s->first_step};
    enum trm_status status = trainer_step(t, 0, &done, error);
    if (status != TRM_OK)
        return status;
    event.step = steps_done(t);
    event.loss = done.loss;
    if (t->epoch_step == t->steps_per_epoch)
        status = end_epoch(s, &event, error);
    if (status == TRM_OK && steps_done(t) - s->saved_step >= s->request->checkpoint_every)
        status = save(s, error);
    if (status == TRM_OK && s->watch->step != NULL)
        s->watch->step(s->watch->context, &event);
    return status;
}

static enum trm_status train(struct session *s, struct trm_error *error) {
    struct trainer *const t = s->trainer;
    enum trm_status status = trainer_seek(t, error);
    s->first_step = s->saved_step = steps_done(t);
    s->epoch_began = clock_seconds();
    const struct collect_event event = {
        .step = s->first_step, .first_step = s->first_step, .total_steps = trainer_total_steps(t)};
    if (status == TRM_OK && s->watch->begun != NULL)
        s->watch->begun(s->watch->context, &event);
    while (status == TRM_OK && t->epoch < t->settings.epochs) {
        status = one_step(s, error);
        if (status == TRM_OK && t->epoch < t->settings.epochs && s->watch->stop != NULL &&
            s->watch->stop(s->watch->context)) {
            status = save(s, error);
            if (status == TRM_OK)
                status =
                    trm_fail(error, TRM_STOPPED,
                             "stopped after step %zu; the same command with --resume goes on", steps_done(t));
        }
    }
    return status;
}

/* Mark the run as what it came to. A failure such as a full disk leaves it `running`, to be resumed. */
static enum trm_status conclude(struct session *s, enum trm_status ended, struct trm_error *error) {
    struct trm_run_result result = {.status = TRM_RUN_DONE};
    enum trm_status status = ended;
    if (ended == TRM_OK) {
        status = weights_save(s->weights, s->trainer->model, s->config, true, error);
        if (status == TRM_OK)
            status = summary_result(s->store, s->run, &result, error);
    } else if (ended == TRM_DIVERGED || ended == TRM_STOPPED) {
        result.status = ended == TRM_DIVERGED ? TRM_RUN_DIVERGED : TRM_RUN_STOPPED;
        result.message = error != NULL ? error->text : NULL;
    }
    if (status == ended && (ended == TRM_OK || ended == TRM_DIVERGED || ended == TRM_STOPPED)) {
        struct trm_error closing = {0};
        const enum trm_status closed = trm_collector_close(s->trainer->collector, &result, &closing);
        s->trainer->collector = NULL;
        if (closed != TRM_OK)
            return trm_fail(error, closed, "%s", closing.text);
        if (ended == TRM_OK)
            unlink(s->checkpoint); /* the run is complete: nothing is left to go on with */
    }
    return status;
}

enum trm_status collect_run(const struct collect_request *request, const struct collect_watch *watch,
                            struct collect_summary *summary, struct trm_error *error) {
    struct trm_error own = {
        0}; /* conclude stores the words of a failure: they are needed also if nobody asks */
    struct session s = {.request = request, .watch = watch};
    enum trm_status status = set_up(&s, &own);
    if (status == TRM_OK && !s.done)
        status = conclude(&s, train(&s, &own), &own);
    if (status == TRM_OK)
        status = summary_read(s.store, s.run, summary, &own);
    if (status == TRM_OK) {
        summary->finished_before = s.done;
        snprintf(summary->weights, sizeof summary->weights, "%s", s.weights);
    }
    trainer_destroy(s.trainer);
    const enum trm_status closed = trm_store_close(s.store, status == TRM_OK ? &own : NULL);
    free(s.config);
    if (status == TRM_OK)
        status = closed;
    if (status != TRM_OK && error != NULL)
        *error = own;
    return status;
}
