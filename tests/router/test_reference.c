/* The network in float, with the loss of training, against PyTorch's numbers (data/router_reference.py). */
#include "support/dynamics.h"

#include "router/training_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 8, CYCLES = 3, STRIDE = 97 };

/* As `noise` of the script. */
static double noise(uint32_t index) {
    uint32_t x = index + 1;
    for (int i = 0; i < 2; i++)
        x = (x ^ (x >> 16)) * 0x45D9F3Bu;
    x ^= x >> 16;
    return (double)(x >> 8) / 8388608.0 - 1.0;
}

/* The row `name` of the file, to be freed. */
static double *reference(const char *name, size_t expected) {
    FILE *const file = fopen(TEST_DATA_DIR "/router_reference.txt", "r");
    char word[64];
    size_t count;
    assert_non_null(file);
    while (fscanf(file, "%63s %zu", word, &count) == 2) {
        double *const values = calloc(count, sizeof *values);
        assert_non_null(values);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
        if (strcmp(word, name) == 0) {
            fclose(file);
            assert_int_equal(count, expected);
            return values;
        }
        free(values);
    }
    fail_msg("no row '%s'", name);
    return NULL;
}

struct pass {
    struct recursion_net net;
    struct recursion work;
    float *parameters, *gradient;
    float logits[CYCLES * BATCH * TRM_ARMS], halt[CYCLES * BATCH * 2];
    struct training_sums sums;
};

/* Uniform, of deviation 1 / sqrt(fan in) in matrices, as the script has it. */
static void fill(const struct trm_router_config *shape, float *parameters) {
    struct trm_router *router;
    assert_int_equal(trm_router_create(&router, shape, 1, NULL), TRM_OK);
    for (size_t i = 0; i < trm_router_view_count(router); i++) {
        const struct trm_router_view *const v = trm_router_view(router, i);
        const double size = v->rank == 2 ? sqrt(3.0 / (double)v->shape[0]) : 0.5;
        for (size_t k = v->offset; k < v->offset + v->count; k++)
            parameters[k] = (float)(size * noise((uint32_t)k));
    }
    trm_router_destroy(router);
}

static void run(struct pass *p) {
    struct trm_router_config shape;
    struct training_target targets[BATCH] = {0};
    uint32_t index[BATCH];
    float dlogits[BATCH * TRM_ARMS], dhalt[BATCH * 2];
    memset(p, 0, sizeof *p);
    assert_int_equal(trm_router_config_named("small", &shape, NULL), TRM_OK);
    p->net = (struct recursion_net){.shape = shape, .at = recursion_offsets(&shape)};
    const size_t count = p->net.at.count;
    p->parameters = calloc(2 * count + 2 * shape.width, sizeof(float));
    assert_non_null(p->parameters);
    float *const states = p->parameters + count;
    p->gradient = states + 2 * shape.width;
    fill(&shape, p->parameters);
    for (size_t i = 0; i < 2 * shape.width; i++)
        states[i] = (float)noise((uint32_t)(count + i));
    p->net.parameters = p->parameters, p->net.y0 = states, p->net.z0 = states + shape.width;
    assert_true(recursion_create(&p->work, &shape, BATCH, true));
    for (uint32_t i = 0; i < BATCH * TRM_FEATURE_COUNT; i++)
        p->work.features[i] = (float)(2.0 * noise(200000 + i));
    for (uint32_t i = 0; i < BATCH; i++) {
        index[i] = i;
        targets[i].label = (int)(i % TRM_ARMS);
        targets[i].probability[i % TRM_ARMS] = 1.0f;
        targets[i].present = (1u << TRM_ARMS) - 1, targets[i].tied = 1u << (i % TRM_ARMS);
    }
    recursion_start(&p->work, &p->net, BATCH);
    for (size_t c = 0; c < CYCLES; c++) {
        recursion_cycle(&p->work, &p->net);
        memcpy(p->logits + c * BATCH * TRM_ARMS, p->work.logits, sizeof dlogits);
        memcpy(p->halt + c * BATCH * 2, p->work.halt, sizeof dhalt);
        training_loss(targets, TRM_ARMS, index, BATCH, p->work.logits, p->work.halt, 1.0f / (BATCH * CYCLES),
                      dlogits, dhalt, &p->sums);
        recursion_cycle_back(&p->work, &p->net, dlogits, dhalt, p->gradient);
    }
    recursion_finish_back(&p->work, &p->net, p->gradient);
}

static void tear_down(struct pass *p) {
    recursion_destroy(&p->work);
    free(p->parameters);
}

/* Largest difference over the largest value. */
static double distance(const float *found, size_t stride, const double *expected, size_t count) {
    double scale = 0.0, worst = 0.0;
    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs(expected[i]));
        worst = fmax(worst, fabs((double)found[i * stride] - expected[i]));
    }
    return worst / scale;
}

static void expect_row(const char *name, const float *found, size_t stride, size_t count) {
    double *const expected = reference(name, count);
    const double off = distance(found, stride, expected, count);
    free(expected);
    if (!(off < 1e-5))
        fail_msg("%s is off by %g", name, off);
}

static void test_logits_and_loss(void **state) {
    (void)state;
    struct pass p;
    run(&p);
    expect_row("logits", p.logits, 1, CYCLES * BATCH * TRM_ARMS);
    expect_row("halt", p.halt, 1, CYCLES * BATCH * 2);
    double *const loss = reference("loss", 1);
    assert_true(fabs((p.sums.loss + 0.5 * p.sums.halt_loss) / (BATCH * CYCLES) - *loss) < 1e-5 * *loss);
    free(loss);
    tear_down(&p);
}

static void test_gradient(void **state) {
    (void)state;
    struct pass p;
    struct trm_router *router;
    run(&p);
    double *const count = reference("parameters", 1);
    assert_true(*count == (double)p.net.at.count);
    free(count);
    expect_row("gradient", p.gradient, STRIDE, (p.net.at.count + STRIDE - 1) / STRIDE);
    assert_int_equal(trm_router_create(&router, &p.net.shape, 1, NULL), TRM_OK);
    double *const norms = reference("norms", trm_router_view_count(router));
    for (size_t i = 0; i < trm_router_view_count(router); i++) {
        const struct trm_router_view *const v = trm_router_view(router, i);
        double sum = 0.0;
        for (size_t k = 0; k < v->count; k++)
            sum += (double)p.gradient[v->offset + k] * (double)p.gradient[v->offset + k];
        if (!(fabs(sqrt(sum) - norms[i]) < 1e-5 * norms[i]))
            fail_msg("%s: norm of its gradient %.9g, PyTorch's %.9g", v->name, sqrt(sum), norms[i]);
    }
    free(norms);
    trm_router_destroy(router);
    tear_down(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logits_and_loss),
        cmocka_unit_test(test_gradient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
