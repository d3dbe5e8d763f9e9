/* Images that are kept out of training, so that runs can be chosen between without a look at the test images. They are
   the first of one permutation of all training images, which no option moves: every run that holds out as many holds
   out the same, whatever its seed and limit. */
#include "data/source.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

static void copy(struct data_images *to, size_t place, const struct data_images *from, size_t image,
                 size_t bytes) {
    memmove(to->pixels + place * bytes, from->pixels + image * bytes, bytes);
    to->labels[place] = from->labels[image];
}

enum trm_status holdout_take(struct data_set *set, struct trm_error *error) {
    struct data_images *const train = &set->images[DATA_TRAIN], *const held = &set->images[DATA_HELD];
    const size_t bytes = data_image(&set->info.shape);
    uint32_t *const order = calloc(train->count, sizeof *order);
    bool *const out = calloc(train->count, sizeof *out);
    held->pixels = malloc(set->info.held * bytes);
    held->labels = malloc(set->info.held * sizeof *held->labels);
    enum trm_status status = TRM_OK;
    if (order == NULL || out == NULL || held->pixels == NULL || held->labels == NULL)
        status = trm_fail(error, TRM_NO_MEMORY,
                          "no memory to hold %zu images out; free some, or hold out fewer", set->info.held);
    else {
        struct rng r = rng_stream(0, RNG_HOLDOUT, 0, 0);
        size_t kept = 0;
        rng_permutation(&r, order, (uint32_t)train->count);
        for (; held->count < set->info.held; held->count++) {
            out[order[held->count]] = true;
            copy(held, held->count, train, order[held->count], bytes);
        }
        for (size_t i = 0; i < train->count && kept < set->info.train; i++)
            if (!out[i])
                copy(train, kept++, train, i, bytes);
        train->count = kept;
    }
    free(order);
    free(out);
    return status;
}
