/* The tasks of `run`, one after the other; what is complete and unchanged is skipped. */
#ifndef TRM_CLI_PIPELINE_TASKS_H
#define TRM_CLI_PIPELINE_TASKS_H

#include "cli/pipeline/stages.h"

/* Do them, with the configuration in force beside the results; each is said on stderr. until: the last stage that was
   asked for (NULL: all), for the record of the run. force: all of them again. TRM_STOPPED: the same call goes on. */
enum trm_status pipeline_do(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                            const char *until, bool force, struct trm_error *error);

/* What it would do, a line a task, on stdout. Nothing is written. */
enum trm_status pipeline_foretell(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                                  bool force, struct trm_error *error);

#endif
