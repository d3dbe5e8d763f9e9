/* What a network holds, what it starts from, and what it refuses. */
#include "nn/nn.h"
#include "support_compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct expected {
    const char *name;
    enum nn_kind kind;
    size_t rank, rows, cols;
    bool last;
};

static void check_views(const char *model_name, double width, const struct expected *wanted, size_t count) {
    struct nn_model *m = support_model(model_name, width, 2, 1);
    assert_int_equal(nn_param_count(m), count);
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const struct nn_param *p = nn_param_at(m, i);
        assert_string_equal(p->name, wanted[i].name);
        assert_int_equal(p->kind, wanted[i].kind);
        assert_int_equal(p->rank, wanted[i].rank);
        assert_int_equal(p->rows, wanted[i].rows);
        assert_int_equal(p->cols, wanted[i].cols);
        assert_int_equal(p->is_last_layer, wanted[i].last);
        assert_int_equal(p->offset, offset);
        assert_int_equal(p->count, p->rows * p->cols);
        size_t product = 1;
        for (size_t d = 0; d < p->rank; d++)
            product *= p->shape[d];
        assert_int_equal(p->count, product);
        assert_ptr_equal(nn_param_find(m, p->name), p);
        offset += p->count;
    }
    assert_int_equal(nn_param_floats(m), offset);
    assert_null(nn_param_at(m, count));
    assert_null(nn_param_find(m, "conv9.weight"));
    nn_model_destroy(m);
}

static void small_cnn_views(void **state) {
    (void)state;
    const struct expected half[] = {
        {"conv1.weight", NN_CONV_WEIGHT, 4, 16, 27, false},
        {"bn1.weight", NN_NORM_GAIN, 1, 16, 1, false},
        {"bn1.bias", NN_NORM_BIAS, 1, 16, 1, false},
        {"conv2.weight", NN_CONV_WEIGHT, 4, 32, 144, false},
        {"bn2.weight", NN_NORM_GAIN, 1, 32, 1, false},
        {"bn2.bias", NN_NORM_BIAS, 1, 32, 1, false},
        {"conv3.weight", NN_CONV_WEIGHT, 4, 64, 288, false},
        {"bn3.weight", NN_NORM_GAIN, 1, 64, 1, false},
        {"bn3.bias", NN_NORM_BIAS, 1, 64, 1, false},
        {"fc.weight", NN_LINEAR_WEIGHT, 2, 10, 64, true},
        {"fc.bias", NN_BIAS, 1, 10, 1, true},
    };
    check_views("small_cnn", 0.5, half, sizeof half / sizeof *half);

    struct nn_model *m = support_model("small_cnn", 1, 2, 1);
    assert_int_equal(nn_param_floats(m), 94762); /* as PyTorch counts them */
    const char *const names[] = {"bn1.running_mean", "bn1.running_var",  "bn2.running_mean",
                                 "bn2.running_var",  "bn3.running_mean", "bn3.running_var"};
    const size_t counts[] = {32, 32, 64, 64, 128, 128};
    assert_int_equal(nn_buffer_count(m), 6);
    size_t offset = 0;
    for (size_t i = 0; i < 6; i++) {
        const struct nn_buffer *b = nn_buffer_at(m, i);
        assert_string_equal(b->name, names[i]);
        assert_int_equal(b->count, counts[i]);
        assert_int_equal(b->offset, offset);
        for (size_t k = 0; k < b->count; k++)
            assert_true(nn_buffers(m)[offset + k] == (i % 2 == 0 ? 0 : 1));
        offset += b->count;
    }
    assert_int_equal(nn_buffer_floats(m), offset);
    nn_model_destroy(m);
}

static void mlp_views(void **state) {
    (void)state;
    const struct expected one[] = {
        {"fc1.weight", NN_LINEAR_WEIGHT, 2, 128, 3072, false},
        {"fc2.weight", NN_LINEAR_WEIGHT, 2, 64, 128, false},
        {"fc3.weight", NN_LINEAR_WEIGHT, 2, 10, 64, true},
    };
    check_views("mlp", 1, one, 3);
    struct nn_model *m = support_model("mlp", 1, 2, 1);
    assert_int_equal(nn_buffer_count(m), 0);
    nn_model_destroy(m);
}

