/* Small data sets in a temporary folder. */
#ifndef TRM_TESTS_DATA_SUPPORT_H
#define TRM_TESTS_DATA_SUPPORT_H

#include "data/source.h"
#include "support/folders.h"

/* Tables like the real ones, with few images: train_a and train_b (optional) of 20 each and test of 10; idx
   files train and t10k of 20 and 10. */
extern const struct source support_cifar, support_idx;

/* Every byte of the synthetic data, from its place: label and pixels of image i of file number `file`. */
uint8_t support_label(size_t file, size_t i);
uint8_t support_pixel(size_t file, size_t i, size_t pixel);

/* Write all files of a table into the test's folder; compress: idx as .gz. */
void support_write(void **state, const struct source *source, bool compress);
/* Write one file, cut to `size` bytes of content (SIZE_MAX: whole), into folder/name. */
void support_write_file(void **state, const struct source *source, size_t file, const char *name,
                        size_t size);

/* Load a table's data from the test's folder. */
struct data_set *support_load(void **state, const struct source *source, size_t train_limit);
struct data_set *support_load_held(void **state, const struct source *source, size_t train_limit,
                                   size_t holdout);

/* The folder of the real CIFAR-10: $TRM_CIFAR10_DIR, else shared/cifar-10-batches-bin beside the source tree
   (into path); NULL where there is none. */
const char *support_cifar10(char path[SUPPORT_PATH]);

#endif
