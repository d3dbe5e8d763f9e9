#include "experiment/branch/probes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct probes {
    struct trainer *trainer;
    struct data_loader *loader;
    size_t count, images; /* batches, and images in each */
    size_t floats;        /* of the images of a batch */
    float *x;             /* (count, images, channels, height, width) */
    int32_t *labels;      /* (count, images) */
    uint64_t *seeds;      /* (count) */
};

static enum trm_status create_loader(struct probes *p, struct trm_error *error) {
    const struct trainer *const t = p->trainer;
    const enum data_split split = t->data->images[DATA_HELD].count > 0 ? DATA_HELD : DATA_TRAIN;
    const size_t images = t->data->images[split].count;
    struct data_loader_options options = data_loader_defaults(split);
    p->images = images < t->settings.batch_size ? images : t->settings.batch_size;
    p->floats = p->images * data_image(&t->data->info.shape);
    options.batch_size = p->images;
    options.seed = t->settings.seed ^ PROBES_SEED;
    options.shuffle = true;
    options.augment = split == DATA_TRAIN && t->settings.augment;
    options.threads = 0;
    return data_loader_create(&p->loader, t->data, &options, error);
}

enum trm_status probes_create(struct probes **out, struct trainer *trainer, size_t count,
                              struct trm_error *error) {
    *out = NULL;
    if (trainer_total_steps(trainer) > UINT32_MAX / count)
        return trm_fail(error, TRM_INVALID,
                        "--probes %zu: %zu steps have more probe batches than there are seeds; give fewer",
                        count, trainer_total_steps(trainer));
    struct probes *const p = calloc(1, sizeof *p);
    if (p == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for probe batches");
    p->trainer = trainer, p->count = count;
    enum trm_status status = create_loader(p, error);
    if (status == TRM_OK) {
        p->x = malloc(count * p->floats * sizeof *p->x); /* at most 2^10 batches of 2^16 images */
        p->labels = malloc(count * p->images * sizeof *p->labels);
        p->seeds = calloc(count, sizeof *p->seeds);
        if (p->x == NULL || p->labels == NULL || p->seeds == NULL)
            status = trm_fail(error, TRM_NO_MEMORY,
                              "out of memory for %zu probe batches; give fewer --probes", count);
    }
    if (status != TRM_OK) {
        probes_destroy(p);
        return status;
    }
    *out = p;
    return TRM_OK;
}

void probes_destroy(struct probes *p) {
    if (p == NULL)
        return;
    data_loader_destroy(p->loader);
    free(p->x);
    free(p->labels);
    free(p->seeds);
    free(p);
}

enum trm_status probes_draw(struct probes *p, size_t step, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t k = 0; status == TRM_OK && k < p->count; k++) {
        const struct data_batch *batch;
        p->seeds[k] = step * p->count + k;
        status = data_loader_start(p->loader, (size_t)p->seeds[k], 0, error);
        if (status == TRM_OK)
            status = data_loader_next(p->loader, &batch, error);
        if (status != TRM_OK)
            break;
        memcpy(p->x + k * p->floats, batch->x, p->floats * sizeof *p->x);
        memcpy(p->labels + k * p->images, batch->labels, p->images * sizeof *p->labels);
    }
    return status;
}

const uint64_t *probes_seeds(const struct probes *p) {
    return p->seeds;
}

enum trm_status probes_measure(struct probes *p, double *losses, struct trm_error *error) {
    for (size_t k = 0; k < p->count; k++) {
        double sum = 0.0;
        const enum trm_status status = nn_forward(p->trainer->model, NN_TRAIN_STATS, p->x + k * p->floats,
                                                  p->labels + k * p->images, p->images, &sum, NULL, error);
        if (status != TRM_OK)
            return status;
        losses[k] = sum / (double)p->images;
        if (!isfinite(losses[k]))
            return trm_fail(error, TRM_DIVERGED, "the loss of a probe batch is not finite");
    }
    return TRM_OK;
}
