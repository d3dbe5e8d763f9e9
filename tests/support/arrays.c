#include "support/arrays.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rng support_rng(uint64_t seed) {
    return rng_stream(seed, RNG_TEST, 0, 0);
}

double *support_zeros(size_t count) {
    double *const a = calloc(count + 1, sizeof *a);
    assert_non_null(a);
    return a;
}

double *support_normal(struct rng *r, size_t count) {
    double *const a = support_zeros(count);
    for (size_t i = 0; i < count; i++)
        a[i] = rng_normal(r);
    return a;
}

double *support_copy(const double *a, size_t count) {
    return memcpy(support_zeros(count), a, count * sizeof *a);
}

double support_max_difference(size_t count, const double *a, const double *b) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(isfinite(a[i]) && isfinite(b[i]));
        largest = fmax(largest, fabs(a[i] - b[i]));
    }
    return largest;
}
