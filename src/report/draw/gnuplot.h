/* gnuplot as a child process, without a shell. */
#ifndef TRM_REPORT_DRAW_GNUPLOT_H
#define TRM_REPORT_DRAW_GNUPLOT_H

#include "report/text.h"

/* One picture. The script draws from the variable `data`, the name of a file with the data; a block of it,
   between two empty lines, is `data index I`. */
struct plot {
    struct text script, data;
    size_t blocks;
    unsigned width, height; /* in points of the SVG; the PNG has 1.5 times as many pixels each way */
};

/* Begin a block of the data; rows are then added to plot->data, one a line. Its number. */
size_t plot_block(struct plot *plot);
void plot_free(struct plot *plot);

/* Can the program be started? TRM_NOT_FOUND, with the package that holds it, where not. */
enum trm_status gnuplot_check(const char *program, struct trm_error *error);

/* Draw STEM.png and STEM.svg, each replaced as a whole where it is there. TRM_IO where gnuplot ends badly or
   leaves no picture; the error holds what it said. */
enum trm_status gnuplot_draw(const char *program, const struct plot *plot, const char *stem,
                             struct trm_error *error);

#endif
