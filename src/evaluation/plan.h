/* Plans: an arm for each tenth of a run, fitted on samples whose outcomes are known, and followed without a look at any
   feature. What a router that reads the progress alone could be. */
#ifndef TRM_EVALUATION_PLAN_H
#define TRM_EVALUATION_PLAN_H

#include "oracle/dataset.h"

/* NAME, word on the command line and in stores, what it is */
#define PLAN_LIST(X)                                                                                         \
    X(BEST_FIXED, best_fixed, "the arm that is best on average, always")                                     \
    X(SCHEDULE, schedule, "the best arm of each tenth; where a tenth has no sample, of all")                 \
    X(TWO_PHASE, two_phase, "one arm, then another from a tenth on: the best of all such pairs")

enum plan_kind {
#define X(name, word, text) PLAN_##name,
    PLAN_LIST(X)
#undef X
        PLANS
};

enum { PLAN_PARTS = 10 };

struct plan {
    int arm[PLAN_PARTS];
};

const char *plan_name(int kind); /* NULL for any other number */

/* The plan of this kind with the smallest sum of changes over samples (count, one at least). arms: mask of those that
   it may name, one at least, which every sample must have. */
void plan_fit(enum plan_kind kind, const struct trm_sample *const *samples, size_t count, uint64_t arms,
              struct plan *plan);

/* The tenth, from 0, of this step of so many. */
size_t plan_part(size_t step, size_t steps);

#endif
