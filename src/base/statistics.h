/* What every room asks of a small array. */
#ifndef TRM_BASE_STATISTICS_H
#define TRM_BASE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is every value finite? True where count is 0. */
bool statistics_finite(size_t count, const double *values);
bool statistics_finite_float(size_t count, const float *values);

/* Ascending; NaN has no place in it. */
void statistics_sort(size_t count, double *values);

/* The middle value, or the mean of the two in the middle; NaN where count is 0. Sorts values. */
double statistics_median(size_t count, double *values);

/* In place: probabilities of the values (logits) with their bit in mask, 0 elsewhere, whatever stands there. The
   largest is subtracted first, so that nothing overflows. Returns the first of the largest; -1 and zeros where mask is
   empty. count is at most 64. */
int statistics_softmax(size_t count, double *values, uint64_t mask);
/* The same of floats, p <- softmax(values), which may be the same array; *sum (NULL is fine): of e^(value -
   largest). */
int statistics_softmax_float(size_t count, const float *values, uint64_t mask, float *p, float *sum);

/* t such that a variable of Student's distribution lies within +- t with this probability in (0, 1). degrees >= 1. */
double statistics_student(double probability, size_t degrees);

#endif
