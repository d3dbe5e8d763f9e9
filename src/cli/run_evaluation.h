/* The evaluation of a router as a table. */
#ifndef TRM_CLI_RUN_EVALUATION_H
#define TRM_CLI_RUN_EVALUATION_H

#include "cli/run_plan.h"

/* evaluation.json in the results folder, to stdout. */
enum trm_status run_evaluation_print(const struct run *run, struct trm_error *error);

#endif
