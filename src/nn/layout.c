#include "nn/layout.h"

#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES = 0 }; /* as a number of outputs: not scaled by the width */

struct recipe {
    enum nn_layer_kind kind;
    const char *name;
    size_t outputs; /* at width 1 */
    bool has_bias;
    enum norm_pool pool;
};

static const struct recipe SMALL_CNN[] = {
    {NN_CONV, "conv1", 32, false, 0},    {NN_NORM_RELU, "bn1", 0, false, NORM_MAX_POOL},
    {NN_CONV, "conv2", 64, false, 0},    {NN_NORM_RELU, "bn2", 0, false, NORM_MAX_POOL},
    {NN_CONV, "conv3", 128, false, 0},   {NN_NORM_RELU, "bn3", 0, false, NORM_AVERAGE_POOL},
    {NN_LINEAR, "fc", CLASSES, true, 0},
};

static const struct recipe MLP[] = {
    {NN_LINEAR, "fc1", 128, false, 0},     {NN_RELU, "", 0, false, 0},
    {NN_LINEAR, "fc2", 64, false, 0},      {NN_RELU, "", 0, false, 0},
    {NN_LINEAR, "fc3", CLASSES, false, 0},
};

static const struct {
    const char *name;
    const struct recipe *layers;
    size_t count;
} MODELS[] = {
    /* three 3x3 convolutions (32, 64, 128 channels times the width) with batch norm, one linear layer */
    {"small_cnn", SMALL_CNN, sizeof SMALL_CNN / sizeof *SMALL_CNN},
    /* pixels-128-64-classes (hidden units times the width), ReLU, no bias */
    {"mlp", MLP, sizeof MLP / sizeof *MLP},
};

size_t nn_model_count(void) {
    return sizeof MODELS / sizeof *MODELS;
}

const char *nn_model_name(size_t index) {
    return index < nn_model_count() ? MODELS[index].name : NULL;
}

static struct nn_param *add_param(struct nn_layout *l, const char *layer, const char *suffix,
                                  enum nn_kind kind, size_t rank, const size_t *shape) {
    struct nn_param *p = &l->params[l->param_count++];
    snprintf(p->name, sizeof p->name, "%s.%s", layer, suffix);
    p->kind = kind;
    p->rank = rank;
    p->offset = l->param_floats;
    p->rows = shape[0];
    p->cols = 1;
    for (size_t d = 0; d < rank; d++) {
        p->shape[d] = shape[d];
        p->cols *= d > 0 ? shape[d] : 1;
    }
    p->count = p->rows * p->cols;
    l->param_floats += p->count;
    return p;
}

static void add_buffer(struct nn_layout *l, const char *layer, const char *suffix, size_t count) {
    struct nn_buffer *b = &l->buffers[l->buffer_count++];
    snprintf(b->name, sizeof b->name, "%s.%s", layer, suffix);
    b->offset = l->buffer_floats;
    b->count = count;
    l->buffer_floats += count;
}

static void add_weight(struct nn_layout *l, const struct recipe *r, const struct nn_layer *layer) {
    const bool conv = layer->kind == NN_CONV;
    const size_t shape[NN_MAX_RANK] = {layer->outputs, layer->inputs, 3, 3};
    add_param(l, r->name, "weight", conv ? NN_CONV_WEIGHT : NN_LINEAR_WEIGHT, conv ? 4 : 2, shape)
        ->is_last_layer = !conv && r->outputs == CLASSES;
    if (layer->has_bias)
        add_param(l, r->name, "bias", NN_BIAS, 1, shape)->is_last_layer = r->outputs == CLASSES;
}

static void add_norm(struct nn_layout *l, const struct recipe *r, size_t channels) {
    add_param(l, r->name, "weight", NN_NORM_GAIN, 1, &channels);
    add_param(l, r->name, "bias", NN_NORM_BIAS, 1, &channels);
    add_buffer(l, r->name, "running_mean", channels);
    add_buffer(l, r->name, "running_var", channels);
}

static size_t scaled(size_t outputs, double width) {
    const size_t count = (size_t)((double)outputs * width);
    return count > 0 ? count : 1;
}

