/* How fast the machine multiplies matrices. */
#ifndef TRM_CLI_BENCH_PRODUCT_RATE_H
#define TRM_CLI_BENCH_PRODUCT_RATE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct product_rate {
    double ms_f64, ms_f32;         /* of one n x n x n product, the fastest of some */
    double gflops_f64, gflops_f32; /* 2 n^3 operations over that */
};

/* By OpenBLAS on its present threads. */
enum trm_status product_rate_measure(size_t n, struct product_rate *rate, struct trm_error *error);

#endif
