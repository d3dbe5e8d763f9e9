/* Sizes, initial values, forward and decide, checkpoints. */
#include "support/dynamics.h"

#include "router/recursion.h"

#include "storage/file.h"
#include "storage/safetensors.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALL = (1u << TRM_ARMS) - 1, ROWS = 300 };

static struct trm_router *make(const char *size, uint64_t seed) {
    struct trm_router_config config;
    struct trm_router *router;
    assert_int_equal(trm_router_config_named(size, &config, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &config, seed, NULL), TRM_OK);
    return router;
}

static double feature(size_t i) {
    return 2.0 * sin(0.7 * (double)i + 0.01 * (double)(i * i % 1000));
}

static void test_sizes(void **state) {
    (void)state;
    const struct {
        const char *name;
        size_t count;
    } sizes[] = {{"tiny", 25218}, {"small", 99586}, {"base", 395778}};
    struct trm_router_config config;
    struct trm_error error;
    for (size_t i = 0; i < 3; i++) {
        struct trm_router *const router = make(sizes[i].name, 1);
        assert_int_equal(trm_router_parameter_count(router), sizes[i].count);
        assert_string_equal(trm_router_config_name(trm_router_configuration(router)), sizes[i].name);
        size_t sum = 0;
        for (size_t v = 0; v < trm_router_view_count(router); v++) {
            assert_int_equal(trm_router_view(router, v)->offset, sum);
            sum += trm_router_view(router, v)->count;
        }
        assert_int_equal(sum, sizes[i].count);
        trm_router_destroy(router);
    }
    assert_int_equal(trm_router_config_named("huge", &config, &error), TRM_NOT_FOUND);
    assert_non_null(strstr(error.text, "huge"));
    trm_router_destroy(NULL);
}

/* Deviation 1 / sqrt(fan in), nothing beyond the cut, biases 0, halting weight 0 and bias that of one chance in five. */
static void test_initial_values(void **state) {
    (void)state;
    struct trm_router *const router = make("small", 3), *const other = make("small", 4);
    const float *const p = trm_router_values(router);
    for (size_t i = 0; i < trm_router_view_count(router); i++) {
        const struct trm_router_view *const v = trm_router_view(router, i);
        double square = 0.0, largest = 0.0;
        for (size_t k = 0; k < v->count; k++) {
            const double x = (double)p[v->offset + k];
            square += x * x;
            largest = fmax(largest, fabs(x));
        }
        const double deviation = sqrt(square / (double)v->count);
        if (strcmp(v->name, "halt.bias") == 0)
            assert_true(p[v->offset] == -logf(4.0f) && p[v->offset + 1] == -logf(4.0f));
        else if (strcmp(v->name, "halt.weight") == 0 || v->rank == 1)
            assert_true(largest == 0.0);
        else {
            const double expected = 1.0 / sqrt((double)v->shape[0]);
            assert_true(fabs(deviation / expected - 1.0) < 0.1);
            assert_true(largest < 2.3 * expected);
        }
    }
    assert_memory_not_equal(p, trm_router_values(other), 400);
    trm_router_destroy(router);
    trm_router_destroy(other);
}

/* A batch on any number of threads, row by row, and by decide: the same choices. */
static void test_forward_and_decide_agree(void **state) {
    (void)state;
    struct trm_router *const router = make("tiny", 5);
    static double features[ROWS * TRM_FEATURE_COUNT];
    static float logits[ROWS * TRM_ARMS], again[ROWS * TRM_ARMS], all[3 * ROWS * TRM_ARMS],
        halt[3 * ROWS * 2];
    for (size_t i = 0; i < ROWS * TRM_FEATURE_COUNT; i++)
        features[i] = feature(i);
    assert_int_equal(trm_router_forward(router, features, ROWS, logits, all, halt, NULL), TRM_OK);
    omp_set_num_threads(1);
    assert_int_equal(trm_router_forward(router, features, ROWS, again, NULL, NULL, NULL), TRM_OK);
    omp_set_num_threads(3);
    assert_memory_equal(logits, again, sizeof logits);
    assert_int_equal(trm_router_forward(router, features, ROWS, again, NULL, NULL, NULL), TRM_OK);
    assert_memory_equal(logits, again, sizeof logits);
    assert_memory_equal(logits, all + 2 * ROWS * TRM_ARMS, sizeof logits);
    for (size_t i = 0; i < 3 * ROWS; i++)
        assert_true(fabsf(halt[2 * i] + logf(4.0f)) < 1e-6f);
    for (size_t row = 0; row < ROWS; row += 7) {
        struct trm_decision d;
        double sum = 0.0;
        assert_int_equal(trm_router_decide(router, features + row * TRM_FEATURE_COUNT, ALL, &d, NULL),
                         TRM_OK);
        assert_int_equal(d.cycles, 3);
        for (int i = 0; i < TRM_ARMS; i++) {
            const double ratio =
                (double)logits[row * TRM_ARMS + (size_t)i] - (double)logits[row * TRM_ARMS + (size_t)d.arm];
            assert_true(fabs(d.probability[i] / d.probability[d.arm] - exp(ratio)) < 1e-4);
            sum += d.probability[i];
        }
        assert_true(fabs(sum - 1.0) < 1e-12);
    }
    trm_router_destroy(router);
}

