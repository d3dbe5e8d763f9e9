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

/* P(|T| <= t), by the finite series of Abramowitz & Stegun 26.7.3 and 26.7.4, with theta = atan(t / sqrt(degrees)). */
static double within(double t, size_t degrees) {
    const double theta = atan(t / sqrt((double)degrees)), c = cos(theta) * cos(theta);
    const bool odd = degrees % 2 == 1;
    double term = odd ? cos(theta) : 1, sum = degrees == 1 ? 0 : term;
    for (size_t k = odd ? 3 : 2; k + 2 <= degrees; k += 2)
        sum += term *= c * (double)(k - 1) / (double)k;
    return odd ? 2 / acos(-1) * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double statistics_student(double probability, size_t degrees) {
    double low = 0, high = 1;
    while (within(high, degrees) < probability)
        high *= 2;
    for (int halved = 0; halved < 60; halved++) {
        const double middle = 0.5 * (low + high);
        *(within(middle, degrees) < probability ? &low : &high) = middle;
    }
    return high;
}
