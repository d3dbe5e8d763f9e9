/* Seeded arrays of doubles, freshly allocated, and how far two are apart. */
#ifndef TRM_TESTS_SUPPORT_ARRAYS_H
#define TRM_TESTS_SUPPORT_ARRAYS_H

#include "base/rng.h"

#include <stddef.h>

struct rng support_rng(uint64_t seed);
double *support_zeros(size_t count);
/* Standard normal numbers. */
double *support_normal(struct rng *r, size_t count);
double *support_copy(const double *a, size_t count);
/* Stops the test where a number is not finite. */
double support_max_difference(size_t count, const double *a, const double *b);

#endif
