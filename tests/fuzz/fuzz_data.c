/* Whatever a file of a data set holds, compressed or not, it is refused or its labels are classes. The first byte
   of an input says which reader. */
#include "fuzz/support.h"

#include "data/source.h"

#include <stdlib.h>

enum { IMAGES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t pixels[IMAGES * DATA_IMAGE];
    static uint16_t labels[IMAGES];
    static const struct data_shape shape = SOURCE_COLOUR_32(DATA_CLASSES);
    struct trm_error error;
    if (size == 0)
        return 0;
    const char *const path = fuzz_file(data + 1, size - 1);
    enum trm_status status = TRM_FORMAT;
    if (data[0] % 3 == 0)
        status = cifar_read(path, data[0] % 2 == 0, DATA_CLASSES, IMAGES, pixels, labels, &error);
    else if (data[0] % 3 == 1)
        status = idx_read_labels(path, DATA_CLASSES, IMAGES, IMAGES, labels, &error);
    else
        (void)idx_read_images(path, &shape, IMAGES, IMAGES, pixels, &error);
    for (size_t i = 0; status == TRM_OK && i < IMAGES; i++)
        if (labels[i] >= DATA_CLASSES)
            abort();
    return 0;
}
