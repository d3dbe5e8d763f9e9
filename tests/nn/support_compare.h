/* Random data and comparisons that the tests of this room share. */
#ifndef TESTS_NN_SUPPORT_COMPARE_H
#define TESTS_NN_SUPPORT_COMPARE_H

#include "base/rng.h"
#include "nn/nn.h"

#include <stddef.h>
#include <stdint.h>

/* Fresh arrays; free() them. Abort when out of memory. */
double *random_doubles(struct rng *r, size_t count, double scale); /* normal, rounded to float */
float *to_float(const double *values, size_t count);
float *nan_floats(size_t count); /* so that what is not written shows */

int32_t *random_labels(struct rng *r, size_t count, size_t classes);

/* Fails the test unless |a - b| <= tolerance * max |b| for every element. */
void assert_close(const char *what, const float *a, const double *b, size_t count, double tolerance);
void assert_close_double(const char *what, const double *a, const double *b, size_t count, double tolerance);

/* A network of 10 classes in f32; fails the test otherwise. */
struct nn_model *support_model(const char *name, double width, size_t batch, uint64_t seed);
struct nn_model *support_model_of(struct nn_images images, const char *name, double width, size_t batch,
                                  uint64_t seed);

#endif
