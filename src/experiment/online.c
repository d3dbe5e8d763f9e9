#include "experiment/online.h"

#include "experiment/online_config.h"
#include "experiment/policy.h"
#include "experiment/recording.h"
#include "storage/file.h"
#include "storage/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct session {
    const struct online_request *request;
    const struct online_watch *watch;
    struct trm_router *router;
    struct online_choice choice; /* for the configurations */
    struct data_set *data;
    struct lock lock;
    struct trm_store *store;
    struct trm_run *found; /* runs that were in the store at first */
    size_t found_count;
    bool changes;              /* one of them diverged, or went on with steps of other lengths since */
    struct online_event event; /* of the run in progress */
    char notice[3 * TRM_ABOUT_TEXT];
    bool noticed;
};

static bool add_seed(uint64_t seed, uint64_t seeds[ONLINE_MAX_SEEDS], size_t *count) {
    for (size_t i = 0; i < *count; i++)
        if (seeds[i] == seed)
            return false;
    if (seed > 1ull << 53 || *count == ONLINE_MAX_SEEDS)
        return false;
    seeds[(*count)++] = seed;
    return true;
}

bool online_seeds(const char *text, uint64_t first, uint64_t seeds[ONLINE_MAX_SEEDS], size_t *count) {
    const bool list = strchr(text, ',') != NULL;
    *count = 0;
    for (const char *at = text;; at++) {
        char *end;
        const unsigned long long number = strtoull(at, &end, 10);
        if (*at < '0' || *at > '9' || (*end != ',' && *end != '\0'))
            return false;
        if (list && !add_seed(number, seeds, count))
            return false;
        for (uint64_t i = 0; !list && i < number; i++)
            if (!add_seed(first + i, seeds, count))
                return false;
        if (*end == '\0')
            return *count > 0;
        at = end;
    }
}

/* Is this policy among those of the request? */
static bool wanted(const struct session *s, int policy) {
    if (policy >= POLICY_FIXED)
        return s->request->baselines && (s->choice.allowed >> (policy - POLICY_FIXED) & 1);
    return policy == POLICY_ROUTER || s->request->opponent[policy] ||
           (policy == POLICY_RANDOM && s->request->baselines);
}

static enum trm_status open_store(struct session *s, struct trm_error *error) {
    const struct online_request *const r = s->request;
    if (!(r->resume && file_exists(r->output)))
        return trm_store_create(r->output, r->force, &s->store, error);
    enum trm_status status = trm_store_open(r->output, TRM_STORE_APPEND, &s->store, error);
    if (status == TRM_OK)
        status = trm_store_runs(s->store, &s->found, &s->found_count, error);
    for (size_t i = 0; status == TRM_OK && i < s->found_count; i++)
        s->changes = s->changes || s->found[i].result.status == TRM_RUN_DIVERGED ||
                     run_settings_has_gone_on(s->found[i].settings.config);
    return status;
}

static enum trm_status set_up(struct session *s, struct trm_error *error) {
    const struct online_request *const r = s->request;
    char longest[1024], ending[128];
    snprintf(longest, sizeof longest, ".%0*d-18446744073709551615.checkpoint.safetensors", TRM_ARM_NAME - 1,
             0);
    memcpy(ending, longest, sizeof ending);
    collect_path(r->output, ending, longest);
    if (longest[0] == '\0')
        return trm_fail(error, TRM_INVALID, "--output: the path is too long");
    if (file_same(r->output, r->router) || (r->fitted_on != NULL && file_same(r->output, r->fitted_on)))
        return trm_fail(error, TRM_INVALID, "%s: is both input and output; write to another file", r->output);
    enum trm_status status = file_check_name(longest, error);
    if (status == TRM_OK)
        status = online_choice_make(r, &s->router, &s->choice, error);
    if (status == TRM_OK && !(r->resume && file_exists(r->output)))
        status = file_check_output(r->output, r->force, true, error);
    collect_path(r->output, ".lock", longest);
    if (status == TRM_OK)
        status = lock_take(&s->lock, longest, r->output, error);
    if (status == TRM_OK)
        file_remove_temporaries(r->output);
    if (status == TRM_OK)
        status = data_load(&r->settings.data, &s->data, error);
    return status == TRM_OK ? open_store(s, error) : status;
}

