/* The stages of `run` that make a router: train and evaluate. */
#include "cli/message.h"
#include "cli/pipeline/plan.h"
#include "cli/views/stop.h"
#include "cli/views/train.h"

#include "cli/views/progress.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool asked_to_stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

RUN_WORK(run_train) {
    char data[RUN_PATH], output[RUN_PATH];
    struct train_view view;
    struct trm_train_result result;
    const struct trm_train_request request = {.options = run->setup.train,
                                              .data = data,
                                              .output = output,
                                              .resume = mode == RUN_RESUME,
                                              .force = mode == RUN_AGAIN};
    enum trm_status status = run_path(run, task->stage->inputs, data, error);
    if (status == TRM_OK)
        status = run_path(run, "router.safetensors", output, error);
    if (status != TRM_OK)
        return status;
    const struct trm_train_watch watch = train_view_begin(&view, &request);
    status = trm_train(&request, &watch, &result, error);
    train_view_end(&view);
    if (status == TRM_OK)
        cli_say("kept epoch %zu of %zu, validation accuracy %.3f; %.0f ms an epoch", result.best_epoch,
                result.epochs, result.best_val_accuracy, result.ms_per_epoch);
    return status;
}

static void evaluating(void *context, const char *what, size_t done, size_t total) {
    struct progress *const progress = context;
    if (progress->total == 0)
        progress_begin(progress, "evaluate", "part", 0, total, false);
    progress_update(progress, done, what);
}

static enum trm_status write_evaluation(const char *path, const struct trm_evaluation *evaluation,
                                        struct trm_error *error) {
    char *const text = trm_evaluation_json(evaluation);
    const enum trm_status status = text != NULL ? file_write(path, text, strlen(text), true, error)
                                                : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    free(text);
    return status;
}

RUN_WORK(run_evaluate) {
    char data[RUN_PATH], model[RUN_PATH], output[RUN_PATH];
    struct trm_router *router = NULL;
    struct trm_dataset *dataset = NULL;
    struct trm_evaluation evaluation = {0};
    struct progress progress = {.total = 0};
    struct trm_evaluation_options options = run->setup.evaluate;
    options.context = &progress, options.progress = evaluating, options.stop = asked_to_stop;
    enum trm_status status = run_path(run, "dataset.db", data, error);
    if (status == TRM_OK)
        status = run_path(run, "router.safetensors", model, error);
    if (status == TRM_OK)
        status = run_path(run, task->stage->outputs, output, error);
    if (status == TRM_OK && mode == RUN_NEW)
        status = file_check_output(output, false, true, error);
    if (status == TRM_OK)
        status = trm_router_load(model, &router, error);
    if (status == TRM_OK)
        status = trm_dataset_open(data, &dataset, error);
    if (status == TRM_OK)
        status = trm_evaluate(router, dataset, &options, &evaluation, error);
    if (progress.total > 0)
        progress_clear(&progress);
    if (status == TRM_OK) {
        status = write_evaluation(output, &evaluation, error);
        trm_evaluation_free(&evaluation);
    }
    trm_dataset_free(dataset);
    trm_router_destroy(router);
    return status;
}
