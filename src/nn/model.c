#include "nn/dense.h"
#include "nn/layout.h"
#include "nn/nn.h"
#include "nn/onednn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MOMENTUM = 0.1; /* of the running statistics, PyTorch's default */

/* The trunk's primitives for one number of images. */
struct plan {
    size_t count;
    struct onednn_chain *chain;
};

struct nn_model {
    struct nn_layout layout;
    size_t batch, classes;
    float *params, *gradients, *buffers;
    struct plan *plans; /* plans[0] is the one for `batch` images; the others borrow its memory */
    size_t plan_count;

    /* Head: rows[i] (batch, width of what goes into head layer i); the last one is the logits. */
    float *rows[NN_MAX_LAYERS + 1];
    float *row_gradients[2]; /* (batch, widest), in turn */
};

/* ---- life ---- */

static struct onednn_layer trunk_layer(const struct nn_model *m, const struct nn_layer *l) {
    static const enum onednn_kind kinds[] = {
        [NN_CONV] = ONEDNN_CONV,
        [NN_NORM_RELU] = ONEDNN_NORM_RELU,
        [NN_MAX_POOL] = ONEDNN_MAX_POOL,
        [NN_AVERAGE_POOL] = ONEDNN_AVERAGE_POOL,
    };
    struct onednn_layer given = {.kind = kinds[l->kind], .outputs = l->outputs};
    if (l->kind == NN_CONV || l->kind == NN_NORM_RELU) {
        const size_t at = m->layout.params[l->param].offset;
        given.weight = m->params + at; /* a gain's bias lies behind it */
        given.weight_gradient = m->gradients + at;
    }
    if (l->kind == NN_NORM_RELU) {
        given.running_mean = m->buffers + m->layout.buffers[l->buffer].offset;
        given.running_variance = m->buffers + m->layout.buffers[l->buffer + 1].offset;
    }
    return given;
}

