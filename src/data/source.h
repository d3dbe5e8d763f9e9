/* The table of data sets and their files on disk. */
#ifndef TRM_DATA_SOURCE_H
#define TRM_DATA_SOURCE_H

#include "data/data.h"

/* name, header bytes, bytes an image */
#define SOURCE_KIND_LIST(X)                                                                                  \
    X(CIFAR, 0, 1 + 3072)                                                                                    \
    X(IDX_IMAGES, 16, 28 * 28)                                                                               \
    X(IDX_LABELS, 8, 1)

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
    const char *sha1; /* of the uncompressed content */
};

struct source {
    const char *name, *title;
    const char *package, *package_dir; /* the distribution's package; NULL: there is none */
    const char *origin;                /* where people get it; NULL where there is a package */
    float mean[DATA_CHANNELS], deviation[DATA_CHANNELS];
    const struct source_file *files;
    size_t file_count;
};

const struct source *source_at(size_t index); /* NULL past the end */

/* The data set and folder that options mean; an error unless the folder is there and, where no name is given,
   holds files of exactly one known data set. */
enum trm_status source_choose(const struct data_options *options, const struct source **source,
                              const char **dir, struct trm_error *error);

/* Look at one file in dir: its state (GOOD, ABSENT, MISSING, SIZE or UNREADABLE) as far as can be told
   without reading, and its path, that of the .gz where only this is there. */
enum data_file_state source_look(const struct source_file *file, const char *dir, char path[DATA_PATH]);

/* The exact size of a file's uncompressed content. */
size_t source_bytes(const struct source_file *file);

/* data_check and data_load of this source in this folder, with train_limit and holdout of options. */
enum trm_status source_check(const struct source *source, const char *dir, const struct data_options *options,
                             struct data_info *info, struct trm_error *error);
enum trm_status source_load(const struct source *source, const char *dir, const struct data_options *options,
                            struct data_set **out, struct trm_error *error);
/* All training images are loaded: move set->info.held of them to DATA_HELD, and keep the first set->info.train of the
   others. */
enum trm_status holdout_take(struct data_set *set, struct trm_error *error);
void source_verify(const struct source *source, const char *dir, struct data_verification *out);

/* Readers: the first `keep` images of a file into pixels (keep, 3, 32, 32) and labels (keep). Compressed
   files are read to their end, so that a damaged one is noticed. */
enum trm_status cifar_read(const char *path, size_t keep, uint8_t *pixels, uint8_t *labels,
                           struct trm_error *error);
enum trm_status idx_read_images(const char *path, size_t images, size_t keep, uint8_t *pixels,
                                struct trm_error *error);
enum trm_status idx_read_labels(const char *path, size_t images, size_t keep, uint8_t *labels,
                                struct trm_error *error);
/* TRM_OK, or an error that names the first label that is no class. */
enum trm_status labels_check(const char *path, const uint8_t *labels, size_t count, struct trm_error *error);

/* What a folder (or a file given in its place) that holds no data set seems to be, and what to do, in words that
   follow its name: one level up, the edition for Python, CIFAR-100, the archive. NULL: nothing known. */
const char *source_hint(const char *dir);

#endif
