/* Whole networks against the reference in double, and bit for bit against themselves. */
#include "nn/nn.h"
#include "support_compare.h"
#include "support_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double MARGIN = 2e-6, TOLERANCE = 1e-4;

static double *widened(const float *values, size_t count) {
    double *p = calloc(count + 1, sizeof *p);
    assert_non_null(p);
    for (size_t i = 0; i < count; i++)
        p[i] = (double)values[i];
    return p;
}

/* ---- against the reference ---- */

struct run {
    struct nn_images images;
    struct nn_model *m;
    struct ref_net *net;
    size_t count; /* images */
    double *x64;
    float *x;
    int32_t *labels;
};

static struct run start(struct nn_images images, const char *name, double width, size_t batch, size_t count,
                        const size_t hidden[3]) {
    const size_t floats = images.channels * images.height * images.width;
    const struct ref_layer cnn[] = {{REF_CONV, hidden[0]}, {REF_NORM_RELU, 0},
                                    {REF_MAX_POOL, 0},     {REF_CONV, hidden[1]},
                                    {REF_NORM_RELU, 0},    {REF_MAX_POOL, 0},
                                    {REF_CONV, hidden[2]}, {REF_NORM_RELU, 0},
                                    {REF_AVERAGE_POOL, 0}, {REF_LINEAR_BIAS, images.classes}};
    const struct ref_layer mlp[] = {{REF_LINEAR, hidden[0]},
                                    {REF_RELU, 0},
                                    {REF_LINEAR, hidden[1]},
                                    {REF_RELU, 0},
                                    {REF_LINEAR, images.classes}};
    const bool is_mlp = strcmp(name, "mlp") == 0;
    struct run run = {.images = images, .m = support_model_of(images, name, width, batch, 3), .count = count};
    run.net = ref_create(is_mlp ? mlp : cnn, is_mlp ? 5 : 10,
                         (const size_t[]){count, images.channels, images.height, images.width});
    assert_int_equal(ref_params(run.net), nn_param_floats(run.m));
    assert_int_equal(ref_statistics(run.net), nn_buffer_floats(run.m));
    double *params = widened(nn_params(run.m), nn_param_floats(run.m));
    for (uint64_t attempt = 0;; attempt++) { /* until no ReLU and no window is near its kink */
        assert_true(attempt < 50);
        struct rng r = rng_stream(5, RNG_TEST, count, attempt);
        run.x64 = random_doubles(&r, count * floats, 1);
        run.labels = random_labels(&r, count, images.classes);
        ref_forward(run.net, params, NULL, run.x64);
        if (ref_margin(run.net) > MARGIN)
            break;
        free(run.x64), free(run.labels);
    }
    run.x = to_float(run.x64, count * floats);
    free(params);
    return run;
}

static void finish(struct run *run) {
    nn_model_destroy(run->m);
    ref_destroy(run->net);
    free(run->x64), free(run->x), free(run->labels);
}

/* What PyTorch does: 0.9 old + 0.1 new, the variance unbiased. */
static void moved(const struct run *run, double *buffers) {
    const double *batch = ref_batch_statistics(run->net);
    for (size_t i = 0; i < nn_buffer_count(run->m); i++) {
        const struct nn_buffer *b = nn_buffer_at(run->m, i);
        const size_t pixels = (run->images.height >> (i / 2)) * (run->images.width >> (i / 2));
        const double n = (double)(run->count * pixels), unbiased = i % 2 == 0 ? 1 : n / (n - 1);
        for (size_t k = b->offset; k < b->offset + b->count; k++)
            buffers[k] = 0.9 * buffers[k] + 0.1 * unbiased * batch[k];
    }
}

static void check_buffers(const struct run *run, const double *wanted) {
    for (size_t i = 0; i < nn_buffer_count(run->m); i++) {
        const struct nn_buffer *b = nn_buffer_at(run->m, i);
        assert_close(b->name, nn_buffers(run->m) + b->offset, wanted + b->offset, b->count, TOLERANCE);
    }
}

static void check_training(const struct run *run, const double *params, double *buffers) {
    const size_t floats = nn_param_floats(run->m);
    double *gradients = calloc(floats, sizeof *gradients),
           *dy = calloc(run->count * run->images.classes, sizeof *dy);
    assert_true(gradients != NULL && dy != NULL);
    const double *logits = ref_forward(run->net, params, NULL, run->x64);
    const double wanted = ref_cross_entropy(run->count, run->images.classes, logits, run->labels, dy);
    for (size_t i = 0; i < floats; i++)
        nn_gradients(run->m)[i] = NAN;
    double loss = NAN;
    assert_int_equal(nn_forward_backward(run->m, run->x, run->labels, run->count, &loss, NULL), TRM_OK);
    assert_close_double("loss", &loss, &wanted, 1, TOLERANCE);
    assert_close("logits", nn_logits(run->m), logits, run->count * run->images.classes, TOLERANCE);
    ref_backward(run->net, params, run->x64, dy, gradients, NULL);
    for (size_t i = 0; i < nn_param_count(run->m); i++) {
        const struct nn_param *p = nn_param_at(run->m, i);
        assert_close(p->name, nn_gradients(run->m) + p->offset, gradients + p->offset, p->count, TOLERANCE);
    }
    moved(run, buffers);
    check_buffers(run, buffers);
    free(gradients), free(dy);
}

