/* The evaluation of a router as a table. */
#ifndef TRM_CLI_PIPELINE_EVALUATION_H
#define TRM_CLI_PIPELINE_EVALUATION_H

#include "cli/pipeline/stages.h"

/* evaluation.json in the results folder, to stdout. */
enum trm_status pipeline_evaluation_print(const struct pipeline *pipeline, struct trm_error *error);

#endif
