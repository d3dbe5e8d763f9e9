/* A chain's life: shapes, compilation, and the passes. */
#include "nn/onednn_chain.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef dnnl_status_t build(struct onednn_chain *c, struct layer *l);
static build *const FORWARD[] = {chain_conv_forward, chain_norm_forward};
static build *const BACKWARDS[] = {chain_conv_backward, chain_norm_backward};

/* Shapes and slots. False where a shape does not work out. */
static bool plan(struct onednn_chain *c, const struct onednn_layer *layers, const size_t input[4]) {
    dnnl_dims_t shape;
    for (int d = 0; d < 4; d++) {
        if (input[d] == 0 || input[d] > 1U << 20)
            return false;
        shape[d] = (dnnl_dim_t)input[d];
    }
    for (size_t i = 0; i < c->layer_count; i++) {
        struct layer *l = &c->layers[i];
        l->given = layers[i];
        memcpy(l->in, shape, sizeof shape);
        if (layers[i].kind == ONEDNN_CONV)
            shape[1] = (dnnl_dim_t)layers[i].outputs;
        else if (layers[i].pool == NORM_MAX_POOL)
            shape[2] /= 2, shape[3] /= 2;
        else if (layers[i].pool == NORM_AVERAGE_POOL)
            shape[2] = shape[3] = 1;
        if (shape[1] < 1 || shape[1] > 1 << 20 || shape[2] < 1 || shape[3] < 1)
            return false;
        memcpy(l->out, shape, sizeof shape);
    }
    enum place slot = SLOT_A;
    for (size_t i = c->layer_count; i-- > 0;) {
        c->layers[i].slot = slot;
        if (layers[i].kind == ONEDNN_CONV || layers[i].pool != NORM_NO_POOL)
            slot = slot == SLOT_A ? SLOT_B : SLOT_A;
    }
    return true;
}

static dnnl_status_t compile(struct onednn_chain *c, bool input_gradient) {
    struct layer *const first = c->layers, *const last = first + c->layer_count - 1;
    TRY(dnnl_engine_create(&c->engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags));
    TRY(dnnl_primitive_attr_create(&c->attributes));
    TRY(dnnl_primitive_attr_set_scratchpad_mode(c->attributes, dnnl_scratchpad_mode_user));
    TRY(chain_plain_memory(c, 4, first->in, CALLER, NULL, &c->x));
    TRY(chain_plain_memory(c, 4, first->in, CALLER, NULL, &c->x_gradient));
    TRY(chain_plain_memory(c, 4, last->out, CALLER, NULL, &c->y));
    TRY(chain_plain_memory(c, 4, last->out, CALLER, NULL, &c->y_gradient));

    if (last->given.kind == ONEDNN_NORM_RELU && last->given.pool == NORM_AVERAGE_POOL) {
        last->dst = c->y; /* already plain floats */
        last->dst_gradient = c->y_gradient;
    }
    for (struct layer *l = first; l <= last; l++) {
        l->src = l == first ? c->x : l[-1].dst;
        TRY(FORWARD[l->given.kind](c, l));
        if (l == first)
            l->src_gradient = input_gradient ? c->x_gradient : NULL;
        else
            l->src_gradient = l[-1].dst_gradient;
        if (l->dst_gradient == NULL)
            TRY(chain_memory(c, chain_layout(l->dst), l->slot, NULL, &l->dst_gradient));
    }
    if (last->dst != c->y) {
        TRY(chain_reorder(c, IN_FORWARD, last->dst, c->y));
        TRY(chain_reorder(c, IN_BACKWARD, c->y_gradient, last->dst_gradient));
    }
    for (struct layer *l = last; l >= first; l--)
        TRY(BACKWARDS[l->given.kind](c, l));
    return dnnl_success;
}

