#include "data/source.h"

/* SHA-1 of the files in cifar-10-binary.tar.gz. */
static const struct source_file cifar10_files[] = {
#define BATCH(name, split, optional, sha1)                                                                   \
    { name, SOURCE_CIFAR, split, 10000, optional, sha1 }
    BATCH("data_batch_1.bin", DATA_TRAIN, true, "aadd24acce27caa71bf4b10992e9e7b2d74c2540"),
    BATCH("data_batch_2.bin", DATA_TRAIN, true, "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795"),
    BATCH("data_batch_3.bin", DATA_TRAIN, true, "1dd00a74ab1d17a6e7d73e185b69dbf31242f295"),
    BATCH("data_batch_4.bin", DATA_TRAIN, true, "aab85764eb3584312d3c7f65fd2fd016e36a258e"),
    BATCH("data_batch_5.bin", DATA_TRAIN, true, "26e2849e66a845b7f1e4614ae70f4889ae604628"),
    BATCH("test_batch.bin", DATA_TEST, false, "67eb016db431130d61cd03c7ad570b013799c88c"),
};

/* The site gives the archive's sum alone, not those of the files in it. */
static const struct source_file cifar100_files[] = {
    {"train.bin", SOURCE_CIFAR100, DATA_TRAIN, 50000, false, NULL},
    {"test.bin", SOURCE_CIFAR100, DATA_TEST, 10000, false, NULL},
};

/* SHA-1 of what `zcat` makes of each file: the same whoever compressed it. */
static const struct source_file fashion_mnist_files[] = {
    {"train-images-idx3-ubyte", SOURCE_IDX_PADDED, DATA_TRAIN, 60000, false,
     "b9bd999c0106c9b8b4b0cefce58c9a6060f27095"},
    {"train-labels-idx1-ubyte", SOURCE_IDX_LABELS, DATA_TRAIN, 60000, false,
     "4bccf37222e01638381eaa326bf730337a597267"},
    {"t10k-images-idx3-ubyte", SOURCE_IDX_PADDED, DATA_TEST, 10000, false,
     "880056926db704f9f713097915f99da346f5b1d1"},
    {"t10k-labels-idx1-ubyte", SOURCE_IDX_LABELS, DATA_TEST, 10000, false,
     "958122e8b4b97fd4e71eca2d08ef754ed77c3ad9"},
};

#define FILES(list) .files = list, .file_count = sizeof list / sizeof *list

static const struct source sources[] = {
    {.name = "cifar10",
     .title = "CIFAR-10",
     .origin = "cifar-10-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html",
     .shape = SOURCE_COLOUR_32(DATA_CLASSES),
     .mean = {.4914f, .4822f, .4465f},
     .deviation = {.2470f, .2435f, .2616f},
     FILES(cifar10_files)},
    {.name = "fashion-mnist",
     .title = "Fashion-MNIST",
     .package = "dataset-fashion-mnist",
     .package_dir = "/usr/share/datasets/fashion-mnist",
     .shape = SOURCE_COLOUR_32(DATA_CLASSES),
     .mean = {.2860f, .2860f, .2860f},
     .deviation = {.3530f, .3530f, .3530f},
     FILES(fashion_mnist_files)},
    {.name = "cifar100",
     .title = "CIFAR-100",
     .origin = "cifar-100-binary.tar.gz from www.cs.toronto.edu/~kriz/cifar.html",
     .shape = SOURCE_COLOUR_32(100),
     .mean = {.5071f, .4865f, .4409f},
     .deviation = {.2673f, .2564f, .2762f},
     FILES(cifar100_files)},
};
enum { SOURCE_COUNT = sizeof sources / sizeof *sources };

const struct source *source_at(size_t index) {
    return index < SOURCE_COUNT ? &sources[index] : NULL;
}

size_t data_known(void) {
    return SOURCE_COUNT;
}

const char *data_name(size_t index) {
    return index < SOURCE_COUNT ? sources[index].name : NULL;
}

const char *data_file_text(enum data_file_state state) {
    static const char *const texts[] = {
#define X(name, text, good) [DATA_FILE_##name] = text,
        DATA_FILE_LIST(X)
#undef X
    };
    return (unsigned)state < sizeof texts / sizeof *texts ? texts[state] : "unknown state";
}

size_t data_image(const struct data_shape *shape) {
    return shape->channels * shape->height * shape->width;
}

size_t source_bytes(const struct source_file *file) {
    static const struct {
        size_t header, image;
    } kinds[] = {
#define X(name, header, image) [SOURCE_##name] = {header, image},
        SOURCE_KIND_LIST(X)
#undef X
    };
    return kinds[file->kind].header + file->images * kinds[file->kind].image;
}
