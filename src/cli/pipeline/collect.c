/* collect, as a stage of `run`. */
#include "cli/pipeline/plan.h"

#include "experiment/trainer.h"

static enum trm_status settings_of(const struct run *run, const struct run_task *task,
                                   struct run_settings *settings, struct trm_error *error) {
    const char *const wrong =
        run_setup_settings(&run->setup, task->solver, task->seed, run->threads, settings);
    return wrong == NULL ? TRM_OK : trm_fail(error, TRM_INVALID, "%s", wrong);
}

RUN_CHECK(run_collect_check) {
    struct run_settings settings;
    const enum trm_status status = settings_of(run, task, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

RUN_WORK(run_collect) {
    char output[RUN_PATH];
    struct run_names names;
    struct collect_summary summary = {0};
    struct collect_request request = run->setup.collect;
    enum trm_status status = settings_of(run, task, &request.settings, error);
    if (status != TRM_OK)
        return status;
    status = run_names_make(run, task, task->stage->outputs, &names)
                 ? run_path(run, names.at[0], output, error)
                 : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    run_names_free(&names);
    if (status != TRM_OK)
        return status;
    request.output = output, request.program = run->program;
    request.resume = mode == RUN_RESUME, request.force = mode == RUN_AGAIN;
    return collect_do(&request, &summary, error);
}
