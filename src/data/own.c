/* Own images: found by data.yaml, or as one safetensors file, and measured. */
#include "data/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TENSORS_END ".safetensors"

static bool ends_in(const char *path, const char *end) {
    const size_t length = strlen(path), tail = strlen(end);
    return length > tail && strcmp(path + length - tail, end) == 0;
}

static int is_tensors(const struct dirent *entry) {
    return ends_in(entry->d_name, TENSORS_END);
}

/* ---- measuring ---- */

static enum trm_status path_of(const struct source_choice *c, const char *name, char path[DATA_PATH],
                               struct trm_error *error) {
    return snprintf(path, DATA_PATH, "%s/%s", c->dir, name) < DATA_PATH
               ? TRM_OK
               : trm_fail(error, TRM_INVALID, "the name of %.80s... is too long; use a shorter one", name);
}

static enum trm_status add_file(struct source_choice *c, enum source_kind kind, enum data_split split,
                                size_t images, const char *name, struct trm_error *error) {
    const size_t at = c->source.file_count++;
    c->files[at] = (struct source_file){
        .name = c->names[at], .kind = kind, .split = split, .images = images, .sha1 = NULL};
    return snprintf(c->names[at], DATA_PATH, "%s", name) < DATA_PATH
               ? TRM_OK
               : trm_fail(error, TRM_INVALID, "the name of %.80s... is too long; use a shorter one", name);
}

