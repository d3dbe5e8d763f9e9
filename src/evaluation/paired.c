#include "evaluation/paired.h"

#include "base/statistics.h"

#include <math.h>

struct trm_paired trm_paired_compare(const double *difference, size_t seeds, double margin) {
    struct trm_paired p = {
        .seeds = seeds, .mean = NAN, .low = NAN, .high = NAN, .low_90 = NAN, .high_90 = NAN};
    double mean = 0, square = 0;
    for (size_t i = 0; i < seeds; i++) { /* Welford's update */
        const double away = difference[i] - mean;
        mean += away / (double)(i + 1);
        square += away * (difference[i] - mean);
    }
    if (seeds > 0)
        p.mean = mean;
    if (seeds < TRM_FEWEST_SEEDS)
        return p;
    const double error = sqrt(square / (double)(seeds - 1) / (double)seeds);
    const double wide = statistics_student(0.95, seeds - 1) * error,
                 narrow = statistics_student(0.90, seeds - 1) * error;
    p.low = mean - wide, p.high = mean + wide;
    p.low_90 = mean - narrow, p.high_90 = mean + narrow;
    p.matches = p.low_90 >= -margin && p.high_90 <= margin;
    return p;
}
