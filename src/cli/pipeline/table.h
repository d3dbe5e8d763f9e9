/* What an experiment came to, in tables on stdout. */
#ifndef TRM_CLI_PIPELINE_TABLE_H
#define TRM_CLI_PIPELINE_TABLE_H

#include "cli/pipeline/plan.h"

/* From the files of these tasks, which are done; the exit status. */
int run_table_print(const struct run *run, const struct run_task *tasks, size_t count);

#endif