/* Uniform in +-1/sqrt(fan_in): the bounds hold, are nearly reached, and the variance is bound^2/3. */
static void initial_values(void **state) {
    (void)state;
    struct nn_model *m = support_model("small_cnn", 1, 1, 7);
    for (size_t i = 0; i < nn_param_count(m); i++) {
        const struct nn_param *p = nn_param_at(m, i);
        const double bound = 1 / sqrt(p->kind == NN_BIAS ? 128 : (double)p->cols);
        double most = 0, square = 0;
        for (size_t k = 0; k < p->count; k++) {
            const double v = (double)nn_params(m)[p->offset + k];
            if (p->kind == NN_NORM_GAIN || p->kind == NN_NORM_BIAS)
                assert_true(v == (p->kind == NN_NORM_GAIN ? 1 : 0));
            most = fmax(most, fabs(v));
            square += v * v / (double)p->count;
        }
        if (p->kind == NN_CONV_WEIGHT || p->kind == NN_LINEAR_WEIGHT) {
            assert_true(most <= bound && most > 0.98 * bound);
            assert_true(fabs(square * 3 / (bound * bound) - 1) < 0.15);
        } else if (p->kind == NN_BIAS) {
            assert_true(most <= bound && most > 0);
        }
    }
    nn_model_destroy(m);
}

static void refuse_images(const char *name, double width, size_t batch, struct nn_images images,
                          enum trm_status wanted) {
    struct nn_model *m = (struct nn_model *)1;
    struct trm_error error = {0};
    assert_int_equal(nn_model_create(name, width, batch, images, NN_F32, 1, &m, &error), wanted);
    assert_null(m);
    assert_int_equal(error.status, wanted);
    assert_true(strlen(error.text) > 0);
}

static void refuse(const char *name, double width, size_t batch, size_t classes, enum trm_status wanted) {
    struct nn_images images = NN_CIFAR10;
    images.classes = classes;
    refuse_images(name, width, batch, images, wanted);
}

static void refusals(void **state) {
    (void)state;
    refuse("resnet", 1, 8, 10, TRM_NOT_FOUND);
    refuse_images("mlp", 1, 4, (struct nn_images){2, 32, 32, 10}, TRM_INVALID);
    refuse_images("mlp", 1, 4, (struct nn_images){3, 7, 32, 10}, TRM_INVALID);
    refuse_images("mlp", 1, 4, (struct nn_images){3, 32, 65, 10}, TRM_INVALID);
    refuse("small_cnn", 0, 8, 10, TRM_INVALID);
    refuse("small_cnn", -1, 8, 10, TRM_INVALID);
    refuse("small_cnn", NAN, 8, 10, TRM_INVALID);
    refuse("small_cnn", 16.5, 8, 10, TRM_INVALID);
    refuse("mlp", 1, 0, 10, TRM_INVALID);
    refuse("mlp", 1, (size_t)-1, 10, TRM_INVALID);
    refuse("mlp", 1, 8, 1, TRM_INVALID);
    refuse("mlp", 1, 8, 1001, TRM_INVALID);
    nn_model_destroy(NULL);

    struct nn_model *a = support_model("small_cnn", 0.5, 2, 1), *b = support_model("small_cnn", 0.5, 2, 1);
    float x[2 * NN_IMAGE_FLOATS] = {0};
    double loss;
    assert_int_equal(nn_forward_backward(a, x, (const int32_t[]){0, 10}, 2, &loss, NULL), TRM_INVALID);
    assert_int_equal(nn_forward_backward(a, x, (const int32_t[]){-1, 3}, 2, &loss, NULL), TRM_INVALID);
    assert_int_equal(nn_forward_backward(a, x, (const int32_t[]){1, 3}, 3, &loss, NULL), TRM_INVALID);
    assert_int_equal(nn_forward_backward(a, x, (const int32_t[]){1, 3}, 0, &loss, NULL), TRM_INVALID);
    assert_int_equal(nn_forward(a, NN_EVAL, x, (const int32_t[]){1, 11}, 2, &loss, NULL, NULL), TRM_INVALID);
    /* a refusal changes nothing */
    assert_memory_equal(nn_gradients(a), nn_gradients(b), nn_param_floats(a) * sizeof(float));
    assert_memory_equal(nn_buffers(a), nn_buffers(b), nn_buffer_floats(a) * sizeof(float));
    nn_model_destroy(a);
    nn_model_destroy(b);
}

static void names(void **state) {
    (void)state;
    assert_int_equal(nn_model_count(), 2);
    assert_string_equal(nn_model_name(0), "small_cnn");
    assert_string_equal(nn_model_name(1), "mlp");
    assert_null(nn_model_name(2));
    assert_string_equal(nn_precision_name(NN_F32), "f32");
    assert_string_equal(nn_precision_name(NN_BF16), "bf16");
    assert_null(nn_precision_name(2));
    assert_int_equal(nn_precision_find("bf16"), NN_BF16);
    assert_int_equal(nn_precision_find("f16"), -1);
    assert_string_equal(nn_precision_used("small_cnn", NN_F32), "f32");
    assert_int_equal(strncmp(nn_precision_used("mlp", NN_BF16), "f32 (bf16 asked; ", 17), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_cnn_views), cmocka_unit_test(mlp_views),
                                       cmocka_unit_test(initial_values), cmocka_unit_test(refusals),
                                       cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
