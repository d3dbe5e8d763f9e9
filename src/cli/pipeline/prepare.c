/* prepare, as a stage of `run`. */
#include "cli/message.h"
#include "cli/pipeline/stages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_statistics(const struct trm_statistics *s) {
    char counts[TRM_ARMS_MOST * (TRM_ARM_NAME_SIZE + 16)] = "";
    for (size_t arm = 0; arm < s->arms.count; arm++)
        if (s->present >> arm & 1)
            snprintf(counts + strlen(counts), sizeof counts - strlen(counts), "%s%s %.1f %%",
                     counts[0] != '\0' ? ", " : "", s->arms.name[arm],
                     100.0 * (double)s->counts[arm] / (double)s->samples);
    cli_say("%zu samples of %zu features in %zu groups; best solver: %s", s->samples, s->feature_dim,
            s->groups, counts);
}

/* Paths of all files that patterns names. */
static enum trm_status paths_of(const struct pipeline *pipeline, const struct pipeline_task *task,
                                const char *patterns, struct pipeline_names *paths, struct trm_error *error) {
    char path[PIPELINE_PATH];
    enum trm_status status = pipeline_names_make(pipeline, task, patterns, paths)
                                 ? TRM_OK
                                 : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < paths->count && status == TRM_OK; i++) {
        status = pipeline_path(pipeline, paths->at[i], path, error);
        char *const copy = status == TRM_OK ? strdup(path) : NULL;
        if (copy == NULL)
            return status != TRM_OK ? status : trm_fail(error, TRM_NO_MEMORY, "out of memory");
        free(paths->at[i]);
        paths->at[i] = copy;
    }
    return status;
}

/* Merging takes a moment: it is made again where it was interrupted. */
STAGE_WORK(stage_prepare) {
    char output[PIPELINE_PATH];
    struct pipeline_names stores;
    struct trm_statistics statistics;
    enum trm_status status = paths_of(pipeline, task, task->stage->inputs, &stores, error);
    if (status == TRM_OK)
        status = pipeline_path(pipeline, task->stage->outputs, output, error);
    const struct prepare_request request = {(const char *const *)stores.at, stores.count, output,
                                            mode != PIPELINE_NEW};
    if (status == TRM_OK)
        status = prepare_do(&request, &statistics, error);
    if (status == TRM_OK)
        say_statistics(&statistics);
    pipeline_names_free(&stores);
    return status;
}
