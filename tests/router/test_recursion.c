/* The network's source compiled in double: its gradients against finite differences, with every cycle
   supervised and with the last alone; y and z from before a cycle are constants in both. */
#define TRM_RECURSION_DOUBLE
#include "router/recursion.c" /* in double; the library has it in float */

#include "support/dynamics.h"

#include <math.h>

enum { ROWS = 3, CYCLES = 3, ARMS = 5 };

struct fixture {
    struct trm_router_config shape;
    struct recursion_net net;
    struct recursion work;
    double *parameters, *gradient, *y0, *z0;
    double *entry_y[CYCLES], *entry_z[CYCLES]; /* states at the beginning of each cycle */
    double features[ROWS * TRM_FEATURE_COUNT];
};

static uint32_t bits = 1;

static double noise(void) {
    bits = bits * 1664525u + 1013904223u;
    return (double)(bits >> 8) / 8388608.0 - 1.0;
}

static void fill(double *a, size_t count, double size) {
    for (size_t i = 0; i < count; i++)
        a[i] = size * noise();
}

static void set_up(struct fixture *f, size_t width, size_t hidden, size_t inner) {
    *f = (struct fixture){.shape = {TRM_FEATURE_COUNT, width, hidden, 2, inner, CYCLES, ARMS}};
    f->net = (struct recursion_net){.shape = f->shape, .at = recursion_double_offsets(&f->shape)};
    const size_t count = f->net.at.count, state = ROWS * width;
    f->parameters = calloc(2 * count + 2 * width + 2 * CYCLES * state, sizeof(double));
    assert_non_null(f->parameters);
    f->gradient = f->parameters + count;
    f->y0 = f->gradient + count, f->z0 = f->y0 + width;
    for (size_t c = 0; c < CYCLES; c++) {
        f->entry_y[c] = f->z0 + width + 2 * c * state;
        f->entry_z[c] = f->entry_y[c] + state;
    }
    fill(f->parameters, count, sqrt(3.0 / (double)width));
    fill(f->y0, 2 * width, 1.0);
    fill(f->features, ROWS * TRM_FEATURE_COUNT, 1.5);
    f->net.parameters = f->parameters, f->net.y0 = f->y0, f->net.z0 = f->z0;
    assert_true(recursion_double_create(&f->work, &f->shape, ROWS, true));
    memcpy(f->work.features, f->features, sizeof f->features);
}

static void tear_down(struct fixture *f) {
    recursion_double_destroy(&f->work);
    free(f->parameters);
}

/* A loss with curvature, of one cycle's logits and halting logits, and its gradients. */
static double loss_of(const struct recursion *r, double *dlogits, double *dhalt) {
    double loss = 0.0;
    for (size_t i = 0; i < ROWS * ARMS; i++) {
        const double w = sin(1.0 + (double)i);
        loss += w * r->logits[i] + 0.5 * r->logits[i] * r->logits[i];
        if (dlogits != NULL)
            dlogits[i] = w + r->logits[i];
    }
    for (size_t i = 0; i < ROWS * 2; i++) {
        loss += log1p(exp(r->halt[i]));
        if (dhalt != NULL)
            dhalt[i] = 1.0 / (1.0 + exp(-r->halt[i]));
    }
    return loss;
}

/* The gradient by hand; the state at the beginning of each cycle is kept. */
static void by_hand(struct fixture *f, bool deep) {
    double dlogits[ROWS * ARMS], dhalt[ROWS * 2];
    const size_t state = ROWS * f->shape.width * sizeof(double);
    memset(f->gradient, 0, f->net.at.count * sizeof(double));
    recursion_double_start(&f->work, &f->net, ROWS);
    for (size_t c = 0; c < CYCLES; c++) {
        memcpy(f->entry_y[c], f->work.y, state);
        memcpy(f->entry_z[c], f->work.z, state);
        recursion_double_cycle(&f->work, &f->net);
        if (!deep && c + 1 < CYCLES)
            continue;
        loss_of(&f->work, dlogits, dhalt);
        recursion_double_cycle_back(&f->work, &f->net, dlogits, dhalt, f->gradient);
    }
    recursion_double_finish_back(&f->work, &f->net, f->gradient);
}

