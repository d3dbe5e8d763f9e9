/* Each layer through the seam to oneDNN, against the plain loops in double. */
#include "nn/onednn.h"
#include "support_compare.h"
#include "support_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double MARGIN = 2e-5, TOLERANCE = 1e-4;

struct problem {
    const struct ref_layer *layers;
    size_t count, params, inputs, outputs, statistics;
    const size_t *input;
    struct ref_net *net;
    double *params64, *x64, *dy64, *running64; /* what oneDNN gets too, as floats */
    float *params32, *x32, *dy32, *running32;
    float *gradients, *y, *dx;
    struct onednn_chain *chain;
};

static void draw(struct problem *p) {
    for (uint64_t attempt = 0;; attempt++) {
        assert_true(attempt < 100);
        struct rng r = rng_stream(2, RNG_TEST, p->inputs, attempt);
        p->params64 = random_doubles(&r, p->params, 0.5);
        p->x64 = random_doubles(&r, p->inputs, 1);
        p->dy64 = random_doubles(&r, p->outputs, 1);
        p->running64 = random_doubles(&r, p->statistics, 1);
        for (size_t i = 0; i < p->statistics; i++) /* some are variances */
            p->running64[i] = (double)(float)(0.2 + p->running64[i] * p->running64[i]);
        ref_forward(p->net, p->params64, NULL, p->x64);
        if (ref_margin(p->net) > MARGIN)
            break;
        free(p->params64), free(p->x64), free(p->dy64), free(p->running64);
    }
    p->params32 = to_float(p->params64, p->params);
    p->x32 = to_float(p->x64, p->inputs);
    p->dy32 = to_float(p->dy64, p->outputs);
    p->running32 = to_float(p->running64, p->statistics);
}

static void make_chain(struct problem *p, bool input_gradient) {
    struct onednn_layer layers[ONEDNN_MAX_LAYERS] = {{0}};
    size_t channels = p->input[1], at = 0, statistic = 0, count = 0;
    for (size_t i = 0; i < p->count; i++) {
        const enum ref_kind kind = p->layers[i].kind;
        if (kind == REF_MAX_POOL || kind == REF_AVERAGE_POOL) { /* belongs to the norm before it */
            layers[count - 1].pool = kind == REF_MAX_POOL ? NORM_MAX_POOL : NORM_AVERAGE_POOL;
            continue;
        }
        struct onednn_layer *const layer = &layers[count++];
        layer->kind = kind == REF_CONV ? ONEDNN_CONV : ONEDNN_NORM_RELU;
        layer->outputs = p->layers[i].outputs;
        layer->weight = p->params32 + at;
        layer->weight_gradient = p->gradients + at;
        if (layer->kind == ONEDNN_CONV) {
            at += layer->outputs * channels * 9;
            channels = layer->outputs;
        } else {
            layer->running_mean = p->running32 + statistic;
            layer->running_variance = p->running32 + statistic + channels;
            statistic += 2 * channels;
            at += 2 * channels;
        }
    }
    struct trm_error error = {0};
    if (onednn_chain_create(layers, count, p->input, input_gradient, false, NULL, &p->chain, &error) !=
        TRM_OK)
        fail_msg("%s", error.text);
}

static void check_statistics(const struct problem *p) {
    const double *wanted = ref_batch_statistics(p->net);
    for (size_t i = 0, layer = 0, channels = p->input[1]; i < p->count; i++) {
        channels = p->layers[i].kind == REF_CONV ? p->layers[i].outputs : channels;
        layer += i > 0 && (p->layers[i].kind == REF_CONV || p->layers[i].kind == REF_NORM_RELU);
        if (p->layers[i].kind != REF_NORM_RELU)
            continue;
        const float *mean, *variance;
        size_t n;
        onednn_chain_statistics(p->chain, layer, &mean, &variance, &n);
        assert_close("mean", mean, wanted, channels, TOLERANCE);
        assert_close("variance", variance, wanted + channels, channels, TOLERANCE);
        wanted += 2 * channels;
    }
}

