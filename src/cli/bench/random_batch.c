#include "cli/bench/random_batch.h"

#include "base/rng.h"
#include "nn/nn.h"

#include <stdlib.h>

enum trm_status random_batch(size_t count, uint32_t classes, uint64_t seed, float **x, int32_t **labels,
                             struct trm_error *error) {
    struct rng random = rng_stream(seed, RNG_TEST, 0, 0);
    *x = calloc(count * NN_IMAGE_FLOATS, sizeof **x);
    *labels = calloc(count, sizeof **labels);
    if (*x == NULL || *labels == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a batch of %zu images", count);
    for (size_t i = 0; i < count * NN_IMAGE_FLOATS; i++)
        (*x)[i] = (float)rng_normal(&random);
    for (size_t i = 0; i < count; i++)
        (*labels)[i] = (int32_t)rng_below(&random, classes);
    return TRM_OK;
}
