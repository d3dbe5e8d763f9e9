/* online, as a stage of `run`. */
#include "cli/pipeline/plan.h"

#include "experiment/trainer.h"

#include <math.h>

static enum trm_status settings_of(const struct run *run, struct run_settings *settings,
                                   struct trm_error *error) {
    const struct run_setup *const setup = &run->setup;
    const char *const wrong =
        run_setup_settings(setup, setup->solvers.at[0], setup->online_seeds.at[0], run->threads, settings);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    settings->epochs = setup->online.settings.epochs;
    return TRM_OK;
}

RUN_CHECK(run_online_check) {
    struct run_settings settings;
    (void)task;
    const enum trm_status status = settings_of(run, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

RUN_WORK(run_online) {
    char output[RUN_PATH], router[RUN_PATH];
    const struct run_setup *const setup = &run->setup;
    struct online_summary summary;
    struct online_request request = setup->online;
    request.router = router, request.output = output, request.program = run->program;
    request.target = NAN;
    request.checkpoint_every = setup->collect.checkpoint_every;
    request.resume = mode == RUN_RESUME, request.force = mode == RUN_AGAIN;
    request.seed_count = setup->online_seeds.count;
    for (size_t i = 0; i < request.seed_count; i++)
        request.seeds[i] = setup->online_seeds.at[i];
    enum trm_status status = settings_of(run, &request.settings, error);
    if (status == TRM_OK)
        status = run_path(run, task->stage->inputs, router, error);
    if (status == TRM_OK)
        status = run_path(run, task->stage->outputs, output, error);
    if (status == TRM_OK)
        status = online_do(&request, &summary, error);
    if (status == TRM_OK)
        online_summary_free(&summary);
    return status;
}
