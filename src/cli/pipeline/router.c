/* The stages of `run` that make a router: train and evaluate. */
#include "cli/message.h"
#include "cli/pipeline/plan.h"
#include "cli/views/train.h"

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
    if (status == TRM_OK)
        status = train_do(&request, &view, &result, error);
    if (status == TRM_OK)
        cli_say("kept epoch %zu of %zu, validation accuracy %.3f; %.0f ms an epoch", result.best_epoch,
                result.epochs, result.best_val_accuracy, result.ms_per_epoch);
    return status;
}

RUN_WORK(run_evaluate) {
    char data[RUN_PATH], model[RUN_PATH], output[RUN_PATH];
    struct trm_evaluation evaluation;
    const struct evaluate_request request = {.model = model,
                                             .data = data,
                                             .output = output,
                                             .options = run->setup.evaluate,
                                             .force = mode != RUN_NEW};
    enum trm_status status = run_path(run, "dataset.db", data, error);
    if (status == TRM_OK)
        status = run_path(run, "router.safetensors", model, error);
    if (status == TRM_OK)
        status = run_path(run, task->stage->outputs, output, error);
    if (status == TRM_OK)
        status = evaluate_do(&request, &evaluation, error);
    if (status == TRM_OK)
        trm_evaluation_free(&evaluation);
    return status;
}
