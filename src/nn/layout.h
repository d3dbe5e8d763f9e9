/* What each network is made of, and where its tensors lie in the flat buffers. */
#ifndef TRM_NN_LAYOUT_H
#define TRM_NN_LAYOUT_H

#include "nn/nn.h"
#include "nn/norm.h"

enum { NN_MAX_LAYERS = 16, NN_MAX_PARAMS = 2 * NN_MAX_LAYERS };

/* The trunk (image layers, run by oneDNN) comes first, then the head (linear layers and ReLU). */
enum nn_layer_kind { NN_CONV, NN_NORM_RELU, NN_LINEAR, NN_RELU };

struct nn_layer {
    enum nn_layer_kind kind;
    size_t inputs, outputs; /* channels or units */
    bool has_bias;          /* LINEAR */
    enum norm_pool pool;    /* NORM_RELU: what comes after the ReLU */
    size_t param;           /* index of its first parameter: weight, or gain with the bias after it */
    size_t buffer;          /* NORM_RELU: index of its running mean; the variance comes after it */
};

struct nn_layout {
    size_t layer_count, trunk_count; /* layers[0 ... trunk_count-1] are image layers */
    struct nn_layer layers[NN_MAX_LAYERS];
    size_t features; /* floats an image that go from trunk to head */
    size_t param_count, param_floats;
    struct nn_param params[NN_MAX_PARAMS];
    size_t buffer_count, buffer_floats;
    struct nn_buffer buffers[NN_MAX_PARAMS];
};

/* TRM_NOT_FOUND (name) or TRM_INVALID (width, images; ranges in nn.h). */
enum trm_status nn_layout_make(const char *name, double width, struct nn_images images, struct nn_layout *out,
                               struct trm_error *error);

/* PyTorch's initial values into params, and 0 and 1 into the running means and variances. */
void nn_layout_initialise(const struct nn_layout *layout, uint64_t seed, float *params, float *buffers);

#endif