/* Append the plan for `count` images. */
static enum trm_status plan_add(struct nn_model *m, size_t count, struct trm_error *error) {
    struct plan *plans = realloc(m->plans, (m->plan_count + 1) * sizeof *plans);
    if (plans == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a batch of %zu images", count);
    m->plans = plans;
    struct onednn_layer layers[NN_MAX_LAYERS];
    for (size_t i = 0; i < m->layout.trunk_count; i++)
        layers[i] = trunk_layer(m, &m->layout.layers[i]);
    const size_t input[4] = {count, NN_IMAGE_CHANNELS, NN_IMAGE_SIZE, NN_IMAGE_SIZE};
    struct plan *p = &plans[m->plan_count];
    p->count = count;
    const enum trm_status status =
        onednn_chain_create(layers, m->layout.trunk_count, input, false,
                            m->plan_count > 0 ? plans[0].chain : NULL, &p->chain, error);
    m->plan_count += status == TRM_OK;
    return status;
}

/* The plan for `count` images, made where it is not there yet; *out is NULL for a network without a trunk. */
static enum trm_status plan_find(struct nn_model *m, size_t count, struct onednn_chain **out,
                                 struct trm_error *error) {
    *out = NULL;
    if (m->layout.trunk_count == 0)
        return TRM_OK;
    size_t i = 0;
    while (i < m->plan_count && m->plans[i].count != count)
        i++;
    if (i == m->plan_count) {
        const enum trm_status status = plan_add(m, count, error);
        if (status != TRM_OK)
            return status;
    }
    *out = m->plans[i].chain;
    return TRM_OK;
}

static float *floats(size_t count) {
    return calloc(count > 0 ? count : 1, sizeof(float));
}

static bool allocate(struct nn_model *m) {
    const struct nn_layout *l = &m->layout;
    bool ok = (m->params = floats(l->param_floats)) != NULL;
    ok = ok && (m->gradients = floats(l->param_floats)) != NULL;
    ok = ok && (m->buffers = floats(l->buffer_floats)) != NULL;
    size_t widest = l->features;
    if (l->trunk_count > 0) /* else the first head layer reads the images themselves */
        ok = ok && (m->rows[0] = floats(m->batch * l->features)) != NULL;
    for (size_t i = l->trunk_count; i < l->layer_count; i++) {
        ok = ok && (m->rows[i - l->trunk_count + 1] = floats(m->batch * l->layers[i].outputs)) != NULL;
        widest = l->layers[i].outputs > widest ? l->layers[i].outputs : widest;
    }
    for (size_t i = 0; i < 2; i++)
        ok = ok && (m->row_gradients[i] = floats(m->batch * widest)) != NULL;
    return ok;
}

enum trm_status nn_model_create(const char *name, double width, size_t batch, size_t classes, uint64_t seed,
                                struct nn_model **out, struct trm_error *error) {
    *out = NULL;
    if (batch < 1 || batch > NN_MAX_BATCH)
        return trm_fail(error, TRM_INVALID, "batch %zu: must be 1 to %d", batch, NN_MAX_BATCH);
    struct nn_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a model");
    m->batch = batch;
    m->classes = classes;
    enum trm_status status = nn_layout_make(name, width, classes, &m->layout, error);
    if (status != TRM_OK)
        goto fail;
    if (!allocate(m)) {
        status = trm_fail(error, TRM_NO_MEMORY, "not enough memory for %s of width %g, batch %zu", name,
                          width, batch);
        goto fail;
    }
    nn_layout_initialise(&m->layout, seed, m->params, m->buffers);
    struct onednn_chain *chain;
    status = plan_find(m, batch, &chain, error);
    if (status != TRM_OK)
        goto fail;
    *out = m;
    return TRM_OK;
fail:
    nn_model_destroy(m);
    return status;
}

void nn_model_destroy(struct nn_model *m) {
    if (m == NULL)
        return;
    for (size_t i = m->plan_count; i-- > 0;)
        onednn_chain_destroy(m->plans[i].chain);
    free(m->plans);
    for (size_t i = 0; i <= NN_MAX_LAYERS; i++)
        free(m->rows[i]);
    free(m->row_gradients[0]);
    free(m->row_gradients[1]);
    free(m->params);
    free(m->gradients);
    free(m->buffers);
    free(m);
}

/* ---- passes ---- */

static enum trm_status check(const struct nn_model *m, const int32_t *labels, size_t count,
                             struct trm_error *error) {
    if (count < 1 || count > m->batch)
        return trm_fail(error, TRM_INVALID, "%zu images: this model takes 1 to %zu at once", count, m->batch);
    for (size_t i = 0; i < count; i++)
        if (labels[i] < 0 || (size_t)labels[i] >= m->classes)
            return trm_fail(error, TRM_INVALID, "label %d of image %zu: must be 0 to %zu", (int)labels[i], i,
                            m->classes - 1);
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

/* From row_gradients[0], the gradient of the logits, down to that of the trunk's output, which is returned.
 */
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

static const float *logits(const struct nn_model *m) {
    return m->rows[m->layout.layer_count - m->layout.trunk_count];
}

static bool all_finite(const float *values, size_t count) {
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !(values[i] * 0 == 0);
    return bad == 0;
}

/* oneDNN's ReLU and pooling turn NaN into 0, so that a network that diverged could show a finite loss.
   Everything that would have made it NaN is looked at instead. */
static bool sane(const struct nn_model *m, const struct onednn_chain *chain, bool evaluation, const float *x,
                 size_t count) {
    if (!all_finite(m->params, m->layout.param_floats))
        return false;
    if (evaluation)
        return all_finite(m->buffers, m->layout.buffer_floats) && all_finite(x, count * NN_IMAGE_FLOATS);
    for (size_t i = 0; i < m->layout.trunk_count; i++) { /* not finite where any image or activation is not */
        const float *mean, *variance;
        size_t n;
        if (m->layout.layers[i].kind != NN_NORM_RELU)
            continue;
        onednn_chain_statistics(chain, i, &mean, &variance, &n);
        if (!all_finite(mean, m->layout.layers[i].outputs) ||
            !all_finite(variance, m->layout.layers[i].outputs))
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
        status = plan_find(m, count, chain, error);
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
    const double sum = dense_cross_entropy(count, m->classes, logits(m), labels, m->row_gradients[0], NULL);
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
    const double sum = dense_cross_entropy(count, m->classes, logits(m), labels, NULL, correct);
    if (loss_sum != NULL)
        *loss_sum = is_sane ? sum : NAN;
    return TRM_OK;
}

/* ---- what it holds ---- */

size_t nn_param_count(const struct nn_model *m) {
    return m->layout.param_count;
}

const struct nn_param *nn_param_at(const struct nn_model *m, size_t index) {
    return index < m->layout.param_count ? &m->layout.params[index] : NULL;
}

const struct nn_param *nn_param_find(const struct nn_model *m, const char *name) {
    for (size_t i = 0; i < m->layout.param_count; i++)
        if (strcmp(m->layout.params[i].name, name) == 0)
            return &m->layout.params[i];
    return NULL;
}

size_t nn_param_floats(const struct nn_model *m) {
    return m->layout.param_floats;
}
float *nn_params(const struct nn_model *m) {
    return m->params;
}
float *nn_gradients(const struct nn_model *m) {
    return m->gradients;
}

size_t nn_buffer_count(const struct nn_model *m) {
    return m->layout.buffer_count;
}

const struct nn_buffer *nn_buffer_at(const struct nn_model *m, size_t index) {
    return index < m->layout.buffer_count ? &m->layout.buffers[index] : NULL;
}

size_t nn_buffer_floats(const struct nn_model *m) {
    return m->layout.buffer_floats;
}
float *nn_buffers(const struct nn_model *m) {
    return m->buffers;
}

size_t nn_batch(const struct nn_model *m) {
    return m->batch;
}
size_t nn_classes(const struct nn_model *m) {
    return m->classes;
}
const float *nn_logits(const struct nn_model *m) {
    return logits(m);
}

const char *nn_precision(void) {
    return "f32";
}
const char *nn_instruction_set(void) {
    return onednn_instruction_set();
}
const char *nn_library(void) {
    return onednn_version();
}
