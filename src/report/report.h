/* The report of a results folder: pictures as PNG and SVG, and one HTML page that holds them with the tables.
   Every number is computed from the stored data when it is written. */
#ifndef TRM_REPORT_REPORT_H
#define TRM_REPORT_REPORT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NAME, file name, what it shows, the command that makes what it is drawn from
   (DIR: the results folder); in the order of the page. */
#define REPORT_PICTURE_LIST(X)                                                                               \
    X(SOLVER_COMPARISON, solver_comparison, "Training loss and test accuracy",                               \
      "collect --solver NAME --output DIR/NAME.db")                                                          \
    X(EFFECTS, effects, "Final test accuracy against each setting that differs",                             \
      "collect --solver NAME --spectral-budget B --output DIR/NAME-B.db")                                    \
    X(GAP_BY_STEP, gap_by_step, "Gap and iterations of the inner solves, by matrix",                         \
      "collect --solver NAME --output DIR/NAME.db")                                                          \
    X(ORACLE_BY_EPOCH, oracle_by_epoch, "Which solver was best, by epoch",                                   \
      "prepare --inputs DIR/*.db --output DIR/merged.db")                                                    \
    X(TRM_TRAINING, trm_training, "Training of the router",                                                  \
      "train --data DIR/merged.db --output DIR/router.safetensors --epochs 100 --deep-supervision")          \
    X(CONFUSION_MATRIX, confusion_matrix, "The router's choice against the oracle's",                        \
      "train --data DIR/merged.db --output DIR/router.safetensors --epochs 100 --deep-supervision")          \
    X(ROUTING_BY_EPOCH, routing_by_epoch, "What the router chose online, by epoch",                          \
      "online --router DIR/router.safetensors --baselines --output DIR/online-42.db")                        \
    X(ONLINE_COMPARISON, online_comparison, "Training with the router and with its baselines",               \
      "online --router DIR/router.safetensors --baselines --output DIR/online-42.db")

enum report_picture {
#define X(name, file, text, command) REPORT_##name,
    REPORT_PICTURE_LIST(X)
#undef X
        REPORT_PICTURES
};

const char *report_picture_name(enum report_picture picture); /* file name without ending; NULL: no picture */

struct report_options {
    const char *output;  /* folder of the page and the pictures, made where missing; NULL: RESULTS/report */
    const char *gnuplot; /* the program, looked up on PATH; default "gnuplot" */
    bool force;          /* replace a report that is there; default false */
    size_t resamples;    /* of the evaluation, as in struct trm_evaluation_options; default as there */
    size_t baseline_epochs; /* the same */
    uint64_t seed;          /* the same */
    /* Watch and stop; may be NULL. what: "evaluating ...", "drawing ..."; true from stop ends with TRM_STOPPED. */
    void *context;
    void (*progress)(void *context, const char *what, size_t done, size_t total);
    bool (*stop)(void *context);
};

struct report_options report_defaults(void);

/* What was found and made. */
struct report_summary {
    char page[1024];              /* path of the HTML page */
    size_t made[REPORT_PICTURES]; /* how many of each; 0: its data is not in the folder, the page says which
                                     command makes it */
    size_t runs, online_runs;     /* of collect, of online; whatever their status */
    size_t data_sets, routers;
    size_t problems; /* files that cannot be used; the page names them with the reason */
};

/* Look at every file directly in the folder `results`, know it by its content (stores of collect and online,
   data sets of prepare, routers of train with their .history.csv), evaluate, draw, and write
   OUTPUT/report.html, OUTPUT/PICTURE.png and OUTPUT/PICTURE.svg; where there are several of a kind (two routers,
   say), the second is PICTURE-2, and so on. Errors: TRM_NOT_FOUND where the folder or gnuplot is
   not there, TRM_INVALID where the folder holds nothing to report on, TRM_EXISTS without force where the page or
   any picture of these names is there, TRM_IO where gnuplot fails (with its words). The page is written last: it
   is there only where all was made; without force, a report that fails leaves no pictures either.
   A damaged file does not end it; the page says what is wrong with it. */
enum trm_status report_write(const char *results, const struct report_options *options,
                             struct report_summary *summary, struct trm_error *error);

#endif
