/* The pictures: each function writes script and data of one; gnuplot.h draws them. Nothing in a picture is
   told apart by colour alone. */
#ifndef TRM_REPORT_DRAW_DRAW_H
#define TRM_REPORT_DRAW_DRAW_H

#include "report/draw/gnuplot.h"
#include "report/read/history.h"
#include "report/read/runs.h"

#include "evaluation/evaluation.h"
#include "experiment/online.h"
#include "oracle/dataset.h"

/* Of the runs with in_picture: training loss by step, smoothed, and test accuracy by epoch. */
void draw_solver_comparison(struct plot *plot, const struct report_runs *runs);

/* Share of the samples of each epoch for which each solver is the label. */
void draw_oracle_by_epoch(struct plot *plot, const struct trm_sample *samples, size_t count);

/* Loss and accuracy, training and validation, by epoch. */
void draw_trm_training(struct plot *plot, const struct history *history);

/* Labels down, choices across; rows shaded by their shares, rows without a sample said to be empty. */
void draw_confusion_matrix(struct plot *plot, const size_t confusion[TRM_ARMS][TRM_ARMS], unsigned present);

/* Shares of the solvers that the policy took, stacked, by epoch. */
void draw_routing_by_epoch(struct plot *plot, const struct online_summary *online,
                           const struct online_policy *policy);

/* Test accuracy by epoch, mean over seeds, and the last one of each seed. runs: those of the online store. */
void draw_online_comparison(struct plot *plot, const struct report_runs *runs,
                            const struct online_summary *online);

/* ---- shared by them */

/* Axes, grid and key as all pictures have them. */
void draw_style(struct plot *plot);
/* Two panels side by side. */
void draw_panels(struct plot *plot, unsigned panels);
/* "with linespoints" in the look of a chooser, a mark at every `every`-th point, and its title (NULL: none). */
void draw_look(struct plot *plot, int chooser, const char *title, unsigned every);
/* "What, small_cnn on cifar10"; run NULL: what alone. */
void draw_title(struct plot *plot, const char *what, const struct report_run *run);

/* x axis of epochs 1 ... epochs: whole numbers only. */
void draw_epoch_axis(struct plot *plot, size_t epochs);

#endif
