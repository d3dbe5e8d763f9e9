/* collect, as a stage of `run`. */
#include "cli/views/collect.h"
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
    struct data_info data;
    struct collect_summary summary = {0};
    struct collect_request request = {.output = output,
                                      .program = run->program,
                                      .checkpoint_every = run->setup.checkpoint_every,
                                      .resume = mode == RUN_RESUME,
                                      .force = mode == RUN_AGAIN};
    enum trm_status status = settings_of(run, task, &request.settings, error);
    if (status != TRM_OK)
        return status;
    if (!run_names_make(run, task, task->stage->outputs, &names)) {
        run_names_free(&names);
        return trm_fail(error, TRM_NO_MEMORY, "out of memory");
    }
    status = run_path(run, names.at[0], output, error);
    run_names_free(&names);
    if (status == TRM_OK)
        status = data_check(&request.settings.data, &data, error);
    if (status != TRM_OK)
        return status;
    struct collect_view view;
    const struct collect_watch watch = collect_view_begin(&view, &request, &data);
    status = collect_run(&request, &watch, &summary, error);
    collect_view_end(&view);
    return status;
}
