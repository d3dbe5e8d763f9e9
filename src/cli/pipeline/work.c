/* What the stages of `run` do: they fill the requests of the commands and call the same functions. */
#include "cli/diagnostics.h"
#include "cli/pipeline/stages.h"
#include "cli/views/train.h"
#include "experiment/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A training run of the configuration, with this solver and seed. */
static enum trm_status settings_of(const struct pipeline *pipeline, const char *solver, size_t seed,
                                   struct run_settings *settings, struct trm_error *error) {
    const char *const wrong =
        pipeline_setup_settings(&pipeline->setup, solver, seed, pipeline->threads, settings);
    return wrong == NULL ? TRM_OK : trm_fail(error, TRM_INVALID, "%s", wrong);
}

STAGE_CHECK(stage_collect_check) {
    struct run_settings settings;
    const enum trm_status status = settings_of(pipeline, task->solver, task->seed, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

STAGE_WORK(stage_collect) {
    struct collect_summary summary = {0};
    struct collect_request request = pipeline->setup.collect;
    const enum trm_status status = settings_of(pipeline, task->solver, task->seed, &request.settings, error);
    request.output = task->outputs.at[0], request.program = pipeline->program;
    request.resume = mode == PIPELINE_RESUME, request.force = mode == PIPELINE_AGAIN;
    return status == TRM_OK ? collect_do(&request, &summary, error) : status;
}

static void say_statistics(const struct trm_statistics *s) {
    char counts[TRM_ARMS_MOST * (TRM_ARM_NAME + 16)] = "";
    for (size_t arm = 0; arm < s->arms.count; arm++)
        if (s->present >> arm & 1)
            snprintf(counts + strlen(counts), sizeof counts - strlen(counts), "%s%s %.1f %%",
                     counts[0] != '\0' ? ", " : "", s->arms.name[arm],
                     100.0 * (double)s->counts[arm] / (double)s->samples);
    cli_say("%zu samples of %zu features in %zu groups; best solver: %s", s->samples, s->feature_dim,
            s->groups, counts);
}

/* Merging takes a moment: it is made again where it was interrupted. */
STAGE_WORK(stage_prepare) {
    struct trm_statistics statistics;
    const struct prepare_request request = {.inputs = (const char *const *)task->inputs.at,
                                            .input_count = task->inputs.count,
                                            .output = task->outputs.at[0],
                                            .force = mode != PIPELINE_NEW};
    (void)pipeline;
    const enum trm_status status = prepare_do(&request, &statistics, error);
    if (status == TRM_OK)
        say_statistics(&statistics);
    return status;
}

STAGE_WORK(stage_train) {
    struct train_view view;
    struct trm_train_result result;
    const struct trm_train_request request = {.options = pipeline->setup.train,
                                              .data = task->inputs.at[0],
                                              .output = task->outputs.at[0],
                                              .resume = mode == PIPELINE_RESUME,
                                              .force = mode == PIPELINE_AGAIN};
    const enum trm_status status = train_do(&request, &view, &result, error);
    if (status == TRM_OK)
        cli_say("kept epoch %zu of %zu, validation accuracy %.3f; %.0f ms an epoch", result.best_epoch,
                result.epochs, result.best_val_accuracy, result.ms_per_epoch);
    return status;
}

STAGE_WORK(stage_evaluate) {
    struct trm_evaluation evaluation;
    const struct evaluate_request request = {.model = task->inputs.at[0],
                                             .data = task->inputs.at[1],
                                             .output = task->outputs.at[0],
                                             .options = pipeline->setup.evaluate,
                                             .force = mode != PIPELINE_NEW};
    const enum trm_status status = evaluate_do(&request, &evaluation, error);
    if (status == TRM_OK)
        trm_evaluation_free(&evaluation);
    return status;
}

static enum trm_status online_settings_of(const struct pipeline *pipeline, struct run_settings *settings,
                                          struct trm_error *error) {
    const struct pipeline_setup *const setup = &pipeline->setup;
    const enum trm_status status =
        settings_of(pipeline, setup->solvers.at[0], setup->online_seeds.at[0], settings, error);
    settings->epochs = setup->online.settings.epochs;
    return status;
}

STAGE_CHECK(stage_online_check) {
    struct run_settings settings;
    (void)task;
    const enum trm_status status = online_settings_of(pipeline, &settings, error);
    return status == TRM_OK ? trainer_check(&settings, error) : status;
}

STAGE_WORK(stage_online) {
    const struct pipeline_setup *const setup = &pipeline->setup;
    struct online_summary summary;
    struct online_request request = setup->online;
    request.router = task->inputs.at[0], request.output = task->outputs.at[0];
    request.program = pipeline->program;
    request.target = NAN;
    request.checkpoint_every = setup->collect.checkpoint_every;
    request.resume = mode == PIPELINE_RESUME, request.force = mode == PIPELINE_AGAIN;
    request.seed_count = setup->online_seeds.count;
    for (size_t i = 0; i < request.seed_count; i++)
        request.seeds[i] = setup->online_seeds.at[i];
    enum trm_status status = online_settings_of(pipeline, &request.settings, error);
    if (status == TRM_OK)
        status = online_do(&request, &summary, error);
    if (status == TRM_OK)
        online_summary_free(&summary);
    return status;
}

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
