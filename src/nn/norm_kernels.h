/* The passes of norm.c over one strip: so many channels of one image that lie side by side. */
#ifndef TRM_NN_NORM_KERNELS_H
#define TRM_NN_NORM_KERNELS_H

#include "nn/norm.h"

/* What all strips share. */
struct strip {
    size_t height, width; /* of x */
    size_t pitch;         /* elements from pixel to pixel */
    size_t valid;         /* channels of this strip that there are */
    bool bf16;
    enum norm_pool pool;
};

/* Per channel, in float. Backward: dx = scale (g - g_mean - (x - mean) slope). */
struct affine {
    const float *mean, *scale, *bias, *g_mean, *slope;
};

/* NORM_MAX_POOL: of each window, as y lies, the place of the value taken (NO_PLACE: the ReLU stopped it), and
   that value of x. */
struct choice {
    uint8_t *index;
    void *taken;
};

/* Of `count` values a channel: their mean, and the sum of squares about it. */
struct moments {
    double *mean, *square, *count; /* count: one for all channels */
};

struct norm_kernels {
    size_t lanes; /* channels in a strip */
    void (*statistics)(const struct strip *s, const void *x, struct moments to);
    void (*apply)(const struct strip *s, const struct affine *a, const void *x, void *y,
                  struct choice choice);
    /* g_sum += sums of g, gx_sum += those of g (x - mean) */
    void (*sums)(const struct strip *s, const struct affine *a, const void *x, const void *dy,
                 struct choice choice, double *g_sum, double *gx_sum);
    void (*back)(const struct strip *s, const struct affine *a, const void *x, const void *dy,
                 struct choice choice, void *dx);
};

/* Those of the widest strips of which blocks of so many channels are made. */
const struct norm_kernels *norm_kernels_for(size_t block);

#endif
