/* report, as a stage of `run`. */
#include "cli/pipeline/plan.h"
#include "cli/views/stop.h"

#include "cli/views/progress.h"
#include "report/report.h"

static void reporting(void *context, const char *what, size_t done, size_t total) {
    struct progress *const progress = context;
    if (progress->total == 0)
        progress_begin(progress, "report", "part", done, total, false);
    progress_update(progress, done, what);
}

static bool asked_to_stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

RUN_WORK(run_report) {
    struct report_options options = report_defaults();
    struct report_summary summary = {0};
    struct progress progress = {.total = 0};
    (void)task;
    options.force = mode != RUN_NEW;
    options.resamples = run->setup.evaluate.resamples;
    options.baseline_epochs = run->setup.evaluate.baseline_epochs;
    options.seed = run->setup.evaluate.seed;
    options.context = &progress, options.progress = reporting, options.stop = asked_to_stop;
    const enum trm_status status = report_write(run->folder, &options, &summary, error);
    if (progress.total > 0)
        progress_clear(&progress);
    return status;
}