/* The loss with the states at the beginning of the cycles held where they were. */
static double detached_loss(struct fixture *f, bool deep) {
    const size_t state = ROWS * f->shape.width * sizeof(double);
    double loss = 0.0;
    recursion_double_start(&f->work, &f->net, ROWS);
    for (size_t c = deep ? 0 : CYCLES - 1; c < CYCLES; c++) {
        memcpy(f->work.y, f->entry_y[c], state);
        memcpy(f->work.z, f->entry_z[c], state);
        recursion_double_cycle(&f->work, &f->net);
        loss += loss_of(&f->work, NULL, NULL);
    }
    return loss;
}

/* Difference quotient of fourth order in one parameter. */
static double quotient(struct fixture *f, bool deep, size_t i) {
    const double at = f->parameters[i], h = 1e-3;
    double value[4];
    const double step[4] = {-2.0, -1.0, 1.0, 2.0};
    for (size_t k = 0; k < 4; k++) {
        f->parameters[i] = at + step[k] * h;
        value[k] = detached_loss(f, deep);
    }
    f->parameters[i] = at;
    return (value[0] - 8.0 * value[1] + 8.0 * value[2] - value[3]) / (12.0 * h);
}

static void compare(size_t width, size_t hidden, size_t inner, bool deep, size_t stride) {
    struct fixture f;
    set_up(&f, width, hidden, inner);
    by_hand(&f, deep);
    double scale = 0.0, worst = 0.0;
    for (size_t i = 0; i < f.net.at.count; i++)
        scale = fmax(scale, fabs(f.gradient[i]));
    for (size_t i = 0; i < f.net.at.count; i += stride) {
        const double expected = quotient(&f, deep, i);
        worst = fmax(worst, fabs(f.gradient[i] - expected) / fmax(fabs(expected), 1e-2 * scale));
    }
    if (worst > 1e-6)
        fail_msg("width %zu, hidden %zu, n %zu, deep %d: gradient off by %g", width, hidden, inner, deep,
                 worst);
    tear_down(&f);
}

static void test_gradient_deep(void **state) {
    (void)state;
    compare(6, 10, 2, true, 1);
    compare(17, 21, 1, true, 7); /* rows of the loops that are no multiple of their lanes */
    compare(32, 24, 6, true, 31);
}

static void test_gradient_last_cycle_alone(void **state) {
    (void)state;
    compare(6, 10, 2, false, 1);
    compare(32, 24, 6, false, 31);
}

/* With one cycle there is nothing to detach: the whole loss, states from the start, has this gradient too. With
   three, the loss that also moves through earlier cycles has another one. */
static void test_detachment_matters(void **state) {
    (void)state;
    struct fixture f;
    const double h = 1e-5;
    double value[2], differs = 0.0;
    set_up(&f, 6, 10, 2);
    by_hand(&f, false);
    for (size_t i = 0; i < f.net.at.count; i++) {
        const double at = f.parameters[i];
        for (int k = 0; k < 2; k++) {
            f.parameters[i] = at + (k == 0 ? -h : h);
            recursion_double_start(&f.work, &f.net, ROWS);
            for (size_t c = 0; c < CYCLES; c++)
                recursion_double_cycle(&f.work, &f.net);
            value[k] = loss_of(&f.work, NULL, NULL);
        }
        f.parameters[i] = at;
        differs = fmax(differs, fabs((value[1] - value[0]) / (2.0 * h) - f.gradient[i]));
    }
    assert_true(differs > 1e-2);
    tear_down(&f);
}

/* The rows of a batch do not know one another, and keeping nothing for the way back changes nothing. */
static void test_rows_alone(void **state) {
    (void)state;
    struct fixture f;
    struct recursion one;
    set_up(&f, 17, 21, 3);
    assert_true(recursion_double_create(&one, &f.shape, 1, false));
    recursion_double_start(&f.work, &f.net, ROWS);
    for (size_t c = 0; c < CYCLES; c++)
        recursion_double_cycle(&f.work, &f.net);
    for (size_t row = 0; row < ROWS; row++) {
        memcpy(one.features, f.features + row * TRM_FEATURE_COUNT, TRM_FEATURE_COUNT * sizeof(double));
        recursion_double_start(&one, &f.net, 1);
        for (size_t c = 0; c < CYCLES; c++)
            recursion_double_cycle(&one, &f.net);
        for (size_t i = 0; i < ARMS; i++)
            assert_true(fabs(one.logits[i] - f.work.logits[row * ARMS + i]) < 1e-12);
    }
    recursion_double_destroy(&one);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_deep),
        cmocka_unit_test(test_gradient_last_cycle_alone),
        cmocka_unit_test(test_detachment_matters),
        cmocka_unit_test(test_rows_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
