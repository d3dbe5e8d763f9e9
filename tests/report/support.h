/* Results folders made by hand, and looks at what a report made of them. */
#ifndef TRM_TESTS_REPORT_SUPPORT_H
#define TRM_TESTS_REPORT_SUPPORT_H

#include "support/folders.h"

#include "trm.h"

/* STEM.png and STEM.svg are whole pictures; width and height in pixels, 0: any. */
void support_check_png(const char *stem, unsigned width, unsigned height);
void support_check_svg(const char *stem);

/* Loss of a made run at a step: falls, in its own way for each solver. */
double support_loss(const char *solver, size_t step);

/* A store path with one finished run of a solver, of `epochs` epochs of `steps` steps; test accuracy of epoch e
   is 0.5 + 0.1 e + 0.01 (label). config NULL: one with a schedule. */
void support_store(const char *path, const char *solver, size_t epochs, size_t steps, const char *config);
/* Add such a run to an open store. */
void support_run(struct trm_store *store, const char *solver, uint64_t seed, size_t epochs, size_t steps,
                 const char *config);

#endif
