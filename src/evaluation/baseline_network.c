#include "evaluation/baseline_network.h"

#include "base/statistics.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

enum { IN = TRM_FEATURE_COUNT };
static const float EPSILON = 1e-5f;

size_t baseline_shape_parameters(const struct baseline_shape *s) {
    return (IN + 1) * s->width + (s->layers - 2) * (s->width + 1) * s->width + (s->width + 1) * s->arms;
}

struct baseline_shape baseline_shape_for(size_t layers, size_t weights, size_t arms, bool residual) {
    struct baseline_shape s = {
        .width = 1, .layers = layers < 2 ? 2 : layers, .arms = arms, .residual = residual};
    while (s.width < 4096 && baseline_shape_parameters(&s) < weights)
        s.width++;
    const size_t above = baseline_shape_parameters(&s);
    s.width--;
    const size_t below = s.width > 0 ? baseline_shape_parameters(&s) : 0;
    if (s.width == 0 || above - weights < weights - below)
        s.width++;
    return s;
}

/* Where the weights of layer l begin; its bias follows them. */
static size_t offset(const struct network *n, size_t l) {
    const size_t w = n->shape.width;
    return l == 0 ? 0 : (IN + 1) * w + (l - 1) * (w + 1) * w;
}

static void initialise(struct network *n, struct rng *rng) {
    const size_t w = n->shape.width, last = n->shape.layers - 1;
    for (size_t l = 0; l <= last; l++) {
        const size_t in = l == 0 ? IN : w, out = l == last ? n->shape.arms : w;
        const double scale = sqrt((n->shape.residual || l == last ? 1.0 : 2.0) / (double)in);
        float *const weight = n->theta + offset(n, l);
        for (size_t i = 0; i < in * out; i++)
            weight[i] = (float)(scale * rng_normal(rng));
    }
}

enum trm_status network_create(struct network *n, const struct baseline_shape *shape, size_t batch,
                               uint64_t arms, struct rng *rng, struct trm_error *error) {
    *n = (struct network){.shape = *shape, .batch = batch, .arms = arms};
    n->count = baseline_shape_parameters(shape);
    const size_t inner = shape->layers - 1, rows = batch * shape->width;
    const size_t floats = 5 * n->count + 2 * inner * rows + inner * batch + 2 * rows + batch * shape->arms;
    float *const memory = calloc(floats, sizeof *memory);
    if (memory == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for a network of %zu parameters", n->count);
    n->memory = memory;
    float **const views[] = {&n->theta, &n->gradient, &n->first, &n->second,  &n->best,  &n->h,
                             &n->u,     &n->dh,       &n->du,    &n->inverse, &n->logits};
    const size_t sizes[] = {n->count,     n->count, n->count, n->count,      n->count,           inner * rows,
                            inner * rows, rows,     rows,     inner * batch, batch * shape->arms};
    float *at = memory;
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        *views[i] = at;
        at += sizes[i];
    }
    initialise(n, rng);
    return TRM_OK;
}

void network_destroy(struct network *network) {
    free(network->memory);
    *network = (struct network){.count = 0};
}

/* Products are cut into these many columns of the result, whatever the threads: inside a parallel region OpenBLAS
   takes one thread, so that the bits do not depend on how many there are. */
enum { CHUNK = 64 };

static size_t chunk_at(size_t begin, size_t end) {
    return end - begin < CHUNK ? end - begin : CHUNK;
}

/* y (rows, out) = x (rows, in) weight + bias */
static void affine(const float *x, size_t rows, size_t in, size_t out, const float *weight, float *y) {
    for (size_t r = 0; r < rows; r++)
        memcpy(y + r * out, weight + in * out, out * sizeof *y);
#pragma omp parallel for schedule(static)
    for (size_t c = 0; c < out; c += CHUNK)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (blasint)rows, (blasint)chunk_at(c, out),
                    (blasint)in, 1, x, (blasint)in, weight + c, (blasint)out, 1, y + c, (blasint)out);
}

static void relu(float *x, size_t count) {
    for (size_t i = 0; i < count; i++)
        x[i] = x[i] > 0 ? x[i] : 0;
}

/* next = rms(h + u) a row */
static void add_and_normalise(const float *h, const float *u, float *next, float *inverse, size_t rows,
                              size_t width) {
    for (size_t r = 0; r < rows; r++, h += width, u += width, next += width) {
        float square = 0;
        for (size_t j = 0; j < width; j++) {
            next[j] = h[j] + u[j];
            square += next[j] * next[j];
        }
        inverse[r] = 1 / sqrtf(square / (float)width + EPSILON);
        for (size_t j = 0; j < width; j++)
            next[j] *= inverse[r];
    }
}