static void check_forward(const struct run *run, enum nn_mode mode, const double *params) {
    double *running = widened(nn_buffers(run->m), nn_buffer_floats(run->m));
    double *gradients = widened(nn_gradients(run->m), nn_param_floats(run->m));
    const double *logits = ref_forward(run->net, params, mode == NN_EVAL ? running : NULL, run->x64);
    const double wanted =
        (double)run->count * ref_cross_entropy(run->count, run->images.classes, logits, run->labels, NULL);
    size_t wanted_correct = 0, correct = 99;
    for (size_t i = 0; i < run->count; i++) {
        size_t best = 0;
        for (size_t j = 1; j < run->images.classes; j++)
            best = logits[i * run->images.classes + j] > logits[i * run->images.classes + best] ? j : best;
        wanted_correct += best == (size_t)run->labels[i];
    }
    double sum = NAN;
    assert_int_equal(nn_forward(run->m, mode, run->x, run->labels, run->count, &sum, &correct, NULL), TRM_OK);
    assert_close_double("loss sum", &sum, &wanted, 1, TOLERANCE);
    assert_close("logits", nn_logits(run->m), logits, run->count * run->images.classes, TOLERANCE);
    assert_int_equal(correct, wanted_correct);
    for (size_t i = 0; i < nn_buffer_floats(run->m); i++)
        assert_true((double)nn_buffers(run->m)[i] == running[i]);
    for (size_t i = 0; i < nn_param_floats(run->m); i++)
        assert_true((double)nn_gradients(run->m)[i] == gradients[i]);
    free(running), free(gradients);
}

static void check_images(struct nn_images images, const char *name, double width, size_t batch, size_t count,
                         const size_t hidden[3]) {
    struct run run = start(images, name, width, batch, count, hidden);
    double *params = widened(nn_params(run.m), nn_param_floats(run.m));
    double *buffers = widened(nn_buffers(run.m), nn_buffer_floats(run.m));
    check_training(&run, params, buffers);
    check_forward(&run, NN_TRAIN_STATS, params);
    check_forward(&run, NN_EVAL, params);
    check_training(&run, params, buffers);
    for (size_t i = 0; i < nn_param_floats(run.m); i++) /* new weights are seen, whichever pass comes first */
        params[i] = (double)(nn_params(run.m)[i] *= 0.75F);
    check_forward(&run, NN_EVAL, params);
    finish(&run);
    free(params), free(buffers);
}

static void check_network(const char *name, double width, size_t batch, size_t count,
                          const size_t hidden[3]) {
    check_images(NN_CIFAR10, name, width, batch, count, hidden);
}

/* Odd sides lose their last row or column where they are halved. */
static void other_images(void **state) {
    (void)state;
    check_images((struct nn_images){1, 28, 28, 10}, "small_cnn", 0.3, 3, 3, (const size_t[]){9, 19, 38});
    check_images((struct nn_images){3, 9, 14, 7}, "small_cnn", 0.5, 4, 3, (const size_t[]){16, 32, 64});
    check_images((struct nn_images){1, 64, 33, 3}, "small_cnn", 0.25, 2, 2, (const size_t[]){8, 16, 32});
    check_images((struct nn_images){1, 8, 11, 100}, "mlp", 0.5, 4, 3, (const size_t[]){64, 32, 0});
}

static void small_cnn(void **state) {
    (void)state;
    check_network("small_cnn", 1, 2, 2, (const size_t[]){32, 64, 128});
    check_network("small_cnn", 0.3, 3, 3, (const size_t[]){9, 19, 38});
    check_network("small_cnn", 0.07, 4, 4, (const size_t[]){2, 4, 8});
}

static void mlp(void **state) {
    (void)state;
    check_network("mlp", 1, 5, 5, (const size_t[]){128, 64, 0});
    check_network("mlp", 0.1, 1, 1, (const size_t[]){12, 6, 0});
}

/* Fewer images than the model was made for. */
static void smaller_batch(void **state) {
    (void)state;
    check_network("small_cnn", 0.5, 5, 2, (const size_t[]){16, 32, 64});
    check_network("small_cnn", 0.5, 4, 1, (const size_t[]){16, 32, 64});
    check_network("mlp", 1, 8, 3, (const size_t[]){128, 64, 0});
}

/* ---- against itself ---- */

