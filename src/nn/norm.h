/* Batch norm, ReLU and pooling as one layer over oneDNN's layouts, forward in two passes over the activations
   and backward in two:

     forward    statistics: x is read          apply: x is read, only what is left after pooling is written
     backward   sums: x and dy are read        apply: x and dy are read, dx is written

   After maximum pooling the backward sums read, of x, only the values that were taken.

   Channels lie in blocks: element (n, c, pixel) is at ((n * blocks + c / block) * pixels + pixel) * block +
   c % block. Block 1 is the plain layout, block = channels has the channels last; where the channels do not
   fill the last block, its rest is 0 and stays 0. The layout of what comes out has the same block.

   Sums are made in a fixed order that does not depend on the number of threads. */
#ifndef TRM_NN_NORM_H
#define TRM_NN_NORM_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum norm_pool { NORM_NO_POOL, NORM_MAX_POOL, NORM_AVERAGE_POOL }; /* none, 2x2 maximum, global average */

struct norm_shape {
    size_t batch, channels, height, width; /* of x */
    size_t block;                          /* channels that lie together */
    bool bf16;                             /* x, dx and, but for the average, y and dy; else float */
    enum norm_pool pool;
};

struct norm;

/* TRM_NO_MEMORY: *out is NULL. */
enum trm_status norm_create(const struct norm_shape *shape, struct norm **out, struct trm_error *error);
void norm_destroy(struct norm *norm); /* NULL is fine */

/* Bytes that forward with NORM_MAX_POOL leaves for backward: which of a window's four values was taken, and
   that value, so that the backward sums need not read all of x. 0 without. */
size_t norm_choice_bytes(const struct norm_shape *shape);

/* y = pool(relu(gain (x - mean)/sqrt(variance + 1e-5) + bias)), with this batch's mean and biased variance,
   or with the running ones where those are not NULL. gain_bias (2, channels). y: x's layout, of half height
   and width (rounded down) with NORM_MAX_POOL; plain float (batch, channels) with NORM_AVERAGE_POOL. choice:
   norm_choice_bytes, aligned as a float, else NULL. A NaN in x can become 0; it always shows in norm_mean. */
void norm_forward(struct norm *norm, const float *gain_bias, const float *running_mean,
                  const float *running_variance, const void *x, void *y, void *choice);

/* After norm_forward without running statistics and the same x: dy is as y; gain_bias_gradient (2, channels) is
   overwritten; dx, as x, too, or NULL where nobody asks. dx may be dy with NORM_NO_POOL. */
void norm_backward(struct norm *norm, const void *x, const void *dy, const void *choice,
                   float *gain_bias_gradient, void *dx);

/* (channels) of the last forward without running statistics; the variance is the biased one. */
const float *norm_mean(const struct norm *norm);
const float *norm_variance(const struct norm *norm);

#endif
