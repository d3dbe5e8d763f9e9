/* An evaluation as a table. */
#ifndef TRM_CLI_VIEWS_EVALUATE_H
#define TRM_CLI_VIEWS_EVALUATE_H

#include "evaluation/evaluation.h"

/* To stdout: the figures of the first policy with their intervals, all policies side by side, the confusion
   matrix, the notes. */
void evaluate_view_print(const struct trm_evaluation *evaluation);

#endif
