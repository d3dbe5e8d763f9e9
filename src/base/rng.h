/* Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2,
   3"). A stream is named by what it is for, so nothing depends on threads or on where a run was resumed:
   struct rng r = rng_stream(seed, RNG_AUGMENT, epoch, sample). */
#ifndef TRM_BASE_RNG_H
#define TRM_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

enum rng_purpose {
    RNG_INIT = 1,
    RNG_SHUFFLE,
    RNG_AUGMENT,
    RNG_SOLVER,
    RNG_ROUTER,
    RNG_SPLIT,
    RNG_ONLINE,
    RNG_TEST,
    RNG_BENCH,
    RNG_HOLDOUT,
    RNG_SWEEP
};

struct rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned used; /* numbers already taken from block */
};

/* The stream (seed, purpose, a, b): a and b, e.g. epoch and sample, are at most 2^32 - 1 and 2^28 - 1. */
struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t a, uint64_t b);

uint32_t rng_u32(struct rng *r);
double rng_uniform(struct rng *r);                 /* in [0, 1), 53 bits */
double rng_normal(struct rng *r);                  /* standard normal, Box and Muller */
uint32_t rng_below(struct rng *r, uint32_t bound); /* uniform on 0 ... bound - 1, without bias; bound > 0 */
void rng_permutation(struct rng *r, uint32_t *order,
                     uint32_t count); /* Fisher and Yates; order has count places */

#endif
