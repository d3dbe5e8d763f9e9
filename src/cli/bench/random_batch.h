/* A batch of random images, for benchmarks. */
#ifndef TRM_CLI_BENCH_RANDOM_BATCH_H
#define TRM_CLI_BENCH_RANDOM_BATCH_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* count images (count, 3, 32, 32), standard normal, and labels below classes, from seed; free() both, also
   after a failure. */
enum trm_status random_batch(size_t count, uint32_t classes, uint64_t seed, float **x, int32_t **labels,
                             struct trm_error *error);

#endif
