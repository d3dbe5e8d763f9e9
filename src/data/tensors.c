/* Own images in a safetensors file: train_images U8 (N, C, H, W) with C 1 or 3 and sides of 8 to 64, train_labels (N)
   of any type of whole numbers, test_images and test_labels alike. */
#include "data/source.h"

#include "storage/safetensors.h"

#include <stdio.h>
#include <string.h>

static const struct st_tensor *find(const struct st_file *file, enum data_split split, const char *what,
                                    char name[32]) {
    snprintf(name, 32, "%s_%s", split == DATA_TRAIN ? "train" : "test", what);
    return st_find(file, name);
}

static enum trm_status check_images(const char *path, const char *name, const struct st_tensor *t,
                                    struct trm_error *error) {
    if (t == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: has no tensor %s; add it, U8 (N, C, H, W)", path, name);
    if (t->dtype != ST_U8 || t->rank != 4)
        return trm_fail(error, TRM_FORMAT, "%s: %s is %s with %zu dimensions; it must be U8 (N, C, H, W)",
                        path, name, st_dtype_name(t->dtype), t->rank);
    for (size_t i = 2; i < 4; i++)
        if (t->shape[i] < DATA_MIN_SIDE || t->shape[i] > DATA_MAX_SIDE)
            return trm_fail(error, TRM_FORMAT,
                            "%s: images of %s are %zu x %zu; sides must be %d to %d pixels", path, name,
                            t->shape[2], t->shape[3], DATA_MIN_SIDE, DATA_MAX_SIDE);
    if (t->shape[1] != 1 && t->shape[1] != DATA_CHANNELS)
        return trm_fail(error, TRM_FORMAT, "%s: %s has %zu channels; they must be 1 or 3", path, name,
                        t->shape[1]);
    if (t->shape[0] == 0 || t->shape[0] > UINT32_MAX)
        return trm_fail(error, TRM_FORMAT, "%s: %s holds %zu images; give 1 to %u", path, name, t->shape[0],
                        UINT32_MAX);
    return TRM_OK;
}

static bool is_whole(enum st_dtype dtype) {
    switch (dtype) {
    case ST_U8:
    case ST_I8:
    case ST_U16:
    case ST_I16:
    case ST_U32:
    case ST_I32:
    case ST_U64:
    case ST_I64:
        return true;
    default:
        return false;
    }
}

static enum trm_status check_labels(const char *path, const char *name, const struct st_tensor *t,
                                    size_t images, struct trm_error *error) {
    if (t == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: has no tensor %s; add it, a whole number for each image",
                        path, name);
    if (!is_whole(t->dtype) || t->rank != 1 || t->shape[0] != images)
        return trm_fail(error, TRM_FORMAT, "%s: %s must hold %zu whole numbers, one for each image", path,
                        name, images);
    return TRM_OK;
}

enum trm_status tensors_measure(const char *path, enum data_split split, size_t *images,
                                struct data_shape *shape, struct trm_error *error) {
    struct st_file *file;
    char name[32];
    enum trm_status status = st_open_header(path, &file, error);
    if (status != TRM_OK)
        return status;
    const struct st_tensor *const pixels = find(file, split, "images", name);
    status = check_images(path, name, pixels, error);
    if (status == TRM_OK) {
        *images = pixels->shape[0];
        *shape = (struct data_shape){
            .channels = pixels->shape[1], .height = pixels->shape[2], .width = pixels->shape[3]};
        const struct st_tensor *const labels = find(file, split, "labels", name);
        status = check_labels(path, name, labels, *images, error);
    }
    st_close(file);
    return status;
}

/* One tensor of the file, its data there; st_close(*file). */
static enum trm_status load(const char *path, enum data_split split, const char *what, struct st_file **file,
                            const struct st_tensor **t, struct trm_error *error) {
    char name[32];
    enum trm_status status = st_open_header(path, file, error);
    if (status != TRM_OK)
        return status;
    *t = find(*file, split, what, name);
    status = *t != NULL ? st_load(*file, st_index(*file, name), error)
                        : trm_fail(error, TRM_FORMAT, "%s: has no tensor %s any more", path, name);
    if (status != TRM_OK)
        st_close(*file);
    return status;
}

static enum trm_status changed(const char *path, struct trm_error *error) {
    return trm_fail(error, TRM_IO, "%s: is no longer what it was; start again", path);
}

enum trm_status tensors_read_images(const char *path, enum data_split split, const struct data_shape *shape,
                                    size_t keep, uint8_t *pixels, struct trm_error *error) {
    struct st_file *file;
    const struct st_tensor *t;
    const size_t bytes = keep * data_image(shape);
    enum trm_status status = load(path, split, "images", &file, &t, error);
    if (status != TRM_OK)
        return status;
    if (t->dtype != ST_U8 || t->count < bytes)
        status = changed(path, error);
    else
        memcpy(pixels, t->data, bytes);
    st_close(file);
    return status;
}

/* Element i; what is no label is UINT16_MAX. */
static uint16_t label_at(const struct st_tensor *t, size_t i) {
    const size_t size = st_dtype_size(t->dtype);
    const uint8_t *const bytes = (const uint8_t *)t->data + i * size;
    for (size_t b = 2; b < size; b++) /* little-endian; a negative number ends in 255 */
        if (bytes[b] != 0)
            return UINT16_MAX;
    const bool negative = (t->dtype == ST_I8 || t->dtype == ST_I16) && bytes[size - 1] > 127;
    if (negative)
        return UINT16_MAX;
    return (uint16_t)(bytes[0] | (size > 1 ? bytes[1] : 0) << 8);
}

enum trm_status tensors_read_labels(const char *path, enum data_split split, size_t classes, size_t keep,
                                    uint16_t *labels, struct trm_error *error) {
    struct st_file *file;
    const struct st_tensor *t;
    enum trm_status status = load(path, split, "labels", &file, &t, error);
    if (status != TRM_OK)
        return status;
    if (!is_whole(t->dtype) || t->count < keep)
        status = changed(path, error);
    for (size_t i = 0; i < keep && status == TRM_OK; i++) {
        labels[i] = label_at(t, i);
        if (labels[i] >= classes)
            status = trm_fail(error, TRM_FORMAT,
                              "%s: %s: the label of image %zu is not among 0 to %zu; number the "
                              "classes from 0",
                              path, t->name, i, classes - 1);
    }
    st_close(file);
    return status;
}
