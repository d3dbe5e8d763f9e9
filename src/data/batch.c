#include "data/batch.h"
#include "base/rng.h"

#include <string.h>

enum { PADDED = DATA_MAX_SIDE + 2 * BATCH_PADDING };

void batch_plan(struct batch_plan *plan, const struct data_set *set,
                const struct data_loader_options *options) {
    const struct data_images *images = &set->images[options->split];
    const size_t size = options->batch_size;
    plan->images = images;
    plan->shape = set->info.shape;
    plan->options = *options;
    plan->steps = images->count / size + (options->keep_last && images->count % size != 0);
    /* In float and in this order, as torchvision's ToTensor and Normalize compute it. */
    for (size_t c = 0; c < plan->shape.channels; c++)
        for (size_t v = 0; v < 256; v++)
            plan->value[c][v] = ((float)v / 255.0f - set->mean[c]) / set->deviation[c];
}

void batch_order(const struct batch_plan *plan, size_t epoch, uint32_t *order) {
    const uint32_t count = (uint32_t)plan->images->count;
    struct rng r = rng_stream(plan->options.seed, RNG_SHUFFLE, epoch, 0);
    if (plan->options.shuffle) {
        rng_permutation(&r, order, count);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
}

/* Cut a window of the image's size at (top, left) out of the image with 4 zero pixels around it, mirrored or not. */
static void cut_window(const struct data_shape *shape, const float value[DATA_CHANNELS][256],
                       const uint8_t *image, size_t top, size_t left, bool flip, float *x) {
    uint8_t row[PADDED] = {0}; /* its ends stay zero */
    const size_t height = shape->height, width = shape->width;
    for (size_t c = 0; c < shape->channels; c++) {
        const float *v = value[c];
        for (size_t y = 0; y < height; y++, x += width) {
            const size_t from = y + top - BATCH_PADDING; /* wraps where it is in the padding above */
            if (from < height)
                memcpy(row + BATCH_PADDING, image + (c * height + from) * width, width);
            else
                memset(row + BATCH_PADDING, 0, width);
            const uint8_t *first = row + left, *last = first + width - 1;
            if (flip)
                for (size_t i = 0; i < width; i++)
                    x[i] = v[*(last - i)];
            else
                for (size_t i = 0; i < width; i++)
                    x[i] = v[first[i]];
        }
    }
}

void batch_fill(const struct batch_plan *plan, const uint32_t *order, size_t epoch, size_t step,
                struct data_batch *batch) {
    const size_t first = step * plan->options.batch_size, left = plan->images->count - first;
    const size_t image = data_image(&plan->shape);
    batch->epoch = epoch;
    batch->step = step;
    batch->count = left < plan->options.batch_size ? left : plan->options.batch_size;
    for (size_t i = 0; i < batch->count; i++) {
        const uint32_t sample = order[first + i];
        uint32_t top = BATCH_PADDING, left_edge = BATCH_PADDING;
        bool flip = false;
        if (plan->options.augment) {
            struct rng r = rng_stream(plan->options.seed, RNG_AUGMENT, epoch, sample);
            top = rng_below(&r, 2 * BATCH_PADDING + 1);
            left_edge = rng_below(&r, 2 * BATCH_PADDING + 1);
            flip = rng_below(&r, 2) == 1;
        }
        cut_window(&plan->shape, plan->value, plan->images->pixels + (size_t)sample * image, top, left_edge,
                   flip, batch->x + i * image);
        batch->labels[i] = plan->images->labels[sample];
        batch->samples[i] = sample;
    }
}
