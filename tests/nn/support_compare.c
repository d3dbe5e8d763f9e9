#include "support_compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void *allocate(size_t count, size_t size) {
    void *p = calloc(count > 0 ? count : 1, size);
    if (p == NULL)
        abort();
    return p;
}

double *random_doubles(struct rng *r, size_t count, double scale) {
    double *p = allocate(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (double)(float)(scale * rng_normal(r));
    return p;
}

float *to_float(const double *values, size_t count) {
    float *p = allocate(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (float)values[i];
    return p;
}

float *nan_floats(size_t count) {
    float *p = allocate(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = NAN;
    return p;
}

int32_t *random_labels(struct rng *r, size_t count, size_t classes) {
    int32_t *p = allocate(count, sizeof *p);
    for (size_t i = 0; i < count; i++)
        p[i] = (int32_t)rng_below(r, (uint32_t)classes);
    return p;
}

static double largest(const double *b, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(b[i]));
    return most;
}

static void check(const char *what, size_t i, double a, double b, double bound) {
    if (!(fabs(a - b) <= bound)) /* also where it is NaN */
        fail_msg("%s[%zu] is %.9g, should be %.9g within %.2g", what, i, a, b, bound);
}

void assert_close(const char *what, const float *a, const double *b, size_t count, double tolerance) {
    const double bound = tolerance * largest(b, count);
    for (size_t i = 0; i < count; i++)
        check(what, i, (double)a[i], b[i], bound);
}

void assert_close_double(const char *what, const double *a, const double *b, size_t count, double tolerance) {
    const double bound = tolerance * largest(b, count);
    for (size_t i = 0; i < count; i++)
        check(what, i, a[i], b[i], bound);
}

struct nn_model *support_model(const char *name, double width, size_t batch, uint64_t seed) {
    return support_model_of(NN_CIFAR10, name, width, batch, seed);
}

struct nn_model *support_model_of(struct nn_images images, const char *name, double width, size_t batch,
                                  uint64_t seed) {
    struct nn_model *model;
    struct trm_error error = {0};
    if (nn_model_create(name, width, batch, images, NN_F32, seed, &model, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return model;
}
