/* report, as a stage of `run`. */
#include "cli/pipeline/stages.h"

STAGE_WORK(stage_report) {
    struct report_options options = report_defaults();
    struct report_summary summary = {0};
    (void)task;
    options.force = mode != PIPELINE_NEW;
    options.resamples = pipeline->setup.evaluate.resamples;
    options.baseline_epochs = pipeline->setup.evaluate.baseline_epochs;
    options.seed = pipeline->setup.evaluate.seed;
    return report_do(pipeline->folder, &options, &summary, error);
}
