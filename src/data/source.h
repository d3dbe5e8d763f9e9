/* The table of data sets and their files on disk. */
#ifndef TRM_DATA_SOURCE_H
#define TRM_DATA_SOURCE_H

#include "data/data.h"

/* Of the published images, as they are served. */
enum { DATA_SIDE = 32, DATA_IMAGE = 3 * 32 * 32, DATA_CLASSES = 10 };
#define SOURCE_COLOUR_32(labels)                                                                             \
    { .channels = 3, .height = 32, .width = 32, .classes = (labels) }

/* name, header bytes, bytes an image; 0 and 0: the file itself says */
#define SOURCE_KIND_LIST(X)                                                                                  \
    X(CIFAR, 0, 1 + 3072)                                                                                    \
    X(CIFAR100, 0, 2 + 3072)                                                                                 \
    X(IDX_PADDED, 16, 28 * 28)                                                                               \
    X(IDX_GREY, 0, 0)                                                                                        \
    X(IDX_LABELS, 8, 1)                                                                                      \
    X(TENSORS, 0, 0)

enum source_kind {
#define X(name, header, image) SOURCE_##name,
    SOURCE_KIND_LIST(X)
#undef X
};

struct source_file {
    const char *name; /* an idx file may also end in .gz */
    enum source_kind kind;
    enum data_split split;
    size_t images;
    bool optional;
    const char *sha1; /* of the uncompressed content; NULL: none is published */
};

struct source {
    const char *name, *title;
    const char *package, *package_dir; /* the distribution's package; NULL: there is none */
    const char *origin;                /* where people get it; NULL where there is a package */
    struct data_shape shape;
    float mean[DATA_CHANNELS], deviation[DATA_CHANNELS]; /* 0: those of the training images that are loaded */
    const struct source_file *files;
    size_t file_count;
};

const struct source *source_at(size_t index); /* NULL past the end */

/* A data set and its folder. Own images have their table here, so it must stay where it is. */
enum { SOURCE_OWN_FILES = 4 };
struct source_choice {
    struct source source;
    char dir[DATA_PATH];
    struct source_file files[SOURCE_OWN_FILES];
    char name[DATA_NAME], title[DATA_NAME], names[SOURCE_OWN_FILES][DATA_PATH];
};

/* The data set and folder that options mean; an error unless the folder is there and, where no name is given,
   holds own images that are named, files of exactly one known data set, or one file of own images. */
enum trm_status source_choose(const struct data_options *options, struct source_choice *choice,
                              struct trm_error *error);

/* Own images at path: in a folder those that its data.yaml names, or (alone) its one safetensors file; or that file
   itself. *found is false where there are none. */
enum trm_status own_find(const char *path, bool alone, struct source_choice *choice, bool *found,
                         struct trm_error *error);
/* Own images must not be called as published ones; path: for messages. */
enum trm_status own_check_name(const char *path, const char *name, struct trm_error *error);
/* What data.yaml in dir says: name, title, file names, into *choice; files that it leaves out are "". */
enum { OWN_YAML_LIMIT = 8192 }; /* libyaml's time grows with the square of the depth of [ and { */
enum trm_status own_read_yaml(const char *path, struct source_choice *choice, struct trm_error *error);

/* Look at one file in dir: its state (GOOD, ABSENT, MISSING, SIZE or UNREADABLE) as far as can be told
   without reading, and its path, that of the .gz where only this is there. */
enum data_file_state source_look(const struct source_file *file, const char *dir, char path[DATA_PATH]);

/* The exact size of a file's uncompressed content. */
size_t source_bytes(const struct source_file *file);

/* Its name and title into info. */
void source_name(const struct source *source, struct data_info *info);

/* data_check and data_load of this source in this folder, with train_limit and holdout of options. */
enum trm_status source_check(const struct source *source, const char *dir, const struct data_options *options,
                             struct data_info *info, struct trm_error *error);
enum trm_status source_load(const struct source *source, const char *dir, const struct data_options *options,
                            struct data_set **out, struct trm_error *error);
/* All training images are loaded: move set->info.held of them to DATA_HELD, and keep the first set->info.train of the
   others. */
enum trm_status holdout_take(struct data_set *set, struct trm_error *error);
void source_verify(const struct source *source, const char *dir, struct data_verification *out);

/* Readers: the first `keep` images of a file into pixels (keep, as the shape has them) and labels (keep). Compressed
   files are read to their end, so that a damaged one is noticed. */
enum trm_status cifar_read(const char *path, bool coarse, size_t classes, size_t keep, uint8_t *pixels,
                           uint16_t *labels,
                           struct trm_error *error); /* coarse: a label of CIFAR-100's 20 comes first */
/* (images, 28, 28) into the middle of three channels of 32 x 32; else (images, height, width) as they are. */
enum trm_status idx_read_images(const char *path, const struct data_shape *shape, size_t images, size_t keep,
                                uint8_t *pixels, struct trm_error *error);
enum trm_status idx_read_labels(const char *path, size_t classes, size_t images, size_t keep,
                                uint16_t *labels, struct trm_error *error);
/* The dimensions that a file says, `rank` of them. */
enum trm_status idx_measure(const char *path, unsigned rank, size_t *dimensions, struct trm_error *error);
/* Tensors train_images and train_labels, or test_...: how many, and of what shape but for the classes; the images;
   the labels. */
enum trm_status tensors_measure(const char *path, enum data_split split, size_t *images,
                                struct data_shape *shape, struct trm_error *error);
enum trm_status tensors_read_images(const char *path, enum data_split split, const struct data_shape *shape,
                                    size_t keep, uint8_t *pixels, struct trm_error *error);
enum trm_status tensors_read_labels(const char *path, enum data_split split, size_t classes, size_t keep,
                                    uint16_t *labels, struct trm_error *error);
/* TRM_OK, or an error that names the first label that is no class. */
enum trm_status labels_check(const char *path, const uint16_t *labels, size_t count, size_t classes,
                             struct trm_error *error);

/* What a folder (or a file given in its place) that holds no data set seems to be, and what to do, in words that
   follow its name: one level up, the edition for Python, CIFAR-100, the archive. NULL: nothing known. */
const char *source_hint(const char *dir);

#endif
