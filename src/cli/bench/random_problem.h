/* A generated inner problem. */
#ifndef TRM_CLI_BENCH_RANDOM_PROBLEM_H
#define TRM_CLI_BENCH_RANDOM_PROBLEM_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* W: the orthonormal factor Q of an m x n matrix of standard normal numbers; G: standard normal numbers. Both
   column-major doubles in fresh memory, free() each. On failure both are NULL. */
enum trm_status random_problem(size_t m, size_t n, uint64_t seed, double **W, double **G,
                               struct trm_error *error);

#endif
