#include "experiment/collect.h"

#include "experiment/branch/branch.h"
#include "experiment/checkpoint.h"
#include "experiment/policy.h"
#include "experiment/recording.h"
#include "experiment/summary.h"
#include "storage/file.h"
#include "storage/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
    const struct collect_request *request;
    char checkpoint[1024], weights[1024], lock_path[1024];
    struct lock lock;
    struct recording recording;
    struct branch_settings branching;
    struct branch *branch; /* NULL: none */
    struct policy_context context;
    struct trainer_policy policy;
    char *config;
    bool done; /* the store says that the run is finished */
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

/* The new store comes first: should it fail, the old run is still whole. */
static enum trm_status begin_run(struct session *s, struct trm_error *error) {
    enum trm_status status =
        trm_store_create(s->request->output, s->request->force, &s->recording.store, error);
    if (status == TRM_OK)
        status = recording_remove_old(s->checkpoint, error);
    if (status == TRM_OK)
        status = recording_remove_old(s->weights, error);
    return status == TRM_OK ? recording_begin(&s->recording, error) : status;
}

/* The one run of an existing store. */
static enum trm_status go_on(struct session *s, struct trm_error *error) {
    struct recording *const r = &s->recording;
    struct trm_run *runs = NULL;
    size_t count = 0;
    enum trm_status status = trm_store_open(s->request->output, TRM_STORE_APPEND, &r->store, error);
    if (status == TRM_OK)
        status = trm_store_runs(r->store, &runs, &count, error);
    if (status == TRM_OK && count == 0) /* killed before its row was written */
        return recording_begin(r, error);
    if (status == TRM_OK && count != 1)
        status = trm_fail(error, TRM_FORMAT, "%s: holds %zu runs, not one; give another --output, or --force",
                          s->request->output, count);
    if (status == TRM_OK) {
        s->done = runs[0].result.status == TRM_RUN_DONE;
        status = recording_go_on(r, &runs[0], error);
    }
    if (status == TRM_OK && s->done && !file_exists(s->weights))
        status = trm_fail(error, TRM_NOT_FOUND,
                          "%s: this run is done, but its weights are gone; make it again with --force",
                          s->weights);
    free(runs);
    return status;
}

static enum trm_status name_files(struct session *s, struct trm_error *error) {
    const char *const output = s->request->output;
    collect_path(output, ".checkpoint.safetensors", s->checkpoint);
    collect_path(output, ".weights.safetensors", s->weights);
    collect_path(output, ".lock", s->lock_path);
    if (s->checkpoint[0] == '\0' || s->weights[0] == '\0')
        return trm_fail(error, TRM_INVALID, "--output: the path is too long");
    return TRM_OK;
}

/* Nothing that is there may be replaced without force; and a checkpoint whose store is gone is nothing to begin
   over. */
static enum trm_status check_files(const struct session *s, bool go_on, struct trm_error *error) {
    const struct collect_request *const c = s->request;
    enum trm_status status = TRM_OK;
    if (!go_on)
        status = file_check_output(c->output, c->force, true, error);
    if (status == TRM_OK && !go_on)
        status = file_check_output(s->weights, c->force, true, error);
    if (status == TRM_OK && !go_on && c->resume && file_exists(s->checkpoint))
        status = trm_fail(error, TRM_NOT_FOUND,
                          "%s: the store of the checkpoint beside it is gone; bring it back, or begin "
                          "again with --force instead of --resume",
                          c->output);
    return status;
}

/* Who picks the arm that the run goes on with, where no solver is fixed. */
static enum trm_status choose_policy(struct session *s, struct trm_error *error) {
    struct branch_settings *const b = &s->branching;
    const int policy = policy_find(s->request->settings.solver, &b->arms);
    enum trm_status status = TRM_OK;
    s->context = (struct policy_context){.allowed = ((uint64_t)1 << b->arms.count) - 1,
                                         .seed = s->request->settings.seed};
    if (b->router != NULL) {
        status = trm_router_load(b->router, &s->context.router, error);
        if (status == TRM_OK)
            status = policy_map_router(&s->context, &b->arms, b->router, error);
        if (status == TRM_OK && !digest_file(b->router, b->router_hash))
            status = trm_fail(error, TRM_IO, "%s: cannot be read to its end", b->router);
    }
    s->policy = policy_make(policy, &s->context, 1);
    if (s->policy.choose != NULL)
        s->recording.policy = &s->policy;
    return status;
}