/* Steps of gradient descent over batches of different sizes; where `disturbed`, with other passes between. */
static void train(struct nn_model *m, bool disturbed) {
    const size_t counts[] = {6, 4, 6, 1, 4, 6};
    for (size_t step = 0; step < sizeof counts / sizeof *counts; step++) {
        struct rng r = rng_stream(9, RNG_TEST, step, 0);
        double *x64 = random_doubles(&r, 6 * NN_IMAGE_FLOATS, 1), loss;
        float *x = to_float(x64, 6 * NN_IMAGE_FLOATS);
        int32_t *labels = random_labels(&r, 6, 10);
        if (disturbed) {
            assert_int_equal(nn_forward(m, NN_EVAL, x, labels, 5, NULL, NULL, NULL), TRM_OK);
            assert_int_equal(nn_forward(m, NN_TRAIN_STATS, x, labels, 6, &loss, NULL, NULL), TRM_OK);
        }
        assert_int_equal(nn_forward_backward(m, x, labels, counts[step], &loss, NULL), TRM_OK);
        for (size_t i = 0; i < nn_param_floats(m); i++)
            nn_params(m)[i] -= 0.1F * nn_gradients(m)[i];
        free(x64), free(x), free(labels);
    }
}

static void same_bits(const struct nn_model *a, const struct nn_model *b) {
    assert_memory_equal(nn_params(a), nn_params(b), nn_param_floats(a) * sizeof(float));
    assert_memory_equal(nn_gradients(a), nn_gradients(b), nn_param_floats(a) * sizeof(float));
    assert_true(nn_buffer_floats(a) == 0 ||
                memcmp(nn_buffers(a), nn_buffers(b), nn_buffer_floats(a) * sizeof(float)) == 0);
}

static void determinism(void **state) {
    (void)state;
    for (size_t i = 0; i < nn_model_count(); i++) {
        struct nn_model *a = support_model(nn_model_name(i), 1, 6, 11),
                        *b = support_model(nn_model_name(i), 1, 6, 11);
        struct nn_model *other = support_model(nn_model_name(i), 1, 6, 12);
        same_bits(a, b);
        assert_memory_not_equal(nn_params(a), nn_params(other), nn_param_floats(a) * sizeof(float));
        train(a, false);
        train(b, true);
        same_bits(a, b);
        nn_model_destroy(a);
        nn_model_destroy(b);
        nn_model_destroy(other);
    }
}

static void check_not_finite(struct nn_model *m, const float *x) {
    const int32_t labels[] = {0, 9};
    double loss = 0, train_sum = 0, sum = 0;
    assert_int_equal(nn_forward(m, NN_EVAL, x, labels, 2, &sum, NULL, NULL), TRM_OK);
    assert_true(!isfinite(sum));
    assert_int_equal(nn_forward(m, NN_TRAIN_STATS, x, labels, 2, &train_sum, NULL, NULL), TRM_OK);
    assert_true(!isfinite(train_sum));
    assert_int_equal(nn_forward_backward(m, x, labels, 2, &loss, NULL), TRM_OK);
    assert_true(!isfinite(loss));
}

/* A NaN anywhere shows in the loss, though ReLU and pooling swallow it on its way. */
static void not_finite(void **state) {
    (void)state;
    float *nans = nan_floats(2 * NN_IMAGE_FLOATS), *zeros = calloc(2 * NN_IMAGE_FLOATS, sizeof *zeros);
    assert_non_null(zeros);
    for (size_t i = 0; i < nn_model_count(); i++) {
        struct nn_model *m = support_model(nn_model_name(i), 0.5, 2, 1);
        float *buffers = calloc(nn_buffer_floats(m) + 1, sizeof *buffers);
        assert_non_null(buffers);
        memcpy(buffers, nn_buffers(m), nn_buffer_floats(m) * sizeof *buffers);
        for (size_t p = 0; p < nn_param_count(m); p++) {
            float *value = nn_params(m) + nn_param_at(m, p)->offset;
            const float kept = *value;
            *value = p % 2 == 0 ? NAN : -INFINITY;
            check_not_finite(m, zeros);
            *value = kept;
            memcpy(nn_buffers(m), buffers, nn_buffer_floats(m) * sizeof *buffers);
        }
        check_not_finite(m, nans);
        nn_model_destroy(m);
        free(buffers);
    }
    struct nn_model *m = support_model("small_cnn", 0.5, 2, 1);
    const int32_t labels[] = {0, 9};
    double sum = 0;
    nn_buffers(m)[nn_buffer_at(m, 3)->offset] = NAN;
    assert_int_equal(nn_forward(m, NN_EVAL, zeros, labels, 2, &sum, NULL, NULL), TRM_OK);
    assert_true(!isfinite(sum));
    nn_model_destroy(m);
    free(nans), free(zeros);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_cnn),    cmocka_unit_test(mlp),
                                       cmocka_unit_test(other_images), cmocka_unit_test(smaller_batch),
                                       cmocka_unit_test(determinism),  cmocka_unit_test(not_finite)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