static void test_masks_and_halting(void **state) {
    (void)state;
    struct trm_router *const router = make("tiny", 6);
    struct trm_router_origin origin = *trm_router_origin(router);
    struct trm_decision d;
    struct trm_error error;
    double features[TRM_FEATURE_COUNT];
    for (size_t i = 0; i < TRM_FEATURE_COUNT; i++)
        features[i] = feature(i);
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        assert_int_equal(trm_router_decide(router, features, 1u << arm, &d, NULL), TRM_OK);
        assert_int_equal(d.arm, arm);
        assert_true(d.probability[arm] == 1.0);
    }
    origin.present = 1u << 1 | 1u << 4;
    trm_router_set_origin(router, &origin);
    assert_int_equal(trm_router_decide(router, features, ALL, &d, NULL), TRM_OK);
    assert_true(d.arm == 1 || d.arm == 4);
    assert_true(d.probability[0] == 0.0 && d.probability[1] + d.probability[4] > 1.0 - 1e-12);
    assert_int_equal(trm_router_decide(router, features, 1u << 2, &d, &error), TRM_INVALID);
    trm_router_set_halting(router, true);
    assert_int_equal(trm_router_decide(router, features, ALL, &d, NULL), TRM_OK);
    assert_int_equal(d.cycles, 3);
    const struct trm_router_view *const bias = trm_router_view(router, trm_router_view_count(router) - 1);
    trm_router_parameters(router)[bias->offset] = 1.0f;
    assert_int_equal(trm_router_decide(router, features, ALL, &d, NULL), TRM_OK);
    assert_int_equal(d.cycles, 1);
    features[3] = NAN;
    assert_int_equal(trm_router_decide(router, features, ALL, &d, &error), TRM_NOT_FINITE);
    assert_non_null(strstr(error.text, trm_feature_name((enum trm_feature)3)));
    trm_router_destroy(router);
}

/* A constant feature is not seen; one far away does not overflow. */
static void test_standardising(void **state) {
    (void)state;
    struct trm_router *const router = make("tiny", 7);
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT], features[TRM_FEATURE_COUNT] = {0};
    float out[TRM_FEATURE_COUNT], logits[TRM_ARMS];
    struct trm_error error;
    for (size_t i = 0; i < TRM_FEATURE_COUNT; i++)
        mean[i] = 3.0, std[i] = 2.0;
    std[4] = 1e-7, mean[5] = 1e9, std[5] = 100.0;
    assert_int_equal(trm_router_set_statistics(router, mean, std, NULL), TRM_OK);
    features[0] = 7.0, features[4] = 99.0, features[6] = 1e300, features[7] = -1e300;
    assert_int_equal(trm_router_standardise(router, features, 1, out, NULL), TRM_OK);
    assert_true(out[0] == 2.0f && out[4] == 0.0f && out[5] == 0.0f && out[6] == 1e4f && out[7] == -1e4f);
    assert_int_equal(trm_router_forward(router, features, 1, logits, NULL, NULL, NULL), TRM_OK);
    for (int i = 0; i < TRM_ARMS; i++)
        assert_true(isfinite(logits[i]));
    std[2] = -1.0;
    assert_int_equal(trm_router_set_statistics(router, mean, std, &error), TRM_INVALID);
    std[2] = INFINITY;
    assert_int_equal(trm_router_set_statistics(router, mean, std, &error), TRM_NOT_FINITE);
    trm_router_destroy(router);
}

/* e^x of the float network against the C library's. */
static void test_sigmoid(void **state) {
    (void)state;
    double worst = 0.0;
    for (int i = -8700; i <= 8700; i++) {
        const float a = (float)i * 0.01f;
        float found;
        recursion_sigmoid(&a, &found, 1);
        const double expected = 1.0 / (1.0 + exp(-(double)a));
        worst = fmax(worst, fabs((double)found / expected - 1.0));
    }
    assert_true(worst < 3e-7);
    const float far[] = {-1e30f, 1e30f};
    float found[2];
    recursion_sigmoid(far, found, 2);
    assert_true(found[0] >= 0.0f && found[0] < 1e-37f && found[1] == 1.0f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_initial_values),
        cmocka_unit_test(test_forward_and_decide_agree),
        cmocka_unit_test(test_masks_and_halting),
        cmocka_unit_test(test_standardising),
        cmocka_unit_test(test_sigmoid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
