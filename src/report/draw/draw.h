/* The data of a report's pictures. Each function fills an empty plot, which the caller frees; what it looks like
   stands in the script of the same name. */
#ifndef TRM_REPORT_DRAW_DRAW_H
#define TRM_REPORT_DRAW_DRAW_H

#include "report/draw/chart.h"
#include "report/plots.h"
#include "report/read/groups.h"
#include "report/read/history.h"

#include "experiment/online.h"

enum { DRAW_GROUPS = 8 }; /* of the best are in a picture; the page shows the others when asked for */

/* Each begins a chart, which the caller frees: training loss, test accuracy and test loss of the groups (mean over
   their runs; band from the lowest to the highest) and of each run; gap and iterations of the inner solves, a matrix a
   view; the final test accuracy against each setting that differs, a curve a solver. */
void draw_solver_comparison(struct chart *chart, const struct report_groups *groups);
void draw_gap_by_step(struct chart *chart, const struct report_groups *groups);
void draw_effects(struct chart *chart, const struct report_groups *groups);

/* The same: share of the samples of each epoch for which each arm is the label; loss and accuracy of the router,
   training and validation, by epoch. */
void draw_oracle_by_epoch(struct chart *chart, const struct trm_arm_names *arms,
                          const struct trm_sample *samples, size_t count);
void draw_trm_training(struct chart *chart, const struct history *history);

/* Shares of the solvers that the policy took, stacked, by epoch. */
void draw_routing_by_epoch(struct plot *plot, const struct online_summary *online,
                           const struct online_policy *policy);

/* Begin a table, with the names of its columns divided by tabs; rows are then added to plot->data. */
void plot_table(struct plot *plot, const char *columns);

#endif
