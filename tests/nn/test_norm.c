/* Batch norm with ReLU and pooling, in every layout and both precisions, against the plain loops in double. */
#include "nn/norm.h"
#include "support_compare.h"
#include "support_reference.h"

#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double MARGIN = 1e-4, TOLERANCE = 1e-5,
                    BF16_TOLERANCE = 4e-3; /* half a unit in the last place */

/* ---- layouts and bf16 ---- */

static size_t padded(const struct norm_shape *s) {
    return (s->channels + s->block - 1) / s->block * s->block;
}

/* Where element i of (batch, channels, pixels) lies. */
static size_t place(const struct norm_shape *s, size_t pixels, size_t i) {
    const size_t pixel = i % pixels, c = i / pixels % s->channels, n = i / pixels / s->channels;
    return ((n * padded(s) / s->block + c / s->block) * pixels + pixel) * s->block + c % s->block;
}

/* The float cut to a bf16. */
static double cut(double value) {
    const float f = (float)value;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    bits &= 0xffff0000u;
    float out;
    memcpy(&out, &bits, sizeof out);
    return (double)out;
}

static void put(const struct norm_shape *s, void *to, size_t at, double value) {
    const float f = (float)value;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    if (s->bf16)
        ((uint16_t *)to)[at] = (uint16_t)(bits >> 16);
    else
        ((float *)to)[at] = f;
}

