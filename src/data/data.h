/* Labelled images: CIFAR-10, CIFAR-100, Fashion-MNIST and own ones, found, checked, read, and served as batches of
   normalised images.

   Image bytes stay uint8; a batch is cropped, flipped and normalised when it is made, on threads of its own.
   All randomness is keyed by (seed, epoch, sample), so a batch depends on nothing but its options, epoch and
   step.

   Errors name the file or option, say what is wrong and what to do. Functions that take a struct trm_error
   accept NULL. A data set is read-only once loaded and may be shared by threads; a loader serves one thread
   at a time. */
#ifndef TRM_DATA_DATA_H
#define TRM_DATA_DATA_H

#include "base/status.h"
#include "storage/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DATA_CHANNELS = 3, DATA_MIN_SIDE = 8, DATA_MAX_SIDE = 64, DATA_MAX_CLASSES = 1000 };

/* Of images: 1 or 3 channels, sides of 8 ... 64 pixels, labels 0 ... classes-1. */
struct data_shape {
    size_t channels, height, width, classes;
};
size_t data_image(const struct data_shape *shape); /* bytes of one */

enum { DATA_MAX_FILES = 8, DATA_PATH = 1024, DATA_NAME = 64 };

enum data_split { DATA_TRAIN, DATA_TEST, DATA_HELD, DATA_SPLITS };

/* ---- finding and reading ---- */

size_t data_known(void);             /* how many data sets are known */
const char *data_name(size_t index); /* "cifar10", "fashion-mnist"; NULL past the end */

struct data_options {
    const char *name; /* one of data_name; NULL (default): whichever dir holds */
    const char
        *dir; /* folder of the files, or a safetensors file (docs/file-formats.md); NULL (default): where the
                           distribution's package puts them. With neither name nor dir: Fashion-MNIST from its
                           package. */
    size_t train_limit; /* keep only the first so many training images; 0 (default): all. Files of which none
                           is kept are not read. */
    size_t holdout; /* first take so many training images out, the same ones whatever else is asked for: the
                           split DATA_HELD, for choosing between runs without a look at the test images;
                           0 (default): none */
};

struct data_info {
    char name[DATA_NAME], title[DATA_NAME]; /* "cifar10", "CIFAR-10" */
    char dir[DATA_PATH];
    size_t train, test, held; /* images */
    struct data_shape shape;
};

struct data_images {
    uint8_t *pixels;  /* (count, channels, height, width) */
    uint16_t *labels; /* (count), each below classes */
    size_t count;
};

struct data_set {
    struct data_info info;
    float mean[DATA_CHANNELS],
        deviation[DATA_CHANNELS];           /* of training pixels scaled to 0 ... 1; of one channel the
                                                            first */
    struct data_images images[DATA_SPLITS]; /* [DATA_TRAIN], [DATA_TEST], [DATA_HELD] */
    char fingerprint[DIGEST_TEXT];          /* SHA-1 in hex of name, counts, pixels and labels, as loaded */
};

/* Everything that can be known before the files are read: the folder, that its files are there and have the
   right size, and the limit. Fills *info. */
enum trm_status data_check(const struct data_options *options, struct data_info *info,
                           struct trm_error *error);

/* Check, then read. On failure *out is NULL. */
enum trm_status data_load(const struct data_options *options, struct data_set **out, struct trm_error *error);
void data_free(struct data_set *set); /* NULL is fine */

/* ---- what is there, and is it the published data ---- */

struct data_listing {
    bool found;
    struct data_info info; /* name and title always; the rest where found */
    char problem[512];     /* where not found: why, in one line */
};

/* Data set `index` (below data_known()) as it is in dir, or in its package's folder where dir is NULL. */
void data_list(size_t index, const char *dir, struct data_listing *listing);

/* name, text, whether the data can be trusted all the same */
#define DATA_FILE_LIST(X)                                                                                    \
    X(GOOD, "good", true)                                                                                    \
    X(ABSENT, "absent, not required", true)                                                                  \
    X(MISSING, "missing", false)                                                                             \
    X(SIZE, "wrong size", false)                                                                             \
    X(UNPUBLISHED, "there; no SHA-1 to compare with", true)                                                  \
    X(DIFFERS, "SHA-1 differs", false)                                                                       \
    X(UNREADABLE, "cannot be read", false)

enum data_file_state {
#define X(name, text, good) DATA_FILE_##name,
    DATA_FILE_LIST(X)
#undef X
};

const char *data_file_text(enum data_file_state state);

struct data_verification {
    struct data_info info; /* train, test and held as 0 */
    bool good;             /* every file that is there is the published one, and none is missing */
    size_t count;
    struct {
        char name[64]; /* as found in the folder, e.g. with .gz */
        enum data_file_state state;
        const char *expected;     /* published SHA-1 in hex, of the content where the file is compressed */
        char actual[DIGEST_TEXT]; /* empty where it was not computed */
    } files[DATA_MAX_FILES];
};

/* Compare every file with its published SHA-1. TRM_OK also where files differ (see `good`); an error only
   where no data set or folder can be chosen. train_limit is not looked at. */
enum trm_status data_verify(const struct data_options *options, struct data_verification *out,
                            struct trm_error *error);

/* ---- batches ---- */

struct data_loader_options {
    enum data_split split;
    size_t batch_size; /* images; 1 ...; default 128 */
    uint64_t seed;     /* default 42 */
    bool shuffle;      /* a new order every epoch; default: training only */
    bool augment;      /* random crop with padding 4, and horizontal flip; default: training only */
    bool keep_last;    /* serve the last, smaller batch too; default: test only */
    unsigned threads;  /* that prepare batches; 0 ... 16, 0: the calling one, when asked; default 1 */
    unsigned ahead;    /* batches prepared ahead, 1 ... 16; default 2 */
};

struct data_loader_options data_loader_defaults(enum data_split split);
/* NULL, or the reason why these options cannot be used with `images` images. */
const char *data_loader_check(const struct data_loader_options *options, size_t images);

struct data_batch {
    size_t epoch, step; /* step: within the epoch */
    size_t count;       /* batch_size, or fewer in a last batch */
    float *x;           /* (count, channels, height, width), normalised, aligned to 64 bytes */
    int32_t *labels;    /* (count) */
    uint32_t *samples;  /* (count): each image's index in its split */
};

struct data_loader;

/* Batches of one split of set, which must outlive the loader. Begins at epoch 0, step 0; makes nothing before
   data_loader_start or _next. On failure *out is NULL. */
enum trm_status data_loader_create(struct data_loader **out, const struct data_set *set,
                                   const struct data_loader_options *options, struct trm_error *error);

size_t data_loader_steps(const struct data_loader *loader); /* an epoch */

/* Go on at this epoch (below 2^32) and step (at most data_loader_steps: that many is the next epoch's first).
   The batches are those that an uninterrupted run has there. Ends the last batch's life. */
enum trm_status data_loader_start(struct data_loader *loader, size_t epoch, size_t step,
                                  struct trm_error *error);

/* The next batch; after an epoch's last one the next epoch's first. *batch stays the loader's and is valid
   until the next call. On failure it is NULL, and the next call fails alike. */
enum trm_status data_loader_next(struct data_loader *loader, const struct data_batch **batch,
                                 struct trm_error *error);

/* Stops the threads, wherever they are. NULL is fine. */
void data_loader_destroy(struct data_loader *loader);

#endif
