/* The stages of `run` that make a router: train and evaluate. */
#include "cli/message.h"
#include "cli/pipeline/stages.h"
#include "cli/views/train.h"

STAGE_WORK(stage_train) {
    char data[PIPELINE_PATH], output[PIPELINE_PATH];
    struct train_view view;
    struct trm_train_result result;
    const struct trm_train_request request = {.options = pipeline->setup.train,
                                              .data = data,
                                              .output = output,
                                              .resume = mode == PIPELINE_RESUME,
                                              .force = mode == PIPELINE_AGAIN};
    enum trm_status status = pipeline_path(pipeline, task->stage->inputs, data, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, "router.safetensors", output, error);
    if (status == TRM_OK)
        status = train_do(&request, &view, &result, error);
    if (status == TRM_OK)
        cli_say("kept epoch %zu of %zu, validation accuracy %.3f; %.0f ms an epoch", result.best_epoch,
                result.epochs, result.best_val_accuracy, result.ms_per_epoch);
    return status;
}

STAGE_WORK(stage_evaluate) {
    char data[PIPELINE_PATH], model[PIPELINE_PATH], output[PIPELINE_PATH];
    struct trm_evaluation evaluation;
    const struct evaluate_request request = {.model = model,
                                             .data = data,
                                             .output = output,
                                             .options = pipeline->setup.evaluate,
                                             .force = mode != PIPELINE_NEW};
    enum trm_status status = pipeline_path(pipeline, "dataset.db", data, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, "router.safetensors", model, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, task->stage->outputs, output, error);
    if (status == TRM_OK)
        status = evaluate_do(&request, &evaluation, error);
    if (status == TRM_OK)
        trm_evaluation_free(&evaluation);
    return status;
}