/* The run of this policy and seed that the store had at first, or NULL. Every other run must at least have
   the same settings, since all are compared. */
static enum trm_status find_run(const struct session *s, const struct run_settings *settings,
                                const char *config, const struct trm_run **found, struct trm_error *error) {
    *found = NULL;
    for (size_t i = 0; i < s->found_count; i++) {
        const struct trm_run_settings *const row = &s->found[i].settings;
        if (strcmp(row->solver, settings->solver) == 0 && row->seed == settings->seed)
            *found = &s->found[i];
        const enum trm_status status =
            online_config_comparable(row->config, config, s->changes, s->request->output, error);
        if (status != TRM_OK)
            return status;
    }
    return TRM_OK;
}

static void on_begun(void *context, const struct collect_event *at) {
    struct session *const s = context;
    s->event.at = at;
    s->event.notice = s->noticed || s->notice[0] == '\0' ? NULL : s->notice;
    s->noticed = true;
    if (s->watch->begun != NULL)
        s->watch->begun(s->watch->context, &s->event);
}

static void on_step(void *context, const struct collect_event *at) {
    struct session *const s = context;
    s->event.at = at;
    if (s->watch->step != NULL)
        s->watch->step(s->watch->context, &s->event);
}

static bool asked_to_stop(void *context) {
    const struct session *const s = context;
    return s->watch->stop != NULL && s->watch->stop(s->watch->context);
}

/* A router knows the features of what it was trained on. */
static void compare_data(struct session *s, const struct trainer *t) {
    const char *const then = trm_router_origin(s->router)->trained_on;
    char now[TRM_ABOUT_TEXT];
    trm_features_about(now, t->settings.model, t->settings.width, t->data->info.name, trainer_tracked_name(t),
                       t->settings.batch_size);
    if (then[0] != '\0' && strcmp(then, now) != 0)
        snprintf(
            s->notice, sizeof s->notice,
            "the router was trained on runs of %s; this is %s: the same features may mean something else",
            then, now);
}

/* One run, from wherever the store says that it is. */
static enum trm_status record(struct session *s, struct recording *r, const struct run_settings *settings,
                              struct trm_error *error) {
    const struct trm_run *found;
    enum trm_status status = find_run(s, settings, r->config, &found, error);
    const bool done = status == TRM_OK && found != NULL && found->result.status == TRM_RUN_DONE;
    if (done && s->changes) /* it keeps its steps */
        return TRM_OK;
    if (status == TRM_OK && found != NULL)
        status = recording_go_on(r, found, error);
    if (status == TRM_OK && done)
        return TRM_OK;
    if (status == TRM_OK && found == NULL)
        status = recording_remove_old(r->checkpoint, error);
    if (status == TRM_OK && found == NULL)
        status = recording_begin(r, error);
    return status == TRM_OK ? recording_end(r, recording_train(r, error), error) : status;
}

/* The run of this policy as settings and configuration say, with what it learns. */
static enum trm_status run_with(struct session *s, int policy, struct recording *r,
                                struct policy_context *context, struct trm_error *error) {
    const struct run_settings *const settings = &r->trainer->settings;
    const int kind = policy - POLICY_LEARNERS;
    const bool learns = kind >= 0 && kind < TRM_LEARNERS;
    struct trainer_memory *const memory = &r->trainer->memory;
    enum trm_status status = TRM_OK;
    context->steps = trainer_total_steps(r->trainer);
    if (learns)
        status = trm_learner_create(&context->learner, (enum trm_learner_kind)kind, context->allowed,
                                    settings->seed, error);
    if (status == TRM_OK && learns)
        memory->at = trm_learner_state(context->learner, &memory->count);
    char *const config =
        online_config(settings, &s->choice, policy, s->data, context->steps, s->request->program);
    r->config = config;
    if (status == TRM_OK)
        status = config != NULL ? record(s, r, settings, error)
                                : trm_fail(error, TRM_NO_MEMORY, "out of memory for the configuration");
    trm_learner_destroy(context->learner);
    free(config);
    return status;
}

