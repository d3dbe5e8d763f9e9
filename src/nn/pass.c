/* One pass through a network: trunk, head, loss, and back. */
#include "nn/dense.h"
#include "nn/model.h"

#include "base/statistics.h"

#include <math.h>

static const double MOMENTUM = 0.1; /* of the running statistics, PyTorch's default */

static enum trm_status check(const struct nn_model *m, const int32_t *labels, size_t count,
                             struct trm_error *error) {
    if (count < 1 || count > m->batch)
        return trm_fail(error, TRM_INVALID, "%zu images: this model takes 1 to %zu at once", count, m->batch);
    for (size_t i = 0; i < count; i++)
        if (labels[i] < 0 || (size_t)labels[i] >= m->images.classes)
            return trm_fail(error, TRM_INVALID, "label %d of image %zu: must be 0 to %zu", (int)labels[i], i,
                            m->images.classes - 1);
    return TRM_OK;
}

/* Head layer i of count rows: rows[i] -> rows[i+1]; its first input is x where there is no trunk. */
static const float *head_input(const struct nn_model *m, size_t i, const float *x) {
    return i == 0 && m->layout.trunk_count == 0 ? x : m->rows[i];
}

static const float *param(const struct nn_model *m, size_t index) {
    return m->params + m->layout.params[index].offset;
}

static float *gradient(const struct nn_model *m, size_t index) {
    return m->gradients + m->layout.params[index].offset;
}

static void head_forward(struct nn_model *m, const float *x, size_t count) {
    const size_t trunk = m->layout.trunk_count;
    for (size_t i = 0; i < m->layout.layer_count - trunk; i++) {
        const struct nn_layer *l = &m->layout.layers[trunk + i];
        const float *input = head_input(m, i, x);
        if (l->kind == NN_LINEAR)
            dense_linear_forward(count, l->inputs, l->outputs, input, param(m, l->param),
                                 l->has_bias ? param(m, l->param + 1) : NULL, m->rows[i + 1]);
        else
            dense_relu_forward(count * l->outputs, input, m->rows[i + 1]);
    }
}

/* From row_gradients[0], the gradient of the logits, to that of the trunk's output, which is returned. */
static const float *head_backward(struct nn_model *m, const float *x, size_t count) {
    const size_t trunk = m->layout.trunk_count;
    float *dy = m->row_gradients[0], *dx = m->row_gradients[1];
    for (size_t i = m->layout.layer_count - trunk; i-- > 0;) {
        const struct nn_layer *l = &m->layout.layers[trunk + i];
        if (l->kind == NN_RELU) {
            dense_relu_backward(count * l->outputs, m->rows[i + 1], dy, dy);
            continue;
        }
        const bool images = trunk == 0 && i == 0; /* nobody needs their gradient */
        dense_linear_backward(count, l->inputs, l->outputs, head_input(m, i, x), param(m, l->param), dy,
                              gradient(m, l->param), l->has_bias ? gradient(m, l->param + 1) : NULL,
                              images ? NULL : dx);
        float *swap = dy;
        dy = dx;
        dx = swap;
    }
    return dy;
}

/* ReLU and pooling (norm.h) turn NaN into 0, so that a network that diverged could show a finite loss.
   Everything that would have made it NaN is looked at instead. */
static bool sane(const struct nn_model *m, const struct onednn_chain *chain, bool evaluation, const float *x,
                 size_t count) {
    if (!statistics_finite_float(m->layout.param_floats, m->params))
        return false;
    if (evaluation)
        return statistics_finite_float(m->layout.buffer_floats, m->buffers) &&
               statistics_finite_float(count * m->images.channels * m->images.height * m->images.width, x);
    for (size_t i = 0; i < m->layout.trunk_count; i++) { /* not finite where any image or activation is not */
        const float *mean, *variance;
        size_t n;
        if (m->layout.layers[i].kind != NN_NORM_RELU)
            continue;
        onednn_chain_statistics(chain, i, &mean, &variance, &n);
        if (!statistics_finite_float(m->layout.layers[i].outputs, mean) ||
            !statistics_finite_float(m->layout.layers[i].outputs, variance))
            return false;
    }
    return true;
}

/* From images to logits. */
static enum trm_status forward(struct nn_model *m, bool evaluation, const float *x, const int32_t *labels,
                               size_t count, struct onednn_chain **chain, bool *is_sane,
                               struct trm_error *error) {
    enum trm_status status = check(m, labels, count, error);
    if (status == TRM_OK)
        status = nn_plan_find(m, count, chain, error);
    if (status == TRM_OK && *chain != NULL)
        status = onednn_chain_forward(*chain, evaluation, x, m->rows[0], error);
    if (status != TRM_OK)
        return status;
    head_forward(m, x, count);
    *is_sane = sane(m, *chain, evaluation, x, count);
    return TRM_OK;
}

/* running <- 0.9 running + 0.1 (mean, unbiased variance) of this batch. */
static void update_running(struct nn_model *m, const struct onednn_chain *chain) {
    for (size_t i = 0; i < m->layout.trunk_count; i++) {
        const struct nn_layer *l = &m->layout.layers[i];
        if (l->kind != NN_NORM_RELU)
            continue;
        const float *mean, *variance;
        size_t n;
        onednn_chain_statistics(chain, i, &mean, &variance, &n);
        const double unbiased = n > 1 ? (double)n / (double)(n - 1) : 1;
        float *running_mean = m->buffers + m->layout.buffers[l->buffer].offset;
        float *running_variance = m->buffers + m->layout.buffers[l->buffer + 1].offset;
        for (size_t k = 0; k < l->outputs; k++) {
            running_mean[k] = (float)((1 - MOMENTUM) * running_mean[k] + MOMENTUM * mean[k]);
            running_variance[k] =
                (float)((1 - MOMENTUM) * running_variance[k] + MOMENTUM * variance[k] * unbiased);
        }
    }
}

enum trm_status nn_forward_backward(struct nn_model *m, const float *x, const int32_t *labels, size_t count,
                                    double *loss, struct trm_error *error) {
    struct onednn_chain *chain;
    bool is_sane = false;
    enum trm_status status = forward(m, false, x, labels, count, &chain, &is_sane, error);
    if (status != TRM_OK)
        return status;
    const double sum =
        dense_cross_entropy(count, m->images.classes, nn_logits(m), labels, m->row_gradients[0], NULL);
    *loss = is_sane ? sum / (double)count : NAN;
    const float *trunk_gradient = head_backward(m, x, count);
    if (chain == NULL)
        return TRM_OK;
    status = onednn_chain_backward(chain, x, trunk_gradient, NULL, error);
    if (status == TRM_OK)
        update_running(m, chain);
    return status;
}

enum trm_status nn_forward(struct nn_model *m, enum nn_mode mode, const float *x, const int32_t *labels,
                           size_t count, double *loss_sum, size_t *correct, struct trm_error *error) {
    struct onednn_chain *chain;
    bool is_sane = false;
    const enum trm_status status = forward(m, mode == NN_EVAL, x, labels, count, &chain, &is_sane, error);
    if (status != TRM_OK)
        return status;
    const double sum = dense_cross_entropy(count, m->images.classes, nn_logits(m), labels, NULL, correct);
    if (loss_sum != NULL)
        *loss_sum = is_sane ? sum : NAN;
    return TRM_OK;
}
