/* The evaluation of a router as a table. */
#ifndef TRM_CLI_PIPELINE_EVALUATION_H
#define TRM_CLI_PIPELINE_EVALUATION_H

#include "cli/pipeline/plan.h"

/* evaluation.json in the results folder, to stdout. */
enum trm_status run_evaluation_print(const struct run *run, struct trm_error *error);

#endif
