#include "base/statistics.h"

#include <math.h>
#include <stdlib.h>

/* Infinity and NaN times 0 are NaN. No early way out: the loop has vectors. */
bool statistics_finite(size_t count, const double *values) {
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !(values[i] * 0 == 0);
    return bad == 0;
}

bool statistics_finite_float(size_t count, const float *values) {
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !(values[i] * 0 == 0);
    return bad == 0;
}

static int ascending(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void statistics_sort(size_t count, double *values) {
    qsort(values, count, sizeof *values, ascending);
}

double statistics_median(size_t count, double *values) {
    if (count == 0)
        return NAN;
    statistics_sort(count, values);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

int statistics_softmax(size_t count, double *values, uint64_t mask) {
    int best = -1;
    double largest = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        if ((mask >> i & 1u) != 0 && (best < 0 || values[i] > largest)) {
            best = (int)i;
            largest = values[i];
        }
    for (size_t i = 0; i < count; i++)
        sum += values[i] = (mask >> i & 1u) != 0 ? exp(values[i] - largest) : 0;
    for (size_t i = 0; best >= 0 && i < count; i++)
        values[i] /= sum;
    return best;
}

int statistics_softmax_float(size_t count, const float *values, uint64_t mask, float *p, float *sum) {
    int best = -1;
    float total = 0;
    for (size_t i = 0; i < count; i++)
        if ((mask >> i & 1u) != 0 && (best < 0 || values[i] > values[best]))
            best = (int)i;
    const float largest = best >= 0 ? values[best] : 0;
    for (size_t i = 0; i < count; i++)
        total += p[i] = (mask >> i & 1u) != 0 ? expf(values[i] - largest) : 0;
    for (size_t i = 0; best >= 0 && i < count; i++)
        p[i] /= total;
    if (sum != NULL)
        *sum = total;
    return best;
}
