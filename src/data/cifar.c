/* The binary version of CIFAR-10 (www.cs.toronto.edu/~kriz/cifar.html): records of one label byte and 3 x 32
   x 32 pixel bytes, red, green, blue, row by row. */
#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum trm_status labels_check(const char *path, const uint8_t *labels, size_t count, struct trm_error *error) {
    for (size_t i = 0; i < count; i++)
        if (labels[i] >= DATA_CLASSES)
            return trm_fail(error, TRM_FORMAT,
                            "%s: image %zu has label %u, but labels are 0 to 9; fetch it again", path, i,
                            labels[i]);
    return TRM_OK;
}

enum trm_status cifar_read(const char *path, size_t keep, uint8_t *pixels, uint8_t *labels,
                           struct trm_error *error) {
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return trm_fail(error, TRM_IO, "%s: cannot be opened: %s", path, strerror(errno));
    for (size_t i = 0; i < keep; i++) {
        if (fread(&labels[i], 1, 1, f) == 1 && fread(pixels + i * DATA_IMAGE, 1, DATA_IMAGE, f) == DATA_IMAGE)
            continue;
        const bool broken = ferror(f) != 0;
        fclose(f);
        return trm_fail(error, broken ? TRM_IO : TRM_FORMAT, "%s: ends at image %zu of %zu; fetch it again",
                        path, i, keep);
    }
    fclose(f);
    return labels_check(path, labels, keep, error);
}