static float get(const struct norm_shape *s, const void *from, size_t at) {
    if (!s->bf16)
        return ((const float *)from)[at];
    const uint32_t bits = (uint32_t)((const uint16_t *)from)[at] << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* (batch, channels, pixels) into the layout of s. */
static void *packed(const struct norm_shape *s, size_t pixels, const double *values) {
    void *to = calloc(s->batch * padded(s) * pixels, sizeof(float));
    assert_non_null(to);
    for (size_t i = 0; i < s->batch * s->channels * pixels; i++)
        put(s, to, place(s, pixels, i), values[i]);
    return to;
}

static void check_packed(const char *what, const struct norm_shape *s, size_t pixels, const void *given,
                         const double *wanted, double tolerance) {
    const size_t count = s->batch * s->channels * pixels;
    float *plain = calloc(count, sizeof *plain);
    assert_non_null(plain);
    for (size_t i = 0; i < count; i++)
        plain[i] = get(s, given, place(s, pixels, i));
    assert_close(what, plain, wanted, count, tolerance);
    for (size_t n = 0; n < s->batch; n++) /* channels that only fill a block stay 0 */
        for (size_t c = s->channels; c < padded(s); c++)
            for (size_t p = 0; p < pixels; p++)
                assert_true(get(s, given,
                                ((n * padded(s) / s->block + c / s->block) * pixels + p) * s->block +
                                    c % s->block) == 0);
    free(plain);
}

/* ---- against the reference ---- */

struct problem {
    struct norm_shape s;
    size_t pixels, out_pixels; /* a channel */
    struct ref_net *net;
    double *params, *x, *dy, *running;
};

static struct problem problem_new(struct norm_shape s) {
    const struct ref_layer layers[] = {{REF_NORM_RELU, 0},
                                       {s.pool == NORM_MAX_POOL ? REF_MAX_POOL : REF_AVERAGE_POOL, 0}};
    struct problem p = {.s = s, .pixels = s.height * s.width};
    p.net = ref_create(layers, s.pool == NORM_NO_POOL ? 1 : 2,
                       (const size_t[]){s.batch, s.channels, s.height, s.width});
    p.out_pixels = ref_outputs(p.net) / s.batch / s.channels;
    for (uint64_t attempt = 0;; attempt++) { /* until no ReLU and no window is near its kink */
        assert_true(attempt < 500);
        struct rng r = rng_stream(4, RNG_TEST, ref_inputs(p.net), attempt);
        p.params = random_doubles(&r, 2 * s.channels, 1);
        p.running = random_doubles(&r, 2 * s.channels, 1);
        p.x = random_doubles(&r, ref_inputs(p.net), 1);
        p.dy = random_doubles(&r, ref_outputs(p.net), 1);
        for (size_t i = 0; i < ref_inputs(p.net); i++)
            p.x[i] = cut(p.x[i] + 3);
        for (size_t i = 0; i < ref_outputs(p.net); i++)
            p.dy[i] = cut(p.dy[i]);
        for (size_t i = s.channels; i < 2 * s.channels; i++)
            p.running[i] = (double)(float)(0.2 + p.running[i] * p.running[i]);
        ref_forward(p.net, p.params, NULL, p.x);
        if (ref_margin(p.net) > MARGIN)
            return p;
        free(p.params), free(p.running), free(p.x), free(p.dy);
    }
}

static void problem_free(struct problem *p) {
    ref_destroy(p->net);
    free(p->params), free(p->running), free(p->x), free(p->dy);
}

static void check_y(const struct problem *p, const void *y, const double *wanted) {
    const double tolerance = p->s.bf16 ? BF16_TOLERANCE : TOLERANCE;
    if (p->s.pool == NORM_AVERAGE_POOL) /* plain floats */
        assert_close("y", y, wanted, p->s.batch * p->s.channels, TOLERANCE);
    else
        check_packed("y", &p->s, p->out_pixels, y, wanted, tolerance);
}

static void check(struct norm_shape s) {
    struct problem p = problem_new(s);
    const size_t c = s.channels, outputs = s.batch * padded(&s) * p.out_pixels;
    struct norm *norm;
    assert_int_equal(norm_create(&s, &norm, NULL), TRM_OK);
    float *params = to_float(p.params, 2 * c), *running = to_float(p.running, 2 * c);
    float *gradient = nan_floats(2 * c);
    void *x = packed(&s, p.pixels, p.x), *y = nan_floats(outputs), *dx = packed(&s, p.pixels, p.x);
    void *dy =
        s.pool == NORM_AVERAGE_POOL ? (void *)to_float(p.dy, s.batch * c) : packed(&s, p.out_pixels, p.dy);
    void *choice = calloc(norm_choice_bytes(&s) + 1, 1);
    assert_non_null(choice);
    double *wanted = calloc(2 * c, sizeof *wanted), *wanted_dx = calloc(ref_inputs(p.net), sizeof *wanted);
    assert_true(wanted != NULL && wanted_dx != NULL);

    norm_forward(norm, params, running, running + c, x, y, choice);
    check_y(&p, y, ref_forward(p.net, p.params, p.running, p.x));
    norm_forward(norm, params, NULL, NULL, x, y, choice);
    check_y(&p, y, ref_forward(p.net, p.params, NULL, p.x));
    assert_close("mean", norm_mean(norm), ref_batch_statistics(p.net), c, TOLERANCE);
    assert_close("variance", norm_variance(norm), ref_batch_statistics(p.net) + c, c, TOLERANCE);

    ref_backward(p.net, p.params, p.x, p.dy, wanted, wanted_dx);
    norm_backward(norm, x, dy, choice, gradient, NULL);
    assert_close("gradient without dx", gradient, wanted, 2 * c, TOLERANCE);
    norm_backward(norm, x, dy, choice, gradient, dx);
    assert_close("gradient", gradient, wanted, 2 * c, TOLERANCE);
    check_packed("dx", &s, p.pixels, dx, wanted_dx, s.bf16 ? BF16_TOLERANCE : TOLERANCE);
    if (s.pool == NORM_NO_POOL) { /* in place */
        norm_backward(norm, x, dy, choice, gradient, dy);
        check_packed("dx in the place of dy", &s, p.pixels, dy, wanted_dx,
                     s.bf16 ? BF16_TOLERANCE : TOLERANCE);
    }
    norm_destroy(norm);
    problem_free(&p);
    free(params), free(running), free(gradient), free(x), free(y), free(dx), free(dy), free(choice);
    free(wanted), free(wanted_dx);
}

static void check_all(enum norm_pool pool) {
    static const struct {
        size_t channels, block;
    } layouts[] = {{5, 1}, {5, 8}, {11, 8}, {16, 16}, {21, 16}, {3, 3}, {8, 8}, {32, 32}, {24, 24}};
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        for (int bf16 = 0; bf16 < 2; bf16++) {
            check((struct norm_shape){2, layouts[i].channels, 4, 6, layouts[i].block, bf16, pool});
            check((struct norm_shape){3, layouts[i].channels, 5, 3, layouts[i].block, bf16, pool});
        }
    check((struct norm_shape){70, 1, 2, 2, 1, false, pool});   /* more images than parts */
    check((struct norm_shape){1, 2, 18, 19, 16, false, pool}); /* more pixels than a chunk */
}

static void alone(void **state) {
    (void)state;
    check_all(NORM_NO_POOL);
}

static void maximum(void **state) {
    (void)state;
    check_all(NORM_MAX_POOL);
}

static void average(void **state) {
    (void)state;
    check_all(NORM_AVERAGE_POOL);
}

/* ---- threads, and values that are not finite ---- */

static void threads(void **state) {
    (void)state;
    const struct norm_shape s = {9, 32, 6, 6, 16, false, NORM_MAX_POOL};
    const size_t inputs = 9 * 32 * 36, outputs = 9 * 32 * 9;
    struct rng r = rng_stream(6, RNG_TEST, 0, 0);
    double *x64 = random_doubles(&r, inputs, 1), *dy64 = random_doubles(&r, outputs, 1);
    double *params64 = random_doubles(&r, 64, 1);
    float *x = to_float(x64, inputs), *dy = to_float(dy64, outputs), *params = to_float(params64, 64);
    float *y[2], *dx[2], gradient[2][64];
    void *choice = calloc(norm_choice_bytes(&s), 1);
    assert_non_null(choice);
    const int before = omp_get_max_threads();
    for (int i = 0; i < 2; i++) {
        struct norm *norm;
        omp_set_num_threads(i == 0 ? 1 : 3);
        assert_int_equal(norm_create(&s, &norm, NULL), TRM_OK);
        y[i] = nan_floats(outputs), dx[i] = nan_floats(inputs);
        norm_forward(norm, params, NULL, NULL, x, y[i], choice);
        norm_backward(norm, x, dy, choice, gradient[i], dx[i]);
        norm_destroy(norm);
    }
    omp_set_num_threads(before);
    assert_memory_equal(y[0], y[1], outputs * sizeof(float));
    assert_memory_equal(dx[0], dx[1], inputs * sizeof(float));
    assert_memory_equal(gradient[0], gradient[1], sizeof gradient[0]);
    for (int i = 0; i < 2; i++)
        free(y[i]), free(dx[i]);
    free(x64), free(dy64), free(params64), free(x), free(dy), free(params), free(choice);
}

static void not_finite(void **state) {
    (void)state;
    for (int bf16 = 0; bf16 < 2; bf16++) {
        const struct norm_shape s = {1, 1, 2, 2, 1, bf16, NORM_NO_POOL};
        const double values[] = {1, (double)NAN, 2, 3};
        const float params[] = {1, 0};
        void *x = packed(&s, 4, values), *y = packed(&s, 4, values);
        struct norm *norm;
        assert_int_equal(norm_create(&s, &norm, NULL), TRM_OK);
        norm_forward(norm, params, NULL, NULL, x, y, NULL);
        assert_true(norm_mean(norm)[0] != norm_mean(norm)[0]);
        float gradient[2];
        norm_backward(norm, x, x, NULL, gradient, y);
        assert_true(get(&s, y, 0) != get(&s, y, 0)); /* and rounding to bf16 makes no number of it */
        norm_destroy(norm);
        norm_destroy(NULL);
        free(x), free(y);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(alone), cmocka_unit_test(maximum),
                                       cmocka_unit_test(average), cmocka_unit_test(threads),
                                       cmocka_unit_test(not_finite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
