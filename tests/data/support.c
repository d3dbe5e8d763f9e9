#include "data/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static const struct source_file cifar_files[] = {
    {"train_a.bin", SOURCE_CIFAR, DATA_TRAIN, 20, true, "b52d1ad6af1c68aa1c38f6ee7d6a3da3e4f60c42"},
    {"train_b.bin", SOURCE_CIFAR, DATA_TRAIN, 20, true, "0000000000000000000000000000000000000000"},
    {"test.bin", SOURCE_CIFAR, DATA_TEST, 10, false, "0000000000000000000000000000000000000000"},
};
static const struct source_file idx_files[] = {
    {"train-images", SOURCE_IDX_PADDED, DATA_TRAIN, 20, false, ""},
    {"train-labels", SOURCE_IDX_LABELS, DATA_TRAIN, 20, false, ""},
    {"t10k-images", SOURCE_IDX_PADDED, DATA_TEST, 10, false, ""},
    {"t10k-labels", SOURCE_IDX_LABELS, DATA_TEST, 10, false, ""},
};

const struct source support_cifar = {.name = "cifar10",
                                     .title = "CIFAR-10",
                                     .shape = SOURCE_COLOUR_32(DATA_CLASSES),
                                     .mean = {.4f, .5f, .6f},
                                     .deviation = {.2f, .25f, .3f},
                                     .files = cifar_files,
                                     .file_count = 3};
const struct source support_idx = {.name = "fashion-mnist",
                                   .title = "Fashion-MNIST",
                                   .package = "some-package",
                                   .package_dir = "/nowhere/some-package",
                                   .shape = SOURCE_COLOUR_32(DATA_CLASSES),
                                   .mean = {.3f, .3f, .3f},
                                   .deviation = {.35f, .35f, .35f},
                                   .files = idx_files,
                                   .file_count = 4};

uint8_t support_label(size_t file, size_t i) {
    return (uint8_t)((3 * file + i) % 10);
}

uint8_t support_pixel(size_t file, size_t i, size_t pixel) {
    return (uint8_t)((2654435761u * (unsigned)(file * 40000000 + i * 4000 + pixel + 1)) >> 24 & 0xff);
}

/* One file's content; the caller frees it. */
static uint8_t *content(const struct source *source, size_t file) {
    const struct source_file *f = &source->files[file];
    const uint8_t idx_images[16] = {0, 0, 8, 3, 0, 0, 0, (uint8_t)f->images, 0, 0, 0, 28, 0, 0, 0, 28};
    const uint8_t idx_labels[8] = {0, 0, 8, 1, 0, 0, 0, (uint8_t)f->images};
    uint8_t *bytes = malloc(source_bytes(f)), *to = bytes;
    assert_non_null(bytes);
    if (f->kind == SOURCE_IDX_PADDED)
        to = (uint8_t *)memcpy(to, idx_images, 16) + 16;
    if (f->kind == SOURCE_IDX_LABELS)
        to = (uint8_t *)memcpy(to, idx_labels, 8) + 8;
    for (size_t i = 0; i < f->images; i++) {
        if (f->kind != SOURCE_IDX_PADDED)
            *to++ = support_label(file, i);
        const size_t pixels = f->kind == SOURCE_CIFAR        ? DATA_IMAGE
                              : f->kind == SOURCE_IDX_PADDED ? 28 * 28
                                                             : 0;
        for (size_t p = 0; p < pixels; p++)
            *to++ = support_pixel(file, i, p);
    }
    assert_int_equal(to - bytes, source_bytes(f));
    return bytes;
}

void support_write_file(void **state, const struct source *source, size_t file, const char *name,
                        size_t size) {
    char path[SUPPORT_PATH];
    uint8_t *bytes = content(source, file);
    const size_t whole = source_bytes(&source->files[file]), length = size < whole ? size : whole;
    support_path(path, state, name);
    if (strstr(name, ".gz") != NULL) {
        gzFile f = gzopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(gzwrite(f, bytes, (unsigned)length), length);
        assert_int_equal(gzclose(f), Z_OK);
    } else {
        support_put(path, bytes, length);
    }
    free(bytes);
}

void support_write(void **state, const struct source *source, bool compress) {
    for (size_t i = 0; i < source->file_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", source->files[i].name, compress ? ".gz" : "");
        support_write_file(state, source, i, name, SIZE_MAX);
    }
}

struct data_set *support_load(void **state, const struct source *source, size_t train_limit) {
    return support_load_held(state, source, train_limit, 0);
}

struct data_set *support_load_held(void **state, const struct source *source, size_t train_limit,
                                   size_t holdout) {
    const struct data_options options = {.train_limit = train_limit, .holdout = holdout};
    struct data_set *set;
    struct trm_error error;
    if (source_load(source, *state, &options, &set, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return set;
}

const char *support_cifar10(char path[SUPPORT_PATH]) {
    const char *dir = getenv("TRM_CIFAR10_DIR"), *file = strrchr(__FILE__, '/');
    struct stat st;
    if (dir != NULL && dir[0] != '\0')
        return dir;
    const int folder = file != NULL ? (int)(file - __FILE__) : 0;
    snprintf(path, SUPPORT_PATH, "%.*s/../../../shared/cifar-10-batches-bin", folder, __FILE__);
    return stat(path, &st) == 0 ? path : NULL;
}
