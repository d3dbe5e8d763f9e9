/* The oracle itself: its gradients against central finite differences, away from the kinks. */
#include "support_compare.h"
#include "support_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const double STEP = 1e-5, MARGIN = 5e-4, TOLERANCE = 1e-6;

struct problem {
    struct ref_net *net;
    double *params, *x, *weights; /* objective: sum of weights * output, or cross-entropy where labels */
    int32_t *labels;
    size_t rows, classes;
};

static double objective(struct problem *p, double *gradient) {
    const double *y = ref_forward(p->net, p->params, NULL, p->x);
    if (p->labels != NULL)
        return ref_cross_entropy(p->rows, p->classes, y, p->labels, gradient);
    double sum = 0;
    for (size_t i = 0; i < ref_outputs(p->net); i++) {
        sum += p->weights[i] * y[i];
        if (gradient != NULL)
            gradient[i] = p->weights[i];
    }
    return sum;
}

static double *differences(struct problem *p, double *variable, size_t count) {
    double *d = calloc(count + 1, sizeof *d);
    assert_non_null(d);
    for (size_t i = 0; i < count; i++) {
        const double kept = variable[i];
        variable[i] = kept + STEP;
        const double above = objective(p, NULL);
        variable[i] = kept - STEP;
        d[i] = (above - objective(p, NULL)) / (2 * STEP);
        variable[i] = kept;
    }
    return d;
}

static void check_gradients(const struct ref_layer *layers, size_t count, const size_t input[4],
                            bool classify) {
    struct problem p = {.net = ref_create(layers, count, input), .rows = input[0]};
    const size_t params = ref_params(p.net), inputs = ref_inputs(p.net), outputs = ref_outputs(p.net);
    p.classes = outputs / p.rows;
    unsigned attempt = 0;
    do { /* until no ReLU and no window is near its kink */
        assert_true(attempt < 200);
        free(p.params), free(p.x), free(p.weights), free(p.labels);
        struct rng r = rng_stream(1, RNG_TEST, count, attempt++);
        p.params = random_doubles(&r, params, 0.5);
        p.x = random_doubles(&r, inputs, 1);
        p.weights = random_doubles(&r, outputs, 1);
        p.labels = classify ? random_labels(&r, p.rows, p.classes) : NULL;
        objective(&p, NULL);
    } while (ref_margin(p.net) < MARGIN);

    double *dy = calloc(outputs, sizeof *dy), *dparams = calloc(params + 1, sizeof *dparams);
    double *dx = calloc(inputs, sizeof *dx);
    assert_true(dy != NULL && dparams != NULL && dx != NULL);
    objective(&p, dy);
    ref_backward(p.net, p.params, p.x, dy, dparams, dx);
    double *wanted = differences(&p, p.params, params), *wanted_dx = differences(&p, p.x, inputs);
    assert_close_double("parameter gradient", dparams, wanted, params, TOLERANCE);
    assert_close_double("input gradient", dx, wanted_dx, inputs, TOLERANCE);

    ref_destroy(p.net);
    free(p.params), free(p.x), free(p.weights), free(p.labels);
    free(dy), free(dparams), free(dx), free(wanted), free(wanted_dx);
}

#define CHECK(input, classify, ...)                                                                          \
    check_gradients((const struct ref_layer[]){__VA_ARGS__},                                                 \
                    sizeof((const struct ref_layer[]){__VA_ARGS__}) / sizeof(struct ref_layer), input,       \
                    classify)

static void each_layer(void **state) {
    (void)state;
    CHECK(((const size_t[]){2, 3, 5, 4}), false, {REF_CONV, 4});
    CHECK(((const size_t[]){1, 2, 1, 1}), false, {REF_CONV, 3});
    CHECK(((const size_t[]){3, 2, 3, 3}), false, {REF_NORM_RELU, 0});
    CHECK(((const size_t[]){2, 2, 5, 6}), false, {REF_MAX_POOL, 0});
    CHECK(((const size_t[]){2, 3, 3, 4}), false, {REF_AVERAGE_POOL, 0});
    CHECK(((const size_t[]){3, 2, 2, 3}), false, {REF_LINEAR, 4});
    CHECK(((const size_t[]){3, 5, 1, 1}), false, {REF_LINEAR_BIAS, 4});
    CHECK(((const size_t[]){3, 5, 2, 1}), false, {REF_RELU, 0});
    CHECK(((const size_t[]){4, 7, 1, 1}), true, {REF_LINEAR_BIAS, 5});
}

static void small_cnn(void **state) {
    (void)state;
    CHECK(((const size_t[]){2, 3, 8, 8}), true, {REF_CONV, 2}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0},
          {REF_CONV, 4}, {REF_NORM_RELU, 0}, {REF_MAX_POOL, 0}, {REF_CONV, 5}, {REF_NORM_RELU, 0},
          {REF_AVERAGE_POOL, 0}, {REF_LINEAR_BIAS, 10});
}

static void mlp(void **state) {
    (void)state;
    CHECK(((const size_t[]){3, 3, 4, 4}), true, {REF_LINEAR, 9}, {REF_RELU, 0}, {REF_LINEAR, 6},
          {REF_RELU, 0}, {REF_LINEAR, 10});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_layer), cmocka_unit_test(small_cnn),
                                       cmocka_unit_test(mlp)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
