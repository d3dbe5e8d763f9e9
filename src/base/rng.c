#include "base/rng.h"

#include <math.h>

static void philox(const uint32_t key_in[2], const uint32_t counter[4], uint32_t out[4]) {
    uint32_t k0 = key_in[0], k1 = key_in[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        const uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t a, uint64_t b) {
    struct rng r = {.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                    .counter = {0, 0, (uint32_t)a, ((uint32_t)purpose << 28) | (uint32_t)(b & 0x0FFFFFFFu)},
                    .used = 4};
    return r;
}

uint32_t rng_u32(struct rng *r) {
    if (r->used == 4) {
        philox(r->key, r->counter, r->block);
        if (++r->counter[0] == 0)
            r->counter[1]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

double rng_uniform(struct rng *r) {
    const uint64_t high = rng_u32(r) >> 5, low = rng_u32(r) >> 6;
    return (double)((high << 26) | low) * 0x1p-53;
}

double rng_normal(struct rng *r) {
    const double u = 1.0 - rng_uniform(r), v = rng_uniform(r);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586476925 * v);
}

uint32_t rng_below(struct rng *r, uint32_t bound) {
    /* Reject the incomplete last interval of 2^32 / bound. */
    const uint32_t first = (uint32_t)(-bound) % bound;
    uint32_t x = rng_u32(r);
    while (x < first)
        x = rng_u32(r);
    return x % bound;
}

void rng_permutation(struct rng *r, uint32_t *order, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = rng_below(r, i), t = order[j];
        order[j] = order[i - 1];
        order[i - 1] = t;
    }
}
