/* How one batch is made. Nothing here has state: a batch is a function of these arguments. */
#ifndef TRM_DATA_BATCH_H
#define TRM_DATA_BATCH_H

#include "data/data.h"

enum { BATCH_PADDING = 4 };

struct batch_plan {
    const struct data_images *images;
    struct data_shape shape;
    struct data_loader_options options;
    size_t steps;                    /* an epoch */
    float value[DATA_CHANNELS][256]; /* the normalised value of each pixel byte */
};

void batch_plan(struct batch_plan *plan, const struct data_set *set,
                const struct data_loader_options *options);

/* The images of an epoch in the order of its batches; order has images->count places. */
void batch_order(const struct batch_plan *plan, size_t epoch, uint32_t *order);

/* Fill batch, which has room for batch_size images, from the epoch's order. */
void batch_fill(const struct batch_plan *plan, const uint32_t *order, size_t epoch, size_t step,
                struct data_batch *batch);

#endif