void network_forward(struct network *n, const float *x, size_t rows) {
    const size_t w = n->shape.width, plane = n->batch * w, last = n->shape.layers - 1;
    affine(x, rows, IN, w, n->theta, n->h);
    if (!n->shape.residual)
        relu(n->h, rows * w);
    for (size_t l = 1; l < last; l++) {
        const float *const h = n->h + (l - 1) * plane;
        float *const u = n->u + l * plane, *const next = n->h + l * plane;
        affine(h, rows, w, w, n->theta + offset(n, l), u);
        relu(u, rows * w);
        if (n->shape.residual)
            add_and_normalise(h, u, next, n->inverse + l * n->batch, rows, w);
        else
            memcpy(next, u, rows * w * sizeof *next);
    }
    affine(n->h + (last - 1) * plane, rows, w, n->shape.arms, n->theta + offset(n, last), n->logits);
    for (size_t r = 0; r < rows; r++)
        statistics_softmax_float(n->shape.arms, n->logits + r * n->shape.arms, n->arms,
                                 n->logits + r * n->shape.arms, NULL);
}

/* gradient of weight and bias from x (rows, in) and dy (rows, out); dx (rows, in) (+)= dy weight', may be NULL */
static void affine_back(const struct network *n, size_t l, const float *x, const float *dy, size_t rows,
                        size_t in, size_t out, float *dx, bool add) {
    const float *const weight = n->theta + offset(n, l);
    float *const gradient = n->gradient + offset(n, l), *const bias = gradient + in * out;
#pragma omp parallel for schedule(static)
    for (size_t c = 0; c < out; c += CHUNK)
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (blasint)in, (blasint)chunk_at(c, out),
                    (blasint)rows, 1, x, (blasint)in, dy + c, (blasint)out, 0, gradient + c, (blasint)out);
    memset(bias, 0, out * sizeof *bias);
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < out; j++)
            bias[j] += dy[r * out + j];
    if (dx == NULL)
        return;
#pragma omp parallel for schedule(static)
    for (size_t c = 0; c < in; c += CHUNK)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)chunk_at(c, in),
                    (blasint)out, 1, dy, (blasint)out, weight + c * out, (blasint)out, add ? 1 : 0, dx + c,
                    (blasint)in);
}

/* d(h + u) from d rms(h + u), in place */
static void normalise_back(const float *y, const float *inverse, float *d, size_t rows, size_t width) {
    for (size_t r = 0; r < rows; r++, y += width, d += width) {
        float inner = 0;
        for (size_t j = 0; j < width; j++)
            inner += d[j] * y[j];
        inner /= (float)width;
        for (size_t j = 0; j < width; j++)
            d[j] = (d[j] - inner * y[j]) * inverse[r];
    }
}

static void through_relu(const float *u, const float *d, float *out, size_t count) {
    for (size_t i = 0; i < count; i++)
        out[i] = u[i] > 0 ? d[i] : 0;
}

double network_backward(struct network *n, const float *x, const int *label, size_t rows) {
    const size_t w = n->shape.width, plane = n->batch * w, last = n->shape.layers - 1, arms = n->shape.arms;
    double loss = 0;
    for (size_t r = 0; r < rows; r++) {
        loss -= log(fmax((double)n->logits[r * arms + (size_t)label[r]], 1e-30));
        n->logits[r * arms + (size_t)label[r]] -= 1;
    }
    for (size_t i = 0; i < rows * arms; i++)
        n->logits[i] /= (float)rows;
    affine_back(n, last, n->h + (last - 1) * plane, n->logits, rows, w, arms, n->dh, false);
    for (size_t l = last - 1; l > 0; l--) {
        if (n->shape.residual)
            normalise_back(n->h + l * plane, n->inverse + l * n->batch, n->dh, rows, w);
        through_relu(n->u + l * plane, n->dh, n->du, rows * w);
        affine_back(n, l, n->h + (l - 1) * plane, n->du, rows, w, w, n->dh, n->shape.residual);
    }
    if (!n->shape.residual)
        through_relu(n->h, n->dh, n->dh, rows * w);
    affine_back(n, 0, x, n->dh, rows, IN, w, NULL, false);
    return loss / (double)rows;
}
