/* Two policies on the same seeds: what differs between them, and how sure that is. */
#ifndef TRM_EVALUATION_PAIRED_H
#define TRM_EVALUATION_PAIRED_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

TRM_C_BEGIN

/* With fewer seeds there are differences only, no intervals. */
enum { TRM_FEWEST_SEEDS = 5 };

struct trm_paired {
    size_t seeds;
    double mean;            /* of the differences; NAN without seeds */
    double low, high;       /* Student's 95 % interval of it; NAN with fewer than TRM_FEWEST_SEEDS */
    double low_90, high_90; /* the 90 % interval, for equivalence (two one-sided tests of 5 %) */
    bool matches;           /* that lies within +- margin: as good as the other, as far as it matters */
};

/* difference (seeds): of two policies with the same seed; margin > 0 in its unit. */
TRM_API struct trm_paired trm_paired_compare(const double *difference, size_t seeds, double margin);

TRM_C_END

#endif
