/* x -> normal = (x - mean)/sigma -> z = gain normal + bias -> ReLU -> pool -> y. With g the gradient of z where
   z > 0 (and, of a window, where it was the maximum), else 0, and n values a channel:

     dbias = sum g     dgain = sum g normal     dx = gain/sigma (g - dbias/n - normal dgain/n)

   Ioffe & Szegedy 2015. */
#include "nn/norm_kernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTS = 64 };

static const double EPSILON = 1e-5;

struct norm {
    struct norm_shape shape;
    const struct norm_kernels *kernels;
    size_t strips;   /* of an image */
    size_t channels; /* lanes * strips */
    size_t parts;    /* the images are summed in so many parts, one after another within a part */
    double *sums;    /* (2, parts, channels) */
    double *total;   /* (2, channels) */
    float *values;   /* (7, channels), of which the names below */
    float *mean, *variance, *centre, *scale, *bias, *g_mean, *slope;
};

/* ---- life ---- */

static size_t round_up(size_t count, size_t to) {
    return (count + to - 1) / to * to;
}

enum trm_status norm_create(const struct norm_shape *shape, struct norm **out, struct trm_error *error) {
    *out = NULL;
    struct norm *n = calloc(1, sizeof *n);
    if (n == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a batch norm");
    n->shape = *shape;
    n->kernels = norm_kernels_for(shape->block);
    n->channels = round_up(shape->channels, shape->block);
    n->strips = n->channels / n->kernels->lanes;
    n->parts = shape->batch < MAX_PARTS ? shape->batch : MAX_PARTS;
    n->sums = calloc(2 * n->parts * n->channels, sizeof *n->sums);
    n->total = calloc(2 * n->channels, sizeof *n->total);
    n->values = calloc(7 * n->channels, sizeof *n->values);
    if (n->sums == NULL || n->total == NULL || n->values == NULL) {
        norm_destroy(n);
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a batch norm of %zu channels",
                        shape->channels);
    }
    float **const names[] = {&n->mean, &n->variance, &n->centre, &n->scale, &n->bias, &n->g_mean, &n->slope};
    for (size_t i = 0; i < 7; i++)
        *names[i] = n->values + i * n->channels;
    *out = n;
    return TRM_OK;
}

void norm_destroy(struct norm *n) {
    if (n == NULL)
        return;
    free(n->sums);
    free(n->total);
    free(n->values);
    free(n);
}

/* Elements of y and dy, padding included. */
static size_t windows(const struct norm_shape *s) {
    return s->batch * round_up(s->channels, s->block) * (s->height / 2) * (s->width / 2);
}

size_t norm_choice_bytes(const struct norm_shape *s) {
    const size_t element = s->bf16 ? sizeof(uint16_t) : sizeof(float);
    return s->pool == NORM_MAX_POOL ? windows(s) * element + windows(s) : 0;
}

const float *norm_mean(const struct norm *n) {
    return n->mean;
}
const float *norm_variance(const struct norm *n) {
    return n->variance;
}

/* ---- where a strip is ---- */

/* Strip k of an image of `pixels` pixels a channel, counted in elements from the batch's first. */
static size_t strip_at(const struct norm *n, size_t image, size_t k, size_t pixels) {
    const size_t channel = k * n->kernels->lanes, block = n->shape.block;
    return (image * n->channels + channel / block * block) * pixels + channel % block;
}

static const void *at(const struct norm *n, const void *base, size_t element) {
    return n->shape.bf16 ? (const void *)((const uint16_t *)base + element)
                         : (const void *)((const float *)base + element);
}

static size_t pixels_in(const struct norm *n) {
    return n->shape.height * n->shape.width;
}

/* The strip of y or dy, and its place in the choices. */
static const void *out_at(const struct norm *n, const void *y, size_t image, size_t k, size_t *place) {
    const struct norm_shape *s = &n->shape;
    *place = 0;
    if (s->pool == NORM_AVERAGE_POOL)
        return (const float *)y + image * s->channels + k * n->kernels->lanes;
    const size_t pixels = s->pool == NORM_MAX_POOL ? (s->height / 2) * (s->width / 2) : pixels_in(n);
    *place = strip_at(n, image, k, pixels);
    return at(n, y, *place);
}

/* The taken values come first, then the index. */
static struct choice choice_at(const struct norm *n, const void *choice, size_t place) {
    if (n->shape.pool != NORM_MAX_POOL)
        return (struct choice){NULL, NULL};
    return (struct choice){(uint8_t *)(uintptr_t)at(n, choice, windows(&n->shape)) + place,
                           (void *)(uintptr_t)at(n, choice, place)};
}

static struct strip strip_of(const struct norm *n, size_t k) {
    const struct norm_shape *s = &n->shape;
    const size_t first = k * n->kernels->lanes, left = first < s->channels ? s->channels - first : 0;
    return (struct strip){.height = s->height,
                          .width = s->width,
                          .pitch = s->block,
                          .valid = left < n->kernels->lanes ? left : n->kernels->lanes,
                          .bf16 = s->bf16,
                          .pool = s->pool};
}

static struct affine affine_of(const struct norm *n, size_t k) {
    const size_t c = k * n->kernels->lanes;
    return (struct affine){n->centre + c, n->scale + c, n->bias + c, n->g_mean + c, n->slope + c};
}

/* ---- sums over the batch ---- */

/* Part p holds the images first ... end-1. */
static size_t part_begin(const struct norm *n, size_t p) {
    return p * n->shape.batch / n->parts;
}

static double *sums_of(const struct norm *n, size_t which, size_t part) {
    return n->sums + (which * n->parts + part) * n->channels;
}

