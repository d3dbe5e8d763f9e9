/* The pictures of the benches. */
#ifndef TRM_REPORT_DRAW_BENCH_H
#define TRM_REPORT_DRAW_BENCH_H

#include "report/draw/gnuplot.h"

#include <stdbool.h>

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

/* Time to gap, one panel a file, one curve a solver; both axes logarithmic and shared by all panels. points: those
   of a file together, in it those of a solver, from loose to tight. Where a solver ends before the tightest gap
   the curve goes on, dotted, to a cross. */
void draw_time_to_gap(struct plot *plot, const struct bench_point *points, size_t count);

/* One size of the scaling: a solve, and one n x n x n product in double. */
struct bench_scale {
    size_t m, n;
    double tol, ms, gap, product_ms;
    size_t iterations;
    bool reached;
};

/* Milliseconds against n with a line of n^3, and beside it the same in units of products. rows: of one
   tolerance together, n rising; exponents: one a tolerance, in their order. */
void draw_scaling(struct plot *plot, const char *solver, const struct bench_scale *rows, size_t count,
                  const double *exponents);

#endif