static void lay_out(const struct recipe *recipe, size_t count, double width, struct nn_images images,
                    struct nn_layout *l) {
    size_t channels = images.channels, rows = images.height,
           cols = images.width; /* rows 0: no image any more */
    for (size_t i = 0; i < count; i++) {
        const struct recipe *r = &recipe[i];
        struct nn_layer *layer = &l->layers[l->layer_count++];
        if (r->kind <= NN_NORM_RELU)
            l->trunk_count = l->layer_count;
        else if (rows > 0) { /* what comes in here is seen as one row an image */
            channels *= rows * cols;
            l->features = channels;
            rows = 0;
        }
        *layer = (struct nn_layer){.kind = r->kind,
                                   .inputs = channels,
                                   .outputs = channels,
                                   .has_bias = r->has_bias,
                                   .pool = r->pool,
                                   .param = l->param_count,
                                   .buffer = l->buffer_count};
        if (r->kind == NN_CONV || r->kind == NN_LINEAR) {
            layer->outputs = channels = r->outputs == CLASSES ? images.classes : scaled(r->outputs, width);
            add_weight(l, r, layer);
        } else if (r->kind == NN_NORM_RELU) {
            add_norm(l, r, channels);
            rows = r->pool == NORM_MAX_POOL ? rows / 2 : r->pool == NORM_AVERAGE_POOL ? 1 : rows;
            cols = r->pool == NORM_MAX_POOL ? cols / 2 : r->pool == NORM_AVERAGE_POOL ? 1 : cols;
        }
    }
}

static bool is_side(size_t pixels) {
    return pixels >= NN_MIN_SIDE && pixels <= NN_MAX_SIDE;
}

enum trm_status nn_layout_make(const char *name, double width, struct nn_images images, struct nn_layout *out,
                               struct trm_error *error) {
    memset(out, 0, sizeof *out);
    if (!(width > 0 && width <= NN_MAX_WIDTH))
        return trm_fail(error, TRM_INVALID, "width %g: must be above 0 and at most %d", width, NN_MAX_WIDTH);
    if (images.classes < 2 || images.classes > NN_MAX_CLASSES)
        return trm_fail(error, TRM_INVALID, "%zu classes: must be 2 to %d", images.classes, NN_MAX_CLASSES);
    if (!is_side(images.height) || !is_side(images.width) || (images.channels != 1 && images.channels != 3))
        return trm_fail(error, TRM_INVALID,
                        "images of %zu x %zu x %zu: must be 1 or 3 channels of %d to %d pixels",
                        images.channels, images.height, images.width, NN_MIN_SIDE, NN_MAX_SIDE);
    for (size_t i = 0; i < nn_model_count(); i++) {
        if (strcmp(name, MODELS[i].name) == 0) {
            lay_out(MODELS[i].layers, MODELS[i].count, width, images, out);
            return TRM_OK;
        }
    }
    char known[128] = "";
    for (size_t i = 0, at = 0; i < nn_model_count() && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", MODELS[i].name);
    return trm_fail(error, TRM_NOT_FOUND, "no model is called '%s'; there are %s", name, known);
}

/* kaiming_uniform(a = sqrt 5) is uniform in +-1/sqrt(fan_in), for weights and for the bias beside them. */
void nn_layout_initialise(const struct nn_layout *l, uint64_t seed, float *params, float *buffers) {
    for (size_t i = 0; i < l->param_count; i++) {
        const struct nn_param *p = &l->params[i];
        float *values = params + p->offset;
        const size_t fan_in = p->kind == NN_BIAS ? l->params[i - 1].cols : p->cols;
        const double bound = 1 / sqrt((double)fan_in);
        struct rng r = rng_stream(seed, RNG_INIT, i, 0);
        for (size_t k = 0; k < p->count; k++) {
            if (p->kind == NN_NORM_GAIN || p->kind == NN_NORM_BIAS)
                values[k] = p->kind == NN_NORM_GAIN ? 1 : 0;
            else
                values[k] = (float)((2 * rng_uniform(&r) - 1) * bound);
        }
    }
    for (size_t i = 0; i < l->buffer_count; i++) /* mean, variance, mean, variance, ... */
        for (size_t k = 0; k < l->buffers[i].count; k++)
            buffers[l->buffers[i].offset + k] = (float)(i % 2);
}