static void check_training(struct problem *p, bool input_gradient) {
    const double *y = ref_forward(p->net, p->params64, NULL, p->x64);
    assert_int_equal(onednn_chain_forward(p->chain, false, p->x32, p->y, NULL), TRM_OK);
    assert_close("output", p->y, y, p->outputs, TOLERANCE);
    check_statistics(p);

    double *gradients = calloc(p->params + 1, sizeof *gradients), *dx = calloc(p->inputs, sizeof *dx);
    assert_true(gradients != NULL && dx != NULL);
    ref_backward(p->net, p->params64, p->x64, p->dy64, gradients, dx);
    assert_int_equal(onednn_chain_backward(p->chain, p->x32, p->dy32, input_gradient ? p->dx : NULL, NULL),
                     TRM_OK);
    if (input_gradient)
        assert_close("input gradient", p->dx, dx, p->inputs, TOLERANCE);
    size_t channels = p->input[1], at = 0;
    for (size_t i = 0; i < p->count; i++) {
        size_t count = 0;
        if (p->layers[i].kind == REF_CONV) {
            count = p->layers[i].outputs * channels * 9;
            channels = p->layers[i].outputs;
        } else if (p->layers[i].kind == REF_NORM_RELU) {
            count = 2 * channels;
        }
        assert_close("parameter gradient", p->gradients + at, gradients + at, count, TOLERANCE);
        at += count;
    }
    free(gradients), free(dx);
}

static void check_evaluation(struct problem *p) {
    const double *y = ref_forward(p->net, p->params64, p->running64, p->x64);
    assert_int_equal(onednn_chain_forward(p->chain, true, p->x32, p->y, NULL), TRM_OK);
    assert_close("output in evaluation", p->y, y, p->outputs, TOLERANCE);
}

static void check_chain(const struct ref_layer *layers, size_t count, const size_t input[4],
                        bool input_gradient) {
    struct problem p = {
        .layers = layers, .count = count, .input = input, .net = ref_create(layers, count, input)};
    p.params = ref_params(p.net);
    p.inputs = ref_inputs(p.net);
    p.outputs = ref_outputs(p.net);
    p.statistics = ref_statistics(p.net);
    draw(&p);
    p.gradients = nan_floats(p.params);
    p.y = nan_floats(p.outputs);
    p.dx = nan_floats(p.inputs);
    make_chain(&p, input_gradient);
    check_training(&p, input_gradient);
    check_evaluation(&p);
    check_training(&p, input_gradient); /* nothing is left over from evaluation or from the first time */
    onednn_chain_destroy(p.chain);
    ref_destroy(p.net);
    free(p.params64), free(p.x64), free(p.dy64), free(p.running64);
    free(p.params32), free(p.x32), free(p.dy32), free(p.running32);
    free(p.gradients), free(p.y), free(p.dx);
}

#define CHECK(b, c, h, w, gradient, ...)                                                                     \
    check_chain((const struct ref_layer[]){__VA_ARGS__},                                                     \
                sizeof((const struct ref_layer[]){__VA_ARGS__}) / sizeof(struct ref_layer),                  \
                (const size_t[]){b, c, h, w}, gradient)

static void convolution(void **state) {
    (void)state;
    CHECK(2, 3, 8, 8, true, {REF_CONV, 5});
    CHECK(1, 5, 7, 9, true, {REF_CONV, 17});
    CHECK(3, 16, 6, 5, true, {REF_CONV, 32});
    CHECK(5, 1, 4, 4, true, {REF_CONV, 1});
    CHECK(3, 3, 9, 7, false, {REF_CONV, 32});
    CHECK(2, 3, 6, 6, true, {REF_CONV, 6}, {REF_CONV, 19});
}

