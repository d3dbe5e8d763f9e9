#include "cli/bench/step.h"

#include "cli/views/threading.h"

#include "base/rng.h"

#include <stdlib.h>

enum nn_precision step_precision(const struct step_request *request) {
    return (enum nn_precision)nn_precision_find(request->precision);
}

size_t step_begin(const struct step_request *request, const char *model) {
    const size_t threads = threading_use(request->threads);
    threading_announce(threads);
    threading_announce_precision(nn_precision_used(model, step_precision(request)));
    return threads;
}

enum trm_status step_batch(size_t count, float **x, int32_t **labels, struct trm_error *error) {
    struct rng random = rng_stream(STEP_SEED, RNG_TEST, 0, 0);
    *x = calloc(count * NN_IMAGE_FLOATS, sizeof **x);
    *labels = calloc(count, sizeof **labels);
    if (*x == NULL || *labels == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a batch of %zu images", count);
    for (size_t i = 0; i < count * NN_IMAGE_FLOATS; i++)
        (*x)[i] = (float)rng_normal(&random);
    for (size_t i = 0; i < count; i++)
        (*labels)[i] = (int32_t)rng_below(&random, (uint32_t)NN_CIFAR10.classes);
    return TRM_OK;
}
