/* The pictures that are drawn outside a report too. Each is a text of data, written here, and a script beside
   (draw/NAME.gp, which names its tables); gnuplot draws both. */
#ifndef TRM_REPORT_PLOTS_H
#define TRM_REPORT_PLOTS_H

#include "report/strbuf.h"

#include "oracle/dataset.h"

#include <stdbool.h>

struct plot {
    const char *script; /* text, run after draw/style.gp, which says what is defined there */
    struct strbuf data; /* tables divided by two empty lines, a line of column names first, fields by tabs */
};

void plot_free(struct plot *plot);

/* Can the program be started? TRM_NOT_FOUND, with the package that holds it, where not. */
enum trm_status gnuplot_check(const char *program, struct trm_error *error);

/* Draw STEM.png and STEM.svg, each replaced as a whole where it is there. TRM_IO where gnuplot ends badly or
   leaves no picture; the error holds what it said. */
enum trm_status gnuplot_draw(const char *program, const struct plot *plot, const char *stem,
                             struct trm_error *error);

/* ---- each fills an empty plot, which the caller frees */

/* Labels down, choices across. present: bits of the arms that are in the data. */
void draw_confusion_matrix(struct plot *plot, const struct trm_arm_names *arms,
                           const size_t confusion[TRM_ARMS_MOST][TRM_ARMS_MOST], uint64_t present);

/* A tolerance in few letters: "1e-2", "0.5", "2.5e-3". */
const char *bench_gap_text(double gap, char text[32]);

/* What a solver took to one tolerance on one problem. */
struct bench_point {
    const char *file; /* of the problem */
    size_t m, n;
    int solver; /* id */
    double tol, ms, gap;
    size_t iterations;
    bool reached; /* false: the solve ended at `gap` after ms */
};

/* Time to gap, one panel a file. points: those of a file together, in it those of a solver, from loose to tight. */
void draw_time_to_gap(struct plot *plot, const struct bench_point *points, size_t count);

/* One size of the scaling: a solve, and one n x n x n product in double. */
struct bench_scale {
    size_t m, n;
    double tol, ms, gap, product_ms;
    size_t iterations;
    bool reached;
};

/* rows: of one tolerance together, n rising; exponents: one a tolerance, in their order, NAN where not known. */
void draw_scaling(struct plot *plot, const char *solver, const struct bench_scale *rows, size_t count,
                  const double *exponents);

#endif