static enum trm_status failed(dnnl_status_t status, const char *what, struct trm_error *error) {
    if (status == dnnl_out_of_memory)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory to %s; a smaller batch needs less", what);
    return trm_fail(error, TRM_NUMERIC, "oneDNN could not %s (its status %d)", what, (int)status);
}

enum trm_status onednn_chain_create(const struct onednn_layer *layers, size_t layer_count,
                                    const size_t input[4], bool input_gradient, bool bf16,
                                    const struct onednn_chain *lender, struct onednn_chain **out,
                                    struct trm_error *error) {
    *out = NULL;
    if (layer_count == 0 || layer_count > ONEDNN_MAX_LAYERS)
        return trm_fail(error, TRM_INVALID, "a chain has 1 to %d layers, not %zu", ONEDNN_MAX_LAYERS,
                        layer_count);
    struct onednn_chain *c = calloc(1, sizeof *c);
    if (c == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory for a chain of layers");
    c->layer_count = layer_count;
    c->type = bf16 ? dnnl_bf16 : dnnl_f32;
    enum trm_status status = TRM_OK;
    dnnl_status_t result = dnnl_success;
    if (!plan(c, layers, input))
        status =
            trm_fail(error, TRM_INVALID, "images of %zu x %zu are too small for the layers, or a size is 0",
                     input[2], input[3]);
    else if ((result = compile(c, input_gradient)) != dnnl_success ||
             (result = chain_place(c, lender)) != dnnl_success)
        status = failed(result, "prepare the layers", error);
    chain_forget_descriptions(c);
    if (status != TRM_OK) {
        onednn_chain_destroy(c);
        return status;
    }
    *out = c;
    return TRM_OK;
}

void onednn_chain_destroy(struct onednn_chain *c) {
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->layer_count; i++)
        norm_destroy(c->layers[i].norm);
    for (size_t i = 0; i < c->primitive_count; i++)
        dnnl_primitive_destroy(c->primitives[i]);
    for (size_t i = 0; i < c->memory_count; i++)
        dnnl_memory_destroy(c->memories[i]);
    dnnl_primitive_attr_destroy(c->attributes);
    dnnl_stream_destroy(c->stream);
    dnnl_engine_destroy(c->engine);
    if (!c->borrowed)
        free(c->working);
    free(c);
}

static dnnl_status_t point(dnnl_memory_t memory, const float *data) {
    return dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data);
}

static dnnl_status_t forward(struct onednn_chain *c, bool evaluation, const float *x, float *y) {
    TRY(point(c->x, x));
    TRY(point(c->y, y));
    return chain_execute(c, evaluation ? EVALUATE : TRAIN);
}

enum trm_status onednn_chain_forward(struct onednn_chain *chain, bool evaluation, const float *x, float *y,
                                     struct trm_error *error) {
    const dnnl_status_t status = forward(chain, evaluation, x, y);
    return status == dnnl_success ? TRM_OK : failed(status, "run the layers forward", error);
}

static dnnl_status_t backward(struct onednn_chain *c, const float *x, const float *output_gradient,
                              float *input_gradient) {
    TRY(point(c->x, x));
    TRY(point(c->y_gradient, output_gradient));
    TRY(point(c->x_gradient, input_gradient));
    return chain_execute(c, BACKWARD);
}

enum trm_status onednn_chain_backward(struct onednn_chain *chain, const float *x,
                                      const float *output_gradient, float *input_gradient,
                                      struct trm_error *error) {
    const dnnl_status_t status = backward(chain, x, output_gradient, input_gradient);
    return status == dnnl_success ? TRM_OK : failed(status, "run the layers backward", error);
}

void onednn_chain_statistics(const struct onednn_chain *chain, size_t layer, const float **mean,
                             const float **variance, size_t *count) {
    const struct layer *l = &chain->layers[layer];
    *mean = norm_mean(l->norm);
    *variance = norm_variance(l->norm);
    *count = (size_t)(l->in[0] * l->in[2] * l->in[3]);
}
