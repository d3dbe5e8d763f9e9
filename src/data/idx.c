/* idx files (yann.lecun.com/exdb/mnist): two zero bytes, the type (8: uint8), the number of dimensions, each
   dimension as 4 bytes with the highest first, the elements. Compressed or not: gzread passes plain files
   through. */
#include "data/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { UINT8_TYPE = 8, SMALL = 28, MARGIN = (DATA_SIDE - SMALL) / 2 };

struct idx {
    const char *path;
    gzFile f;
};

static enum trm_status not_published(const struct idx *idx, const char *what, struct trm_error *error) {
    return trm_fail(error, TRM_FORMAT, "%s: %s; fetch it again", idx->path, what);
}

static enum trm_status read_bytes(const struct idx *idx, void *to, unsigned size, struct trm_error *error) {
    int code;
    const int got = gzread(idx->f, to, size);
    if (got >= 0 && (unsigned)got == size)
        return TRM_OK;
    const char *why = gzerror(idx->f, &code);
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return not_published(idx, "ends too early; the download did not end", error);
    return trm_fail(error, code == Z_ERRNO ? TRM_IO : TRM_FORMAT, "%s: cannot be read (%s); fetch it again",
                    idx->path, code == Z_ERRNO ? strerror(errno) : why);
}

/* Open, check the magic, and read the dimensions. */
static enum trm_status open_file(struct idx *idx, const char *path, unsigned rank, size_t *found,
                                 struct trm_error *error) {
    unsigned char head[16];
    struct stat st;
    idx->path = path;
    idx->f = NULL;
    errno = 0;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) /* a pipe would be waited for */
        return trm_fail(error, TRM_IO, "%s: is no regular file; see what it is", path);
    idx->f = gzopen(path, "rb");
    if (idx->f == NULL)
        return trm_fail(error, TRM_IO, "%s: cannot be opened: %s", path,
                        strerror(errno != 0 ? errno : ENOMEM));
    enum trm_status status = read_bytes(idx, head, 4 + 4 * rank, error);
    if (status == TRM_OK && (head[0] != 0 || head[1] != 0 || head[2] != UINT8_TYPE || head[3] != rank))
        status = not_published(idx, "is no idx file of the right kind (its first four bytes differ)", error);
    for (unsigned i = 0; status == TRM_OK && i < rank; i++) {
        const unsigned char *b = head + 4 + 4 * i;
        found[i] = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
    }
    return status;
}

static enum trm_status begin(struct idx *idx, const char *path, unsigned rank, const size_t *expected,
                             struct trm_error *error) {
    size_t found[3];
    enum trm_status status = open_file(idx, path, rank, found, error);
    for (unsigned i = 0; status == TRM_OK && i < rank; i++)
        if (found[i] != expected[i])
            status = trm_fail(error, TRM_FORMAT, "%s: dimension %u is %zu, should be %zu; fetch it again",
                              path, i, found[i], expected[i]);
    return status;
}

enum trm_status idx_measure(const char *path, unsigned rank, size_t *dimensions, struct trm_error *error) {
    struct idx idx;
    const enum trm_status status = open_file(&idx, path, rank, dimensions, error);
    if (idx.f != NULL)
        (void)gzclose_r(idx.f);
    return status;
}

/* Close; where all went well so far, only after the end was seen: a checksum stands there in
   compressed files. */
static enum trm_status end(struct idx *idx, enum trm_status status, struct trm_error *error) {
    char more;
    if (idx->f == NULL)
        return status;
    if (status == TRM_OK && gzread(idx->f, &more, 1) != 0)
        status = not_published(idx, "does not end after its last element", error);
    if (gzclose_r(idx->f) != Z_OK && status == TRM_OK)
        status = not_published(idx, "is compressed, and its end or its checksum is missing", error);
    return status;
}

/* (28, 28) grey into (3, 32, 32): zeros around, three equal channels. */
static void pad(const uint8_t small[SMALL * SMALL], uint8_t *image) {
    const size_t plane = (size_t)DATA_SIDE * DATA_SIDE;
    memset(image, 0, plane);
    for (size_t y = 0; y < SMALL; y++)
        memcpy(image + (y + MARGIN) * DATA_SIDE + MARGIN, small + y * SMALL, SMALL);
    for (size_t c = 1; c < DATA_CHANNELS; c++)
        memcpy(image + c * plane, image, plane);
}

enum trm_status idx_read_images(const char *path, const struct data_shape *shape, size_t images, size_t keep,
                                uint8_t *pixels, struct trm_error *error) {
    struct idx idx;
    const bool padded = shape->channels == DATA_CHANNELS;
    const size_t rows = padded ? SMALL : shape->height, cols = padded ? SMALL : shape->width,
                 image = data_image(shape);
    uint8_t small[DATA_MAX_SIDE * DATA_MAX_SIDE];
    enum trm_status status = begin(&idx, path, 3, (const size_t[]){images, rows, cols}, error);
    for (size_t i = 0; status == TRM_OK && i < images; i++) {
        status = read_bytes(&idx, small, (unsigned)(rows * cols), error);
        if (status == TRM_OK && i < keep && padded)
            pad(small, pixels + i * image);
        else if (status == TRM_OK && i < keep)
            memcpy(pixels + i * image, small, image);
    }
    return end(&idx, status, error);
}

enum trm_status idx_read_labels(const char *path, size_t classes, size_t images, size_t keep,
                                uint16_t *labels, struct trm_error *error) {
    struct idx idx;
    uint8_t label = 0;
    enum trm_status status = begin(&idx, path, 1, (const size_t[]){images}, error);
    for (size_t i = 0; status == TRM_OK && i < images; i++) {
        status = read_bytes(&idx, &label, 1, error);
        if (status == TRM_OK && i < keep)
            labels[i] = label;
    }
    status = end(&idx, status, error);
    return status != TRM_OK ? status : labels_check(path, labels, keep, classes, error);
}
