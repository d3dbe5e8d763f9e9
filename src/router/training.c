#include "router/training.h"

#include "router/training_run.h"

#include "base/clock.h"
#include "base/numbers.h"
#include "base/threads.h"
#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds between two writes of the state. */
static const double state_every = 5.0;

/* What one call of trm_train holds. */
struct session {
    const struct trm_train_request *request;
    struct trm_dataset *dataset;
    struct trm_split split;
    struct trm_statistics statistics;
    struct training training;
    char *configuration;
    char history[1024], state[1024];
    double fastest; /* seconds of an epoch */
};

/* OUTPUT without ".safetensors", and ending; false where that is too long. */
static bool path_beside(const char *output, const char *ending, char path[1024]) {
    static const char suffix[] = ".safetensors";
    const size_t length = strlen(output), cut = sizeof suffix - 1;
    const size_t stem = length > cut && strcmp(output + length - cut, suffix) == 0 ? length - cut : length;
    return stem < 900 && snprintf(path, 1024, "%.*s%s", (int)stem, output, ending) < 1024;
}

static enum trm_status open_data(struct session *s, struct trm_error *error) {
    const struct trm_train_request *const r = s->request;
    struct trm_error why;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT];
    size_t count;
    enum trm_status status = trm_dataset_open(r->data, &s->dataset, error);
    if (status != TRM_OK)
        return status;
    trm_dataset_statistics(s->dataset, &s->statistics);
    status = trm_dataset_split(s->dataset, &r->options.split, &s->split, &why);
    if (status != TRM_OK)
        return trm_fail(error, status, "%s: %s", r->data, why.text);
    const struct trm_sample *const samples = trm_dataset_samples(s->dataset, &count);
    trm_split_moments(s->dataset, &s->split, mean, std);
    bool out[TRM_FEATURE_COUNT];
    (void)training_features_out(r->options.without, out);
    for (int f = 0; f < TRM_FEATURE_COUNT; f++)
        std[f] = out[f] ? 0.0 : std[f]; /* it then enters as 0, here and in the checkpoint */
    status = training_create(&s->training, &r->options, s->statistics.arms.count, samples, s->split.part,
                             count, mean, std, &why);
    if (status != TRM_OK)
        return trm_fail(error, status, "%s: %s", r->data, why.text);
    s->configuration = training_configuration(&r->options, samples, count);
    return s->configuration != NULL ? TRM_OK : trm_fail(error, TRM_NO_MEMORY, "no memory for the options");
}

/* Is the output there, from these very options? *done says so; other options are an error. */
static enum trm_status find_finished(const struct session *s, bool *done, struct trm_train_result *result,
                                     struct trm_error *error) {
    struct trm_router *router;
    *done = false;
    if (!s->request->resume || !file_exists(s->request->output) || file_exists(s->state))
        return TRM_OK;
    const enum trm_status status = trm_router_load(s->request->output, &router, error);
    if (status != TRM_OK)
        return status;
    const struct trm_router_origin origin = *trm_router_origin(router);
    trm_router_destroy(router);
    if (strcmp(origin.configuration, s->configuration) != 0) {
        char difference[160];
        training_difference(origin.configuration, s->configuration, difference, sizeof difference);
        return trm_fail(error, TRM_INVALID, "%s: was trained with %s; give another --output, or --force",
                        s->request->output, difference);
    }
    *done = result->finished_before = true;
    result->best_epoch = origin.epoch;
    result->best_val_accuracy = origin.val_accuracy, result->best_val_loss = origin.val_loss;
    return TRM_OK;
}

/* Begin anew or go on: what is in the way is an error, a state to go on from is read. */
static enum trm_status begin(struct session *s, struct trm_error *error) {
    const struct trm_train_request *const r = s->request;
    const bool interrupted = file_exists(s->state);
    if (r->resume && interrupted)
        return training_state_restore(s->state, &s->training, s->configuration, error);
    if (interrupted && !r->force)
        return trm_fail(error, TRM_EXISTS, "%s: a training was interrupted here; give --resume or --force",
                        s->state);
    if (file_same(r->output, r->data))
        return trm_fail(error, TRM_INVALID, "%s: is both input and output; write to another file", r->output);
    enum trm_status status = file_check_output(r->output, r->force, true, error);
    if (status == TRM_OK)
        status = file_check_output(s->history, r->force || r->resume, true, error);
    if (status == TRM_OK && interrupted && remove(s->state) != 0)
        status = trm_fail(error, TRM_IO, "%s: cannot be removed", s->state);
    return status;
}

static enum trm_status stop_here(struct session *s, struct trm_error *error) {
    const enum trm_status status = training_state_save(s->state, &s->training, s->configuration, error);
    return status != TRM_OK
               ? status
               : trm_fail(error, TRM_STOPPED, "stopped after epoch %zu of %zu; go on with --resume",
                          s->training.epoch, s->request->options.epochs);
}

