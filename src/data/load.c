#include "data/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Labels as bytes where they fit, so that the published data keep their fingerprints. */
static void digest_labels(struct digest *digest, const struct data_images *images, size_t classes) {
    for (size_t i = 0; i < images->count; i++) {
        const uint8_t bytes[2] = {(uint8_t)(images->labels[i] & 0xff), (uint8_t)(images->labels[i] >> 8)};
        digest_add(digest, bytes, classes > 256 ? 2 : 1);
    }
}

/* Of what was loaded: name, shape where it is another than that of CIFAR-10, counts, pixels, labels. */
static void fingerprint(struct data_set *set) {
    const struct data_shape *const s = &set->info.shape;
    struct digest digest = digest_begin();
    digest_add(&digest, set->info.name, strlen(set->info.name) + 1);
    if (s->channels != DATA_CHANNELS || s->height != DATA_SIDE || s->width != DATA_SIDE ||
        s->classes != DATA_CLASSES) {
        digest_add_number(&digest, s->channels);
        digest_add_number(&digest, s->height);
        digest_add_number(&digest, s->width);
        digest_add_number(&digest, s->classes);
    }
    for (int split = DATA_TRAIN; split < (set->info.held > 0 ? DATA_SPLITS : DATA_HELD); split++) {
        const struct data_images *images = &set->images[split];
        digest_add_number(&digest, images->count);
        digest_add(&digest, images->pixels, images->count * data_image(s));
        digest_labels(&digest, images, s->classes);
    }
    digest_end(&digest, set->fingerprint);
}

static enum trm_status allocate(struct data_images *images, size_t count, size_t image,
                                struct trm_error *error) {
    images->count = count;
    images->pixels = count < SIZE_MAX / image ? malloc(count * image + 1) : NULL;
    images->labels = malloc((count + 1) * sizeof *images->labels);
    if (images->pixels == NULL || images->labels == NULL)
        return trm_fail(error, TRM_NO_MEMORY,
                        "no memory for %zu images; free some, or limit the training images", count);
    return TRM_OK;
}

/* Read one file behind the images (or labels) that were read before; *done counts them. */
static enum trm_status read_file(const struct source_file *file, const char *path,
                                 const struct data_shape *shape, struct data_images *images, size_t *done,
                                 struct trm_error *error) {
    const size_t first = *done, left = images->count - first,
                 keep = file->images < left ? file->images : left;
    uint8_t *const pixels = images->pixels + first * data_image(shape);
    uint16_t *const labels = images->labels + first;
    enum trm_status status = TRM_OK;
    *done += keep;
    if (keep == 0)
        return TRM_OK;
    switch (file->kind) {
    case SOURCE_CIFAR:
    case SOURCE_CIFAR100:
        return cifar_read(path, file->kind == SOURCE_CIFAR100, shape->classes, keep, pixels, labels, error);
    case SOURCE_IDX_PADDED:
    case SOURCE_IDX_GREY:
        return idx_read_images(path, shape, file->images, keep, pixels, error);
    case SOURCE_IDX_LABELS:
        return idx_read_labels(path, shape->classes, file->images, keep, labels, error);
    case SOURCE_TENSORS:
        status = tensors_read_images(path, file->split, shape, keep, pixels, error);
        return status != TRM_OK ? status
                                : tensors_read_labels(path, file->split, shape->classes, keep, labels, error);
    }
    return TRM_OK;
}

/* Mean and deviation of every channel over the training images, where the source has none; of what does not vary the
   deviation is 1. Sums are whole, so that their order does not matter. */
static void measure_pixels(struct data_set *set) {
    const struct data_images *const images = &set->images[DATA_TRAIN];
    const size_t pixels = set->info.shape.height * set->info.shape.width;
    for (size_t c = 0; c < set->info.shape.channels; c++) {
        uint64_t sum = 0, squares = 0;
        for (size_t i = 0; i < images->count; i++) {
            const uint8_t *const plane = images->pixels + (i * set->info.shape.channels + c) * pixels;
            for (size_t p = 0; p < pixels; p++) {
                sum += plane[p];
                squares += (uint64_t)plane[p] * plane[p];
            }
        }
        const double count = (double)(images->count * pixels), mean = (double)sum / count,
                     variance = (double)squares / count - mean * mean;
        set->mean[c] = (float)(mean / 255);
        set->deviation[c] = variance > 0 ? (float)(sqrt(variance) / 255) : 1;
    }
}

/* All that dir has. */
static size_t training_images(const struct source *source, const char *dir) {
    struct data_info all;
    return source_check(source, dir, &(struct data_options){0}, &all, NULL) == TRM_OK ? all.train : 0;
}

enum trm_status source_load(const struct source *source, const char *dir, const struct data_options *options,
                            struct data_set **out, struct trm_error *error) {
    size_t pixels_done[2] = {0}, labels_done[2] = {0};
    *out = NULL;
    struct data_set *set = calloc(1, sizeof *set);
    if (set == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to load it", dir);
    memcpy(set->mean, source->mean, sizeof set->mean);
    memcpy(set->deviation, source->deviation, sizeof set->deviation);
    enum trm_status status = source_check(source, dir, options, &set->info, error);
    if (status == TRM_OK)
        status = allocate(&set->images[DATA_TRAIN],
                          set->info.held > 0 ? training_images(source, dir) : set->info.train,
                          data_image(&source->shape), error);
    if (status == TRM_OK)
        status = allocate(&set->images[DATA_TEST], set->info.test, data_image(&source->shape), error);
    for (size_t i = 0; status == TRM_OK && i < source->file_count; i++) {
        const struct source_file *file = &source->files[i];
        size_t *done = file->kind == SOURCE_IDX_LABELS ? labels_done : pixels_done;
        char path[DATA_PATH];
        if (source_look(file, dir, path) == DATA_FILE_GOOD)
            status =
                read_file(file, path, &source->shape, &set->images[file->split], &done[file->split], error);
    }
    if (status == TRM_OK && set->info.held > 0)
        status = holdout_take(set, error);
    if (status != TRM_OK) {
        data_free(set);
        return status;
    }
    if (source->deviation[0] == 0)
        measure_pixels(set);
    fingerprint(set);
    *out = set;
    return TRM_OK;
}

enum trm_status data_load(const struct data_options *options, struct data_set **out,
                          struct trm_error *error) {
    struct source_choice choice;
    *out = NULL;
    const enum trm_status status = source_choose(options, &choice, error);
    return status != TRM_OK ? status : source_load(&choice.source, choice.dir, options, out, error);
}

void data_free(struct data_set *set) {
    if (set == NULL)
        return;
    for (int split = DATA_TRAIN; split < DATA_SPLITS; split++) {
        free(set->images[split].pixels);
        free(set->images[split].labels);
    }
    free(set);
}
