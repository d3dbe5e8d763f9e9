/* online, as a stage of `run`. */
#include "cli/pipeline/stages.h"

#include "experiment/trainer.h"

#include <math.h>

static enum trm_status settings_of(const struct pipeline *pipeline, struct run_settings *settings,
                                   struct trm_error *error) {
    const struct pipeline_setup *const setup = &pipeline->setup;
    const char *const wrong = pipeline_setup_settings(setup, setup->solvers.at[0], setup->online_seeds.at[0],
                                                      pipeline->threads, settings);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    settings->epochs = setup->online.settings.epochs;
    return TRM_OK;
}

STAGE_CHECK(stage_online_check) {
    struct run_settings settings;
    (void)task;
    const enum trm_status status = settings_of(pipeline, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

STAGE_WORK(stage_online) {
    char output[PIPELINE_PATH], router[PIPELINE_PATH];
    const struct pipeline_setup *const setup = &pipeline->setup;
    struct online_summary summary;
    struct online_request request = setup->online;
    request.router = router, request.output = output, request.program = pipeline->program;
    request.target = NAN;
    request.checkpoint_every = setup->collect.checkpoint_every;
    request.resume = mode == PIPELINE_RESUME, request.force = mode == PIPELINE_AGAIN;
    request.seed_count = setup->online_seeds.count;
    for (size_t i = 0; i < request.seed_count; i++)
        request.seeds[i] = setup->online_seeds.at[i];
    enum trm_status status = settings_of(pipeline, &request.settings, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, task->stage->inputs, router, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, task->stage->outputs, output, error);
    if (status == TRM_OK)
        status = online_do(&request, &summary, error);
    if (status == TRM_OK)
        online_summary_free(&summary);
    return status;
}
