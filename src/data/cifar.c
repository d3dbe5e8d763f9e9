/* The binary versions of CIFAR-10 and CIFAR-100 (www.cs.toronto.edu/~kriz/cifar.html): records of one label byte
   (CIFAR-100: a coarse label before it) and 3 x 32 x 32 pixel bytes, red, green, blue, row by row. */
#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum trm_status labels_check(const char *path, const uint16_t *labels, size_t count, size_t classes,
                             struct trm_error *error) {
    for (size_t i = 0; i < count; i++)
        if (labels[i] >= classes)
            return trm_fail(error, TRM_FORMAT,
                            "%s: image %zu has label %u, but labels are 0 to %zu; fetch it again", path, i,
                            labels[i], classes - 1);
    return TRM_OK;
}

enum trm_status cifar_read(const char *path, bool coarse, size_t classes, size_t keep, uint8_t *pixels,
                           uint16_t *labels, struct trm_error *error) {
    const size_t label_bytes = coarse ? 2 : 1;
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return trm_fail(error, TRM_IO, "%s: cannot be opened: %s", path, strerror(errno));
    for (size_t i = 0; i < keep; i++) {
        uint8_t label[2];
        const bool whole = fread(label, 1, label_bytes, f) == label_bytes &&
                           fread(pixels + i * DATA_IMAGE, 1, DATA_IMAGE, f) == DATA_IMAGE;
        if (!whole) {
            const bool broken = ferror(f) != 0;
            fclose(f);
            return trm_fail(error, broken ? TRM_IO : TRM_FORMAT,
                            "%s: ends at image %zu of %zu; fetch it again", path, i, keep);
        }
        labels[i] = label[label_bytes - 1];
    }
    fclose(f);
    return labels_check(path, labels, keep, classes, error);
}