static void statistics(struct norm *n, const void *x) {
    const size_t lanes = n->kernels->lanes;
#pragma omp parallel for schedule(static)
    for (size_t item = 0; item < n->parts * n->strips; item++) {
        const size_t part = item / n->strips, k = item % n->strips;
        const struct strip s = strip_of(n, k);
        double count = 0;
        const struct moments m = {sums_of(n, 0, part) + k * lanes, sums_of(n, 1, part) + k * lanes, &count};
        memset(m.mean, 0, lanes * sizeof *m.mean);
        memset(m.square, 0, lanes * sizeof *m.square);
        for (size_t i = part_begin(n, part); i < part_begin(n, part + 1); i++)
            n->kernels->statistics(&s, at(n, x, strip_at(n, i, k, pixels_in(n))), m);
    }
    double *const mean = n->total, *const square = n->total + n->channels, count = 0;
    memset(n->total, 0, 2 * n->channels * sizeof *n->total);
    for (size_t part = 0; part < n->parts; part++) {
        const double more = (double)((part_begin(n, part + 1) - part_begin(n, part)) * pixels_in(n));
        const double *const part_mean = sums_of(n, 0, part), *const part_square = sums_of(n, 1, part);
        const double share = more / (count + more);
        for (size_t c = 0; c < n->channels; c++) {
            const double away = part_mean[c] - mean[c];
            mean[c] += away * share;
            square[c] += part_square[c] + away * away * count * share;
        }
        count += more;
    }
    for (size_t c = 0; c < n->channels; c++) {
        n->mean[c] = (float)mean[c];
        n->variance[c] = (float)(square[c] / count);
    }
}

/* total[0] = sum g,  total[1] = sum g (x - mean) */
static void gradient_sums(struct norm *n, const void *x, const void *dy, const void *choice) {
    const size_t lanes = n->kernels->lanes;
#pragma omp parallel for schedule(static)
    for (size_t item = 0; item < n->parts * n->strips; item++) {
        const size_t part = item / n->strips, k = item % n->strips;
        const struct strip s = strip_of(n, k);
        const struct affine a = affine_of(n, k);
        double *const g = sums_of(n, 0, part) + k * lanes, *const gx = sums_of(n, 1, part) + k * lanes;
        memset(g, 0, lanes * sizeof *g);
        memset(gx, 0, lanes * sizeof *gx);
        for (size_t i = part_begin(n, part); i < part_begin(n, part + 1); i++) {
            size_t place;
            const void *from = out_at(n, dy, i, k, &place);
            n->kernels->sums(&s, &a, at(n, x, strip_at(n, i, k, pixels_in(n))), from,
                             choice_at(n, choice, place), g, gx);
        }
    }
    memset(n->total, 0, 2 * n->channels * sizeof *n->total);
    for (size_t which = 0; which < 2; which++)
        for (size_t part = 0; part < n->parts; part++)
            for (size_t c = 0; c < n->channels; c++)
                n->total[which * n->channels + c] += sums_of(n, which, part)[c];
}

/* ---- the passes ---- */

static double sigma_of(float variance) {
    return sqrt((double)variance + EPSILON);
}

void norm_forward(struct norm *n, const float *gain_bias, const float *running_mean,
                  const float *running_variance, const void *x, void *y, void *choice) {
    const bool running = running_mean != NULL;
    if (!running)
        statistics(n, x);
    for (size_t c = 0; c < n->shape.channels; c++) { /* of the channels that are only padding all stays 0 */
        n->centre[c] = running ? running_mean[c] : n->mean[c];
        n->scale[c] =
            (float)((double)gain_bias[c] / sigma_of(running ? running_variance[c] : n->variance[c]));
        n->bias[c] = gain_bias[n->shape.channels + c];
    }
#pragma omp parallel for schedule(static)
    for (size_t item = 0; item < n->shape.batch * n->strips; item++) {
        const size_t image = item / n->strips, k = item % n->strips;
        const struct strip s = strip_of(n, k);
        const struct affine a = affine_of(n, k);
        size_t place;
        void *to = (void *)(uintptr_t)out_at(n, y, image, k, &place);
        n->kernels->apply(&s, &a, at(n, x, strip_at(n, image, k, pixels_in(n))), to,
                          choice_at(n, choice, place));
    }
}

void norm_backward(struct norm *n, const void *x, const void *dy, const void *choice,
                   float *gain_bias_gradient, void *dx) {
    const double count = (double)(n->shape.batch * pixels_in(n));
    gradient_sums(n, x, dy, choice);
    for (size_t c = 0; c < n->shape.channels; c++) {
        const double sigma = sigma_of(n->variance[c]);
        const double dbias = n->total[c], dgain = n->total[n->channels + c] / sigma;
        gain_bias_gradient[c] = (float)dgain;
        gain_bias_gradient[n->shape.channels + c] = (float)dbias;
        n->g_mean[c] = (float)(dbias / count);
        n->slope[c] = (float)(dgain / sigma / count);
    }
    if (dx == NULL)
        return;
#pragma omp parallel for schedule(static)
    for (size_t item = 0; item < n->shape.batch * n->strips; item++) {
        const size_t image = item / n->strips, k = item % n->strips;
        const struct strip s = strip_of(n, k);
        const struct affine a = affine_of(n, k);
        const size_t from = strip_at(n, image, k, pixels_in(n));
        size_t place;
        const void *gradient = out_at(n, dy, image, k, &place);
        n->kernels->back(&s, &a, at(n, x, from), gradient, choice_at(n, choice, place),
                         (void *)(uintptr_t)at(n, dx, from));
    }
}
