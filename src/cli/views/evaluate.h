/* An evaluation as tables. */
#ifndef TRM_CLI_VIEWS_EVALUATE_H
#define TRM_CLI_VIEWS_EVALUATE_H

#include <jansson.h>

/* The document of trm_evaluation_json to stdout: the figures of the first policy with their intervals, all policies
   side by side, the confusion matrix, the notes. Its policies may have a member "us", microseconds a decision. The
   document gets what the tables need beside it. */
void evaluate_view(json_t *document);

#endif
