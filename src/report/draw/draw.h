/* The data of a report's pictures. Each function fills an empty plot, which the caller frees; what it looks like
   stands in the script of the same name. */
#ifndef TRM_REPORT_DRAW_DRAW_H
#define TRM_REPORT_DRAW_DRAW_H

#include "report/plots.h"
#include "report/read/history.h"
#include "report/read/runs.h"

#include "experiment/online.h"

/* Of the runs with in_picture: training loss by step, smoothed, and test accuracy by epoch. */
void draw_solver_comparison(struct plot *plot, const struct report_runs *runs);

/* Share of the samples of each epoch for which each solver is the label. */
void draw_oracle_by_epoch(struct plot *plot, const struct trm_arm_names *arms,
                          const struct trm_sample *samples, size_t count);

/* Loss and accuracy, training and validation, by epoch. */
void draw_trm_training(struct plot *plot, const struct history *history);

/* Shares of the solvers that the policy took, stacked, by epoch. */
void draw_routing_by_epoch(struct plot *plot, const struct online_summary *online,
                           const struct online_policy *policy);

/* Test accuracy by epoch, mean over seeds, and the last one of each seed. runs: those of the online store. */
void draw_online_comparison(struct plot *plot, const struct report_runs *runs,
                            const struct online_summary *online);

/* Begin a table, with the names of its columns divided by tabs; rows are then added to plot->data. */
void plot_table(struct plot *plot, const char *columns);

#endif
