/* Own images of 12 training and 5 test pictures, written as files. */
#ifndef TRM_TESTS_DATA_SUPPORT_OWN_H
#define TRM_TESTS_DATA_SUPPORT_OWN_H

#include "data/support.h"

#include "storage/safetensors.h"

enum { TRAIN = 12, TEST = 5 };

struct own {
    size_t channels, height, width, classes;
    enum st_dtype labels;
    size_t bytes; /* of a label */
};

uint8_t pixel_of(size_t split, size_t i);
size_t label_of(const struct own *own, size_t i);

/* folder/name with the four tensors. change: of them before they are written; NULL: none. */
void put_own(void **state, const char *name, const struct own *own,
             void (*change)(struct st_tensor tensors[4]));

/* folder/name: images (rank 3) or labels 0 to 3 (rank 1) in idx form. */
void put_idx(void **state, const char *name, size_t split, size_t count, size_t rank, size_t height,
             size_t width);
/* folder/data.yaml */
void put_yaml(void **state, const char *text);

#endif