static enum trm_status run_epochs(struct session *s, const struct trm_train_watch *watch,
                                  struct trm_error *error) {
    struct training *const t = &s->training;
    double saved = clock_seconds();
    while (t->epoch < s->request->options.epochs) {
        const double began = clock_seconds();
        const enum trm_status status = training_epoch(t, watch, error);
        const double seconds = clock_seconds() - began;
        if (status != TRM_OK)
            return status;
        s->fastest = s->fastest == 0.0 || seconds < s->fastest ? seconds : s->fastest;
        if (watch != NULL && watch->epoch != NULL)
            watch->epoch(watch->context, &t->history[t->epoch - 1]);
        if (t->epoch == s->request->options.epochs)
            break;
        if (watch != NULL && watch->stop != NULL && watch->stop(watch->context))
            return stop_here(s, error);
        if (clock_seconds() - saved > state_every) {
            const enum trm_status kept = training_state_save(s->state, t, s->configuration, error);
            if (kept != TRM_OK)
                return kept;
            saved = clock_seconds();
        }
    }
    return TRM_OK;
}

/* The best weights become the checkpoint; the history is there before it, the state goes after it. */
static enum trm_status finish(struct session *s, struct trm_error *error) {
    struct training *const t = &s->training;
    const struct trm_train_epoch *const best = &t->history[t->best_epoch - 1];
    struct trm_router_origin origin = {.arms = s->statistics.arms,
                                       .present = s->statistics.present,
                                       .split = s->request->options.split,
                                       .samples = s->statistics.samples,
                                       .groups = s->statistics.groups,
                                       .epoch = t->best_epoch,
                                       .epochs = s->request->options.epochs,
                                       .val_accuracy = best->val_accuracy,
                                       .val_loss = best->val_loss};
    memcpy(origin.trained_on, s->statistics.about, sizeof origin.trained_on);
    if ((size_t)snprintf(origin.configuration, sizeof origin.configuration, "%s", s->configuration) >=
        sizeof origin.configuration)
        return trm_fail(error, TRM_INVALID, "the options are too long for the checkpoint");
    memcpy(trm_router_parameters(t->router), t->best, t->count * sizeof *t->best);
    trm_router_set_origin(t->router, &origin);
    enum trm_status status = training_history_write(s->history, t->history, t->epoch, error);
    if (status == TRM_OK)
        status =
            trm_router_save(s->request->output, t->router, s->request->force || s->request->resume, error);
    if (status == TRM_OK)
        remove(s->state);
    return status;
}

static void fill_result(const struct session *s, struct trm_train_result *result) {
    const struct training *const t = &s->training;
    const struct trm_train_epoch *const best = &t->history[t->best_epoch - 1], *const last =
                                                                                   &t->history[t->epoch - 1];
    result->best_epoch = t->best_epoch;
    result->best_val_accuracy = best->val_accuracy, result->best_val_loss = best->val_loss;
    result->train_loss = last->train_loss, result->train_accuracy = last->train_accuracy;
    result->ms_per_epoch = 1e3 * s->fastest;
}

static enum trm_status run(struct session *s, const struct trm_train_watch *watch,
                           struct trm_train_result *result, struct trm_error *error) {
    const struct trm_train_request *const r = s->request;
    bool done;
    if (!path_beside(r->output, ".history.csv", s->history) ||
        !path_beside(r->output, ".state.safetensors", s->state))
        return trm_fail(error, TRM_INVALID, "--output: the path is too long");
    enum trm_status status = open_data(s, error);
    if (status != TRM_OK)
        return status;
    result->parameters = s->training.count, result->epochs = r->options.epochs;
    memcpy(result->samples, s->split.samples, sizeof result->samples);
    memcpy(result->history, s->history, sizeof result->history);
    result->train_loss = result->train_accuracy = NAN;
    status = find_finished(s, &done, result, error);
    if (status == TRM_OK && !done)
        status = begin(s, error);
    if (status != TRM_OK || done)
        return status;
    const struct trm_train_begin begun = {.parameters = s->training.count,
                                          .first = s->training.epoch,
                                          .epochs = r->options.epochs,
                                          .split = &s->split,
                                          .statistics = &s->statistics};
    if (watch != NULL && watch->begun != NULL)
        watch->begun(watch->context, &begun);
    status = run_epochs(s, watch, error);
    if (status == TRM_OK)
        status = finish(s, error);
    if (status == TRM_OK)
        fill_result(s, result);
    return status;
}

enum trm_status trm_train(const struct trm_train_request *request, const struct trm_train_watch *watch,
                          struct trm_train_result *result, struct trm_error *error) {
    struct trm_train_request own = {
        .data = request->data, .output = request->output, .resume = request->resume, .force = request->force};
    struct session s = {.request = &own};
    *result = (struct trm_train_result){0};
    const char *const wrong = training_options_take(&own.options, &request->options);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "train: %s", wrong);
    const struct threads_before before = threads_enter(0);
    const locale_t numbers = numbers_begin();
    const enum trm_status status = run(&s, watch, result, error);
    numbers_end(numbers);
    threads_leave(before);
    training_destroy(&s.training);
    trm_split_free(&s.split);
    trm_dataset_free(s.dataset);
    free(s.configuration);
    return status;
}