/* One more than the largest training label. */
static enum trm_status count_classes(struct source_choice *c, const char *path, size_t images, bool tensors,
                                     struct trm_error *error) {
    uint16_t *const labels = malloc(images * sizeof *labels);
    size_t classes = 0;
    bool differ = false;
    if (labels == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its labels", path);
    const enum trm_status status =
        tensors ? tensors_read_labels(path, DATA_TRAIN, DATA_MAX_CLASSES, images, labels, error)
                : idx_read_labels(path, DATA_MAX_CLASSES, images, images, labels, error);
    for (size_t i = 0; i < images && status == TRM_OK; i++) {
        classes = labels[i] >= classes ? (size_t)labels[i] + 1 : classes;
        differ = differ || labels[i] != labels[0];
    }
    free(labels);
    c->source.shape.classes = classes;
    if (status == TRM_OK && !differ)
        return trm_fail(error, TRM_FORMAT,
                        "%s: all training images have label %zu; give two classes at least", path,
                        classes - 1);
    return status;
}

static enum trm_status same_shape(const struct data_shape *train, const struct data_shape *test,
                                  const char *path, struct trm_error *error) {
    if (train->channels == test->channels && train->height == test->height && train->width == test->width)
        return TRM_OK;
    return trm_fail(error, TRM_FORMAT,
                    "%s: test images are %zu x %zu x %zu, training images %zu x %zu x %zu; make them alike",
                    path, test->channels, test->height, test->width, train->channels, train->height,
                    train->width);
}

static enum trm_status measure_tensors(struct source_choice *c, const char *name, struct trm_error *error) {
    char path[DATA_PATH];
    struct data_shape shapes[2];
    size_t images[2];
    enum trm_status status = path_of(c, name, path, error);
    for (int split = DATA_TRAIN; split <= DATA_TEST && status == TRM_OK; split++) {
        status = tensors_measure(path, (enum data_split)split, &images[split], &shapes[split], error);
        if (status == TRM_OK)
            status = add_file(c, SOURCE_TENSORS, (enum data_split)split, images[split], name, error);
    }
    if (status == TRM_OK)
        status = same_shape(&shapes[DATA_TRAIN], &shapes[DATA_TEST], path, error);
    if (status != TRM_OK)
        return status;
    c->source.shape = shapes[DATA_TRAIN];
    return count_classes(c, path, images[DATA_TRAIN], true, error);
}

/* Images and labels of one split. */
static enum trm_status measure_idx(struct source_choice *c, enum data_split split, const char *images,
                                   const char *labels, struct data_shape *shape, struct trm_error *error) {
    char images_path[DATA_PATH], labels_path[DATA_PATH];
    size_t size[3], count;
    enum trm_status status = path_of(c, images, images_path, error);
    if (status == TRM_OK)
        status = path_of(c, labels, labels_path, error);
    if (status == TRM_OK)
        status = idx_measure(images_path, 3, size, error);
    if (status == TRM_OK)
        status = idx_measure(labels_path, 1, &count, error);
    if (status != TRM_OK)
        return status;
    for (size_t i = 1; i < 3; i++)
        if (size[i] < DATA_MIN_SIDE || size[i] > DATA_MAX_SIDE)
            return trm_fail(error, TRM_FORMAT, "%s: images are %zu x %zu; sides must be %d to %d pixels",
                            images_path, size[1], size[2], DATA_MIN_SIDE, DATA_MAX_SIDE);
    if (count != size[0] || count == 0)
        return trm_fail(error, TRM_FORMAT,
                        "%s: holds %zu labels for %zu images; they must be as many, and some", labels_path,
                        count, size[0]);
    *shape = (struct data_shape){.channels = 1, .height = size[1], .width = size[2]};
    status = add_file(c, SOURCE_IDX_GREY, split, count, images, error);
    if (status == TRM_OK)
        status = add_file(c, SOURCE_IDX_LABELS, split, count, labels, error);
    if (status == TRM_OK && split == DATA_TRAIN) {
        c->source.shape = *shape;
        status = count_classes(c, labels_path, count, false, error);
    }
    return status;
}

/* ---- finding ---- */

static void begin(struct source_choice *c, const char *dir) {
    *c = (struct source_choice){.source = {.name = c->name, .title = c->title, .files = c->files}};
    snprintf(c->dir, sizeof c->dir, "%s", dir);
}

static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* "folder/flowers.safetensors" is the data set flowers. */
static enum trm_status from_file(struct source_choice *c, const char *path, struct trm_error *error) {
    const char *const slash = strrchr(path, '/'), *const name = slash != NULL ? slash + 1 : path;
    const size_t folder = slash != NULL ? (size_t)(slash - path) : 1,
                 stem = strlen(name) - strlen(TENSORS_END);
    begin(c, slash == path ? "/" : slash != NULL ? path : ".");
    c->dir[folder > 0 ? folder : 1] = '\0';
    snprintf(c->name, sizeof c->name, "%.*s", (int)(stem < DATA_NAME ? stem : DATA_NAME - 1), name);
    for (char *at = c->name; *at != '\0'; at++)
        *at = is_name(*at) ? *at : '-';
    memcpy(c->title, c->name, sizeof c->title);
    const enum trm_status status = own_check_name(path, c->name, error);
    return status == TRM_OK ? measure_tensors(c, name, error) : status;
}

static enum trm_status from_yaml(struct source_choice *c, const char *yaml, struct trm_error *error) {
    char names[SOURCE_OWN_FILES][DATA_PATH];
    struct data_shape train, test;
    enum trm_status status = own_read_yaml(yaml, c, error);
    if (status != TRM_OK)
        return status;
    memcpy(names, c->names, sizeof names);
    if (names[1][0] == '\0') /* one file alone: tensors */
        return measure_tensors(c, names[0], error);
    status = measure_idx(c, DATA_TRAIN, names[0], names[1], &train, error);
    if (status == TRM_OK)
        status = measure_idx(c, DATA_TEST, names[2], names[3], &test, error);
    return status == TRM_OK ? same_shape(&train, &test, yaml, error) : status;
}

/* The one file of tensors in a folder. */
static enum trm_status from_folder(struct source_choice *c, const char *dir, bool *found,
                                   struct trm_error *error) {
    struct dirent **entries;
    char path[DATA_PATH];
    const int count = scandir(dir, &entries, is_tensors, alphasort);
    enum trm_status status = TRM_OK;
    *found = count > 0;
    if (count > 1)
        status = trm_fail(error, TRM_INVALID, "%s: holds %d safetensors files; name the one with the images",
                          dir, count);
    else if (count == 1 && snprintf(path, sizeof path, "%s/%s", dir, entries[0]->d_name) < DATA_PATH)
        status = from_file(c, path, error);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    if (count >= 0)
        free(entries);
    return status;
}

enum trm_status own_find(const char *path, bool alone, struct source_choice *c, bool *found,
                         struct trm_error *error) {
    char yaml[DATA_PATH + 16];
    struct stat st;
    *found = false;
    if (strlen(path) >= DATA_PATH - 64 || stat(path, &st) != 0)
        return TRM_OK;
    if (!S_ISDIR(st.st_mode)) {
        *found = S_ISREG(st.st_mode) && ends_in(path, TENSORS_END);
        return *found ? from_file(c, path, error) : TRM_OK;
    }
    snprintf(yaml, sizeof yaml, "%s/data.yaml", path);
    *found = stat(yaml, &st) == 0;
    if (*found) {
        begin(c, path);
        return from_yaml(c, yaml, error);
    }
    return alone ? from_folder(c, path, found, error) : TRM_OK;
}
