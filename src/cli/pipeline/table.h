/* What an experiment came to, in tables or as one JSON document on stdout. */
#ifndef TRM_CLI_PIPELINE_TABLE_H
#define TRM_CLI_PIPELINE_TABLE_H

#include "cli/pipeline/stages.h"

/* From the files of these tasks, which are done; the exit status. */
int pipeline_table_print(const struct pipeline *pipeline, const struct pipeline_tasks *tasks, bool json);

#endif
