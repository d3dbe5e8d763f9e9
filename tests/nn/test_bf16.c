/* A network in bf16 beside the same network in float. Where the processor has no bf16, these are skipped. */
#include "nn/nn.h"
#include "support_compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BATCH = 32 };

/* bf16 has 8 bits: a product of two is off by up to 2^-8, and the layers add up. */
static const double LOSS_TOLERANCE = 0.01, COSINE = 0.99;

static bool is_there(void) {
    return strcmp(nn_precision_used("small_cnn", NN_BF16), "bf16") == 0;
}

static struct nn_model *make(const char *name, enum nn_precision precision, double width) {
    struct nn_model *model;
    struct trm_error error = {0};
    if (nn_model_create(name, width, BATCH, NN_CIFAR10, precision, 3, &model, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return model;
}

struct batch {
    float *x;
    int32_t *labels;
};

static struct batch batch_new(void) {
    struct rng r = rng_stream(8, RNG_TEST, 0, 0);
    double *x64 = random_doubles(&r, BATCH * NN_IMAGE_FLOATS, 1);
    struct batch b = {to_float(x64, BATCH * NN_IMAGE_FLOATS), random_labels(&r, BATCH, 10)};
    for (size_t i = 0; i < BATCH * NN_IMAGE_FLOATS; i++) /* something to learn */
        b.x[i] += 0.3F * (float)(b.labels[i / NN_IMAGE_FLOATS] - 5);
    free(x64);
    return b;
}

static void batch_free(struct batch *b) {
    free(b->x), free(b->labels);
}

static double step(struct nn_model *m, const struct batch *b, size_t count, float rate) {
    double loss = NAN;
    assert_int_equal(nn_forward_backward(m, b->x, b->labels, count, &loss, NULL), TRM_OK);
    for (size_t i = 0; i < nn_param_floats(m); i++)
        nn_params(m)[i] -= rate * nn_gradients(m)[i];
    return loss;
}

static double cosine(const float *a, const float *b, size_t count) {
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return ab / sqrt(aa * bb);
}

static void check_beside_float(double width, size_t count) {
    struct nn_model *f32 = make("small_cnn", NN_F32, width), *bf16 = make("small_cnn", NN_BF16, width);
    struct batch b = batch_new();
    const double wanted = step(f32, &b, count, 0), loss = step(bf16, &b, count, 0);
    assert_true(fabs(loss - wanted) <= LOSS_TOLERANCE * wanted);
    assert_true(loss != wanted); /* it is bf16 that ran */
    assert_true(cosine(nn_logits(f32), nn_logits(bf16), count * 10) > 0.999);
    for (size_t i = 0; i < nn_param_count(f32); i++) {
        const struct nn_param *p = nn_param_at(f32, i);
        const double c = cosine(nn_gradients(f32) + p->offset, nn_gradients(bf16) + p->offset, p->count);
        if (!(c > COSINE))
            fail_msg("%s: the cosine of the two gradients is %.4f", p->name, c);
    }
    for (size_t i = 0; i < nn_buffer_floats(f32); i++)
        assert_true(fabs((double)nn_buffers(f32)[i] - (double)nn_buffers(bf16)[i]) <
                    0.01 * (0.1 + fabs((double)nn_buffers(f32)[i])));
    double f32_sum, bf16_sum;
    assert_int_equal(nn_forward(f32, NN_EVAL, b.x, b.labels, count, &f32_sum, NULL, NULL), TRM_OK);
    assert_int_equal(nn_forward(bf16, NN_EVAL, b.x, b.labels, count, &bf16_sum, NULL, NULL), TRM_OK);
    assert_true(fabs(bf16_sum - f32_sum) <= LOSS_TOLERANCE * f32_sum);
    nn_model_destroy(f32);
    nn_model_destroy(bf16);
    batch_free(&b);
}

static void beside_float(void **state) {
    (void)state;
    if (!is_there())
        skip();
    check_beside_float(1, BATCH);
    check_beside_float(0.3, BATCH);
    check_beside_float(0.5, BATCH - 7);
}

static void determinism(void **state) {
    (void)state;
    if (!is_there())
        skip();
    struct nn_model *a = make("small_cnn", NN_BF16, 1), *b = make("small_cnn", NN_BF16, 1);
    struct batch batch = batch_new();
    const size_t counts[] = {BATCH, 5, BATCH};
    for (size_t i = 0; i < 3; i++) {
        step(a, &batch, counts[i], 0.1F);
        assert_int_equal(nn_forward(b, NN_EVAL, batch.x, batch.labels, 9, NULL, NULL, NULL), TRM_OK);
        step(b, &batch, counts[i], 0.1F);
    }
    assert_memory_equal(nn_params(a), nn_params(b), nn_param_floats(a) * sizeof(float));
    assert_memory_equal(nn_buffers(a), nn_buffers(b), nn_buffer_floats(a) * sizeof(float));
    nn_model_destroy(a);
    nn_model_destroy(b);
    batch_free(&batch);
}

static void training(void **state) {
    (void)state;
    if (!is_there())
        skip();
    struct nn_model *m = make("small_cnn", NN_BF16, 0.5);
    struct batch b = batch_new();
    const double first = step(m, &b, BATCH, 0.05F);
    double last = first;
    for (size_t i = 0; i < 30; i++)
        last = step(m, &b, BATCH, 0.05F);
    assert_true(last < 0.6 * first);
    nn_model_destroy(m);
    batch_free(&b);
}

/* Without convolutions there is nothing to do in bf16: the float network, bit for bit. */
static void without_convolutions(void **state) {
    (void)state;
    struct nn_model *a = make("mlp", NN_F32, 1), *b = make("mlp", NN_BF16, 1);
    struct batch batch = batch_new();
    assert_true(step(a, &batch, BATCH, 0.1F) == step(b, &batch, BATCH, 0.1F));
    assert_memory_equal(nn_params(a), nn_params(b), nn_param_floats(a) * sizeof(float));
    double seconds = -1;
    assert_int_equal(nn_time_convolutions(a, 2, &seconds, NULL), TRM_OK);
    assert_true(seconds == 0);
    nn_model_destroy(a);
    nn_model_destroy(b);
    batch_free(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(beside_float), cmocka_unit_test(determinism),
                                       cmocka_unit_test(training), cmocka_unit_test(without_convolutions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