/* Channels enough for Winograd, where the machine has it. */
static void wide_convolution(void **state) {
    (void)state;
    CHECK(2, 32, 8, 8, true, {REF_CONV, 64});
    CHECK(1, 33, 9, 6, true, {REF_CONV, 40});
    CHECK(4, 64, 5, 5, true, {REF_CONV, 48});
    CHECK(3, 32, 8, 8, false, {REF_CONV, 32}, {REF_CONV, 64});
}

static void norm(void **state) {
    (void)state;
    CHECK(3, 5, 4, 3, true, {REF_NORM_RELU, 0});
    CHECK(2, 16, 5, 5, true, {REF_NORM_RELU, 0});
    CHECK(2, 3, 6, 7, true, {REF_CONV, 16}, {REF_NORM_RELU, 0});
    CHECK(3, 3, 5, 5, false, {REF_CONV, 21}, {REF_NORM_RELU, 0});
    CHECK(2, 4, 5, 5, true, {REF_CONV, 16}, {REF_NORM_RELU, 0}, {REF_CONV, 5}, {REF_NORM_RELU, 0});
    CHECK(2, 4, 5, 5, true, {REF_CONV, 16}, {REF_NORM_RELU, 0}, {REF_CONV, 5}, {REF_CONV, 6});
    CHECK(2, 16, 5, 5, true, {REF_NORM_RELU, 0}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0});
}

static void pooling(void **state) {
    (void)state;
    CHECK(2, 3, 6, 8, true, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0});
    CHECK(2, 17, 5, 7, true, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0});
    CHECK(3, 5, 4, 6, true, {REF_NORM_RELU, 0}, {REF_AVERAGE_POOL, 0});
    CHECK(2, 3, 7, 5, true, {REF_CONV, 19}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0});
    CHECK(2, 3, 4, 5, true, {REF_CONV, 16}, {REF_NORM_RELU, 0}, {REF_AVERAGE_POOL, 0});
    CHECK(2, 3, 4, 4, true, {REF_NORM_RELU, 0}, {REF_AVERAGE_POOL, 0}, {REF_CONV, 4});
}

static void together(void **state) {
    (void)state;
    CHECK(2, 3, 8, 8, true, {REF_CONV, 16}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0});
    CHECK(2, 3, 9, 11, true, {REF_CONV, 10}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0}, {REF_CONV, 18},
          {REF_NORM_RELU, 0}, {REF_AVERAGE_POOL, 0});
    CHECK(3, 3, 8, 8, false, {REF_CONV, 32}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0}, {REF_CONV, 48},
          {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0}, {REF_CONV, 33}, {REF_NORM_RELU, 0}, {REF_AVERAGE_POOL, 0});
}

static void refusals(void **state) {
    (void)state;
    const struct onednn_layer pool = {.kind = ONEDNN_NORM_RELU, .pool = NORM_MAX_POOL};
    struct onednn_chain *chain = (struct onednn_chain *)1;
    struct trm_error error = {0};
    assert_int_equal(
        onednn_chain_create(&pool, 1, (const size_t[]){1, 1, 1, 4}, false, false, NULL, &chain, &error),
        TRM_INVALID);
    assert_null(chain);
    assert_true(strlen(error.text) > 0);
    assert_int_equal(
        onednn_chain_create(&pool, 0, (const size_t[]){1, 1, 4, 4}, false, false, NULL, &chain, &error),
        TRM_INVALID);
    assert_int_equal(
        onednn_chain_create(&pool, 1, (const size_t[]){0, 1, 4, 4}, false, false, NULL, &chain, &error),
        TRM_INVALID);
    onednn_chain_destroy(NULL);
    assert_true(strlen(onednn_instruction_set()) > 0);
    assert_int_equal(strncmp(onednn_version(), "oneDNN ", 7), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolution), cmocka_unit_test(wide_convolution), cmocka_unit_test(norm),
        cmocka_unit_test(pooling),     cmocka_unit_test(together),         cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
