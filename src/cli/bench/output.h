/* The folder in which a bench leaves its picture and its figures: DIR/STEM.png, .svg and .json. */
#ifndef TRM_CLI_BENCH_OUTPUT_H
#define TRM_CLI_BENCH_OUTPUT_H

#include "report/plots.h"

#include <jansson.h>

struct bench_output {
    const char *folder;  /* made where missing; NULL: nothing is written */
    const char *stem;    /* of the files' names */
    const char *gnuplot; /* the program */
    bool force;
};

/* Before the work: can gnuplot be started, and all three be written? TRM_EXISTS without force. */
enum trm_status bench_output_check(const struct bench_output *output, struct trm_error *error);
/* Draw the plot, then write the document, each whole or not at all. The caller keeps both. */
enum trm_status bench_output_write(const struct bench_output *output, const struct plot *plot,
                                   const json_t *document, struct trm_error *error);

#endif