/* The stored configuration, and what tries the arms. */
static enum trm_status configure(struct session *s, struct trm_error *error) {
    const struct collect_request *const c = s->request;
    struct trainer *const t = s->recording.trainer;
    s->config = run_settings_json(&c->settings, t->data, trainer_total_steps(t), c->program);
    if (s->config != NULL && c->branch.oracle == BRANCH_ORACLE_BRANCH) {
        char *const plain = s->config;
        s->config = branch_settings_json(&s->branching, plain);
        free(plain);
    }
    s->recording.config = s->config;
    if (s->config == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    if (c->branch.oracle == BRANCH_ORACLE_NONE)
        return TRM_OK;
    const enum trm_status status = branch_create(&s->branch, t, &s->branching, error);
    t->branch = s->branch;
    return status;
}

static enum trm_status set_up(struct session *s, struct trm_error *error) {
    const struct collect_request *const c = s->request;
    const struct collect_watch *const watch = s->recording.watch;
    struct recording *const r = &s->recording;
    s->branching = c->branch;
    enum trm_status status = name_files(s, error);
    if (status == TRM_OK && c->branch.oracle == BRANCH_ORACLE_BRANCH)
        status = choose_policy(s, error);
    if (status == TRM_OK) /* makes the folder that the lock needs */
        status = check_files(s, c->resume && file_exists(c->output), error);
    if (status == TRM_OK)
        status = file_check_name(s->checkpoint, error);
    if (status == TRM_OK)
        status = lock_take(&s->lock, s->lock_path, c->output, error);
    const bool exists = file_exists(c->output);
    if (status == TRM_OK) /* again: another process may have finished in between */
        status = check_files(s, c->resume && exists, error);
    if (status == TRM_OK) {
        file_remove_temporaries(c->output);
        file_remove_temporaries(s->weights);
        status = trainer_create(&r->trainer, &c->settings, NULL, error);
    }
    if (status == TRM_OK && watch->stop != NULL && watch->stop(watch->context))
        status = trm_fail(error, TRM_STOPPED, "stopped before the first step; nothing was written");
    if (status == TRM_OK)
        status = configure(s, error);
    if (status != TRM_OK)
        return status;
    return c->resume && exists ? go_on(s, error) : begin_run(s, error);
}

static enum trm_status train(struct session *s, struct trm_error *error) {
    struct recording *const r = &s->recording;
    enum trm_status status = recording_train(r, error);
    if (status == TRM_OK)
        status = weights_save(s->weights, r->trainer->model, s->config, true, error);
    return recording_end(r, status, error);
}

enum trm_status collect_run(const struct collect_request *request, const struct collect_watch *watch,
                            struct collect_summary *summary, struct trm_error *error) {
    struct trm_error own = {0}; /* its words are stored with the run, also if nobody asks */
    struct session s = {.request = request, .lock.descriptor = -1};
    s.recording = (struct recording){.program = request->program,
                                     .checkpoint = s.checkpoint,
                                     .checkpoint_every = request->checkpoint_every,
                                     .may_change = true,
                                     .watch = watch};
    enum trm_status status = set_up(&s, &own);
    if (status == TRM_OK && !s.done)
        status = train(&s, &own);
    if (status == TRM_OK)
        status = summary_read(s.recording.store, s.recording.run, summary, &own);
    if (status == TRM_OK)
        status = branch_summary_read(s.recording.store, s.recording.run, &summary->branch, &own);
    if (status == TRM_OK) {
        summary->finished_before = s.done;
        snprintf(summary->weights, sizeof summary->weights, "%s", s.weights);
    }
    branch_destroy(s.branch);
    trm_router_destroy(s.context.router);
    trainer_destroy(s.recording.trainer);
    const enum trm_status closed = trm_store_close(s.recording.store, status == TRM_OK ? &own : NULL);
    lock_release(&s.lock);
    free(s.config);
    if (status == TRM_OK)
        status = closed;
    if (status != TRM_OK && error != NULL)
        *error = own;
    return status;
}
