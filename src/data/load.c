#include "data/source.h"

#include <stdlib.h>
#include <string.h>

/* Of what was loaded: name, counts, pixels, labels. */
static void fingerprint(struct data_set *set) {
    struct digest digest = digest_begin();
    digest_add(&digest, set->info.name, strlen(set->info.name) + 1);
    for (int split = DATA_TRAIN; split < (set->info.held > 0 ? DATA_SPLITS : DATA_HELD); split++) {
        const struct data_images *images = &set->images[split];
        digest_add_number(&digest, images->count);
        digest_add(&digest, images->pixels, images->count * DATA_IMAGE);
        digest_add(&digest, images->labels, images->count);
    }
    digest_end(&digest, set->fingerprint);
}

static enum trm_status allocate(struct data_images *images, size_t count, struct trm_error *error) {
    images->count = count;
    images->pixels = count <= SIZE_MAX / DATA_IMAGE ? malloc(count * DATA_IMAGE) : NULL;
    images->labels = malloc(count);
    if (images->pixels == NULL || images->labels == NULL)
        return trm_fail(error, TRM_NO_MEMORY,
                        "no memory for %zu images; free some, or limit the training images", count);
    return TRM_OK;
}

/* Read one file behind the images (or labels) that were read before; *done counts them. */
static enum trm_status read_file(const struct source_file *file, const char *path, struct data_images *images,
                                 size_t *done, struct trm_error *error) {
    const size_t first = *done, left = images->count - first,
                 keep = file->images < left ? file->images : left;
    uint8_t *pixels = images->pixels + first * DATA_IMAGE, *labels = images->labels + first;
    *done += keep;
    if (keep == 0)
        return TRM_OK;
    switch (file->kind) {
    case SOURCE_CIFAR:
        return cifar_read(path, keep, pixels, labels, error);
    case SOURCE_IDX_IMAGES:
        return idx_read_images(path, file->images, keep, pixels, error);
    case SOURCE_IDX_LABELS:
        return idx_read_labels(path, file->images, keep, labels, error);
    }
    return TRM_OK;
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
                          set->info.held > 0 ? training_images(source, dir) : set->info.train, error);
    if (status == TRM_OK)
        status = allocate(&set->images[DATA_TEST], set->info.test, error);
    for (size_t i = 0; status == TRM_OK && i < source->file_count; i++) {
        const struct source_file *file = &source->files[i];
        size_t *done = file->kind == SOURCE_IDX_LABELS ? labels_done : pixels_done;
        char path[DATA_PATH];
        if (source_look(file, dir, path) == DATA_FILE_GOOD)
            status = read_file(file, path, &set->images[file->split], &done[file->split], error);
    }
    if (status == TRM_OK && set->info.held > 0)
        status = holdout_take(set, error);
    if (status != TRM_OK) {
        data_free(set);
        return status;
    }
    fingerprint(set);
    *out = set;
    return TRM_OK;
}

enum trm_status data_load(const struct data_options *options, struct data_set **out,
                          struct trm_error *error) {
    const struct source *source;
    const char *dir;
    *out = NULL;
    const enum trm_status status = source_choose(options, &source, &dir, error);
    return status != TRM_OK ? status : source_load(source, dir, options, out, error);
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
