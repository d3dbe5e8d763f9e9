#include "data/support_own.h"

#include <stdlib.h>
#include <string.h>

uint8_t pixel_of(size_t split, size_t i) {
    return support_pixel(split, 0, i);
}

size_t label_of(const struct own *own, size_t i) {
    return i % own->classes;
}

void put_own(void **state, const char *name, const struct own *own,
             void (*change)(struct st_tensor tensors[4])) {
    char path[SUPPORT_PATH];
    const size_t counts[2] = {TRAIN, TEST}, image = own->channels * own->height * own->width;
    static const char *const names[4] = {"train_images", "train_labels", "test_images", "test_labels"};
    struct st_tensor tensors[4];
    struct trm_error error;
    for (size_t split = 0; split < 2; split++) {
        uint8_t *const pixels = malloc(counts[split] * image), *const labels =
                                                                   calloc(counts[split], own->bytes);
        assert_true(pixels != NULL && labels != NULL);
        for (size_t i = 0; i < counts[split] * image; i++)
            pixels[i] = pixel_of(split, i);
        for (size_t i = 0; i < counts[split]; i++) {
            labels[i * own->bytes] = (uint8_t)(label_of(own, i) & 0xff);
            if (own->bytes > 1)
                labels[i * own->bytes + 1] = (uint8_t)(label_of(own, i) >> 8);
        }
        tensors[2 * split] =
            (struct st_tensor){.name = names[2 * split],
                               .dtype = ST_U8,
                               .rank = 4,
                               .shape = {counts[split], own->channels, own->height, own->width},
                               .count = counts[split] * image,
                               .data = pixels};
        tensors[2 * split + 1] = (struct st_tensor){.name = names[2 * split + 1],
                                                    .dtype = own->labels,
                                                    .rank = 1,
                                                    .shape = {counts[split]},
                                                    .count = counts[split],
                                                    .data = labels};
    }
    if (change != NULL)
        change(tensors);
    if (st_write(support_path(path, state, name), tensors, 4, NULL, 0, true, &error) != TRM_OK)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < 4; i++)
        free((void *)(uintptr_t)tensors[i].data);
}

void put_idx(void **state, const char *name, size_t split, size_t count, size_t rank, size_t height,
             size_t width) {
    char path[SUPPORT_PATH];
    const size_t head = 4 + 4 * rank, bytes = head + count * (rank == 3 ? height * width : 1);
    uint8_t *const data = calloc(bytes, 1);
    assert_non_null(data);
    data[2] = 8, data[3] = (uint8_t)rank, data[7] = (uint8_t)count;
    if (rank == 3)
        data[11] = (uint8_t)height, data[15] = (uint8_t)width;
    for (size_t i = head; i < bytes; i++)
        data[i] = rank == 3 ? pixel_of(split, i - head) : (uint8_t)((i - head) % 4);
    support_put(support_path(path, state, name), data, bytes);
    free(data);
}

void put_yaml(void **state, const char *text) {
    char path[SUPPORT_PATH];
    support_put(support_path(path, state, "data.yaml"), text, strlen(text));
}
