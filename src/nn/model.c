#include "nn/model.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

static struct onednn_layer trunk_layer(const struct nn_model *m, const struct nn_layer *l) {
    static const enum onednn_kind kinds[] = {
        [NN_CONV] = ONEDNN_CONV,
        [NN_NORM_RELU] = ONEDNN_NORM_RELU,
    };
    struct onednn_layer given = {.kind = kinds[l->kind], .outputs = l->outputs, .pool = l->pool};
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
    const size_t input[4] = {count, m->images.channels, m->images.height, m->images.width};
    struct plan *p = &plans[m->plan_count];
    p->count = count;
    const enum trm_status status =
        onednn_chain_create(layers, m->layout.trunk_count, input, false, m->bf16,
                            m->plan_count > 0 ? plans[0].chain : NULL, &p->chain, error);
    m->plan_count += status == TRM_OK;
    return status;
}

enum trm_status nn_plan_find(struct nn_model *m, size_t count, struct onednn_chain **out,
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

enum trm_status nn_model_create(const char *name, double width, size_t batch, struct nn_images images,
                                enum nn_precision precision, uint64_t seed, struct nn_model **out,
                                struct trm_error *error) {
    *out = NULL;
    if (batch < 1 || batch > NN_MAX_BATCH)
        return trm_fail(error, TRM_INVALID, "batch %zu: must be 1 to %d", batch, NN_MAX_BATCH);
    struct nn_model *m = calloc(1, sizeof *m);
    if (m == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a model");
    m->batch = batch;
    m->images = images;
    enum trm_status status = nn_layout_make(name, width, images, &m->layout, error);
    if (status != TRM_OK)
        goto fail;
    m->bf16 = precision == NN_BF16 && m->layout.trunk_count > 0 && onednn_has_bf16();
    if (!allocate(m)) {
        status = trm_fail(error, TRM_NO_MEMORY, "not enough memory for %s of width %g, batch %zu", name,
                          width, batch);
        goto fail;
    }
    nn_layout_initialise(&m->layout, seed, m->params, m->buffers);
    struct onednn_chain *chain;
    status = nn_plan_find(m, batch, &chain, error);
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

const float *nn_logits(const struct nn_model *m) {
    return m->rows[m->layout.layer_count - m->layout.trunk_count];
}

/* ---- precision ---- */

static const char *const PRECISIONS[] = {
#define X(name, text) [NN_##name] = text,
    NN_PRECISION_LIST(X)
#undef X
};

enum { PRECISION_COUNT = sizeof PRECISIONS / sizeof *PRECISIONS };

const char *nn_precision_name(size_t index) {
    return index < PRECISION_COUNT ? PRECISIONS[index] : NULL;
}

int nn_precision_find(const char *name) {
    for (int i = 0; i < PRECISION_COUNT; i++)
        if (strcmp(PRECISIONS[i], name) == 0)
            return i;
    return -1;
}

const char *nn_precision_used(const char *model, enum nn_precision asked) {
    struct nn_layout layout;
    if (asked == NN_BF16 && !onednn_has_bf16())
        return "f32 (bf16 asked; this processor has none)";
    if (asked == NN_BF16 && nn_layout_make(model, 1, NN_CIFAR10, &layout, NULL) == TRM_OK &&
        layout.trunk_count == 0)
        return "f32 (bf16 asked; this model has no convolutions)";
    return PRECISIONS[asked];
}

enum trm_status nn_time_convolutions(struct nn_model *m, size_t repeats, double *seconds,
                                     struct trm_error *error) {
    *seconds = 0;
    return m->plan_count > 0 ? onednn_chain_time_convolutions(m->plans[0].chain, repeats, seconds, error)
                             : TRM_OK;
}

const char *nn_instruction_set(void) {
    return onednn_instruction_set();
}
const char *nn_library(void) {
    return onednn_version();
}
