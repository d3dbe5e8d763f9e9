/* collect, as a stage of `run`. */
#include "cli/pipeline/stages.h"

#include "experiment/trainer.h"

static enum trm_status settings_of(const struct pipeline *pipeline, const struct pipeline_task *task,
                                   struct run_settings *settings, struct trm_error *error) {
    const char *const wrong =
        pipeline_setup_settings(&pipeline->setup, task->solver, task->seed, pipeline->threads, settings);
    return wrong == NULL ? TRM_OK : trm_fail(error, TRM_INVALID, "%s", wrong);
}

STAGE_CHECK(stage_collect_check) {
    struct run_settings settings;
    const enum trm_status status = settings_of(pipeline, task, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

STAGE_WORK(stage_collect) {
    char output[PIPELINE_PATH];
    struct pipeline_names names;
    struct collect_summary summary = {0};
    struct collect_request request = pipeline->setup.collect;
    enum trm_status status = settings_of(pipeline, task, &request.settings, error);
    if (status != TRM_OK)
        return status;
    status = pipeline_names_make(pipeline, task, task->stage->outputs, &names)
                 ? pipeline_path(pipeline, names.at[0], output, error)
                 : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    pipeline_names_free(&names);
    if (status != TRM_OK)
        return status;
    request.output = output, request.program = pipeline->program;
    request.resume = mode == PIPELINE_RESUME, request.force = mode == PIPELINE_AGAIN;
    return collect_do(&request, &summary, error);
}