static enum trm_status run_policy(struct session *s, int policy, uint64_t seed, struct trm_error *error) {
    const struct online_request *const q = s->request;
    const bool plans = policy >= POLICY_PLANS && policy < POLICY_LEARNERS;
    char own[TRM_ARM_NAME], name[TRM_ARM_NAME + 64], checkpoint[1024];
    struct policy_context context = {.router = s->router,
                                     .allowed = s->choice.allowed,
                                     .seed = seed,
                                     .plan = plans ? &s->choice.plan[policy - POLICY_PLANS] : NULL};
    const struct trainer_policy chooser = policy_make(policy, &context, q->interval);
    const struct collect_watch watch = {s, on_begun, on_step, asked_to_stop};
    struct run_settings shared = q->settings;
    shared.arms = s->choice.arms;
    policy_name(policy, &s->choice.arms, own);
    const struct run_settings settings = online_settings(&shared, own, seed);
    struct recording r = {.store = s->store,
                          .program = q->program,
                          .checkpoint = checkpoint,
                          .checkpoint_every = q->checkpoint_every,
                          .policy = policy >= POLICY_FIXED ? NULL : &chooser,
                          .decisions = true,
                          .may_change = true,
                          .watch = &watch};
    snprintf(name, sizeof name, ".%s-%llu.checkpoint.safetensors", settings.solver, (unsigned long long)seed);
    collect_path(q->output, name, checkpoint);
    s->event.policy = settings.solver, s->event.seed = seed;
    enum trm_status status =
        policy == POLICY_ROUTER ? policy_map_router(&context, &settings.arms, q->router, error) : TRM_OK;
    if (status == TRM_OK)
        status = trainer_create(&r.trainer, &settings, s->data, error);
    if (status != TRM_OK)
        return status;
    compare_data(s, r.trainer);
    status = run_with(s, policy, &r, &context, error);
    trainer_destroy(r.trainer);
    return status;
}

/* Seed by seed, so that what there is so far can be compared. */
static enum trm_status run_all(struct session *s, struct trm_error *error) {
    const struct online_request *const r = s->request;
    const int policies = POLICY_FIXED + (int)s->choice.arms.count;
    for (int policy = 0; policy < policies; policy++)
        s->event.runs += wanted(s, policy) ? r->seed_count : 0;
    for (size_t i = 0; i < r->seed_count; i++)
        for (int policy = 0; policy < policies; policy++) {
            if (!wanted(s, policy))
                continue;
            const enum trm_status status = run_policy(s, policy, r->seeds[i], error);
            if (status != TRM_OK && status != TRM_DIVERGED)
                return status;
            s->event.run++;
        }
    return TRM_OK;
}

enum trm_status online_run(const struct online_request *request, const struct online_watch *watch,
                           struct online_summary *summary, struct trm_error *error) {
    struct trm_error own = {0}; /* a run that diverged leaves its words in its row, also if nobody asks */
    struct session s = {.request = request, .watch = watch, .lock.descriptor = -1};
    enum trm_status status = set_up(&s, &own);
    if (status == TRM_OK)
        status = run_all(&s, &own);
    const enum trm_status closed = trm_store_close(s.store, status == TRM_OK ? &own : NULL);
    if (status == TRM_OK)
        status = closed;
    lock_release(&s.lock);
    trm_router_destroy(s.router);
    data_free(s.data);
    free(s.found);
    if (status == TRM_OK)
        status = online_summary_read(request->output, request->target, summary, &own);
    if (status != TRM_OK && error != NULL)
        *error = own;
    return status;
}
