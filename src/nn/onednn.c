/* Written for oneDNN 2.6; what 3.x wants differently (descriptors by value, *_desc_init, query names) is
   all here.

   A chain is compiled once into three lists of primitives: the training pass, the evaluation pass and the
   backward pass. Boundary j is what layer j gives to layer j+1. Its memory, and that of its gradient:

     kept   outputs that the backward pass reads again: those of convolutions, and what convolutions read
     A, B   two slots for everything else

   The gradient of boundary j lives in one slot, and layer j turns it into the gradient of boundary j-1 in the
   other; batch norm does so in place. An output that is not kept (batch norm's before a pooling) shares the
   slot of its own gradient, which comes later. */
#include "nn/onednn.h"

#include <oneapi/dnnl/dnnl.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ARGS = 10, MAX_OPS = ONEDNN_MAX_LAYERS * 10 + 8, MAX_MEMORIES = ONEDNN_MAX_LAYERS * 20 + 8 };
enum { ALIGNMENT = 4096, WINOGRAD_CHANNELS = 32 };
enum program { TRAIN, EVALUATE, BACKWARD, PROGRAM_COUNT };
enum {
    IN_TRAIN = 1 << TRAIN,
    IN_EVALUATE = 1 << EVALUATE,
    IN_FORWARD = IN_TRAIN | IN_EVALUATE,
    IN_BACKWARD = 1 << BACKWARD
};
enum place { SLOT_A, SLOT_B, SCRATCHPAD, SHARED_COUNT, KEPT = SHARED_COUNT, CALLER };

static const float EPSILON = 1e-5F;
static const dnnl_dims_t ONE = {1, 1}, NONE = {0, 0};

typedef const dnnl_memory_desc_t *layout;
typedef dnnl_exec_arg_t arg;

struct op {
    dnnl_primitive_t primitive; /* owned by the chain's list: two programs may hold the same one */
    int arg_count;
    arg args[MAX_ARGS];
};

struct layer {
    struct onednn_layer given;
    dnnl_dims_t in, out; /* (batch, channels, height, width) */
    enum place slot;     /* of the gradient of its output */
    dnnl_memory_t src, dst, workspace, mean, variance, weight;
    dnnl_memory_t src_gradient, dst_gradient;
    dnnl_primitive_desc_t forward;
};

struct onednn_chain {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t attributes; /* scratchpads are ours */
    size_t layer_count;
    struct layer layers[ONEDNN_MAX_LAYERS];
    struct op ops[PROGRAM_COUNT][MAX_OPS];
    size_t op_count[PROGRAM_COUNT];
    dnnl_memory_t x, y, y_gradient, x_gradient; /* handles are set at every pass */

    dnnl_primitive_t primitives[MAX_OPS * 2];
    dnnl_primitive_desc_t descriptions[MAX_OPS * 2];
    dnnl_memory_t memories[MAX_MEMORIES];
    enum place places[MAX_MEMORIES];
    size_t primitive_count, description_count, memory_count;
    void *working; /* one allocation for every memory that is not the caller's */
    size_t working_bytes;
    bool borrowed;
};

#define TRY(call)                                                                                            \
    do {                                                                                                     \
        const dnnl_status_t status_ = (call);                                                                \
        if (status_ != dnnl_success)                                                                         \
            return status_;                                                                                  \
    } while (0)

/* ---- memories ---- */

static layout layout_of(dnnl_memory_t memory) {
    layout desc = NULL;
    dnnl_memory_get_memory_desc(memory, &desc);
    return desc;
}

static dnnl_status_t memory_new(struct onednn_chain *c, layout desc, enum place place, const void *caller,
                                dnnl_memory_t *out) {
    if (c->memory_count == MAX_MEMORIES)
        return dnnl_out_of_memory;
    void *handle = caller != NULL ? (void *)(uintptr_t)caller : DNNL_MEMORY_NONE;
    TRY(dnnl_memory_create(out, desc, c->engine, handle));
    c->memories[c->memory_count] = *out;
    c->places[c->memory_count++] = place;
    return dnnl_success;
}

static dnnl_status_t any_layout(const dnnl_dims_t dims, dnnl_memory_desc_t *out) {
    return dnnl_memory_desc_init_by_tag(out, 4, dims, dnnl_f32, dnnl_format_tag_any);
}

static dnnl_status_t plain_memory(struct onednn_chain *c, int rank, const dnnl_dims_t dims, enum place place,
                                  const void *caller, dnnl_memory_t *out) {
    static const dnnl_format_tag_t tags[] = {[1] = dnnl_a, [2] = dnnl_ab, [4] = dnnl_abcd};
    dnnl_memory_desc_t desc;
    TRY(dnnl_memory_desc_init_by_tag(&desc, rank, dims, dnnl_f32, tags[rank]));
    return memory_new(c, &desc, place, caller, out);
}

static size_t round_up(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Place every memory: slots and scratchpad first, as large as their largest user, then what is kept. */
static dnnl_status_t memory_place(struct onednn_chain *c, const struct onednn_chain *lender) {
    size_t offset[SHARED_COUNT + 1], largest[SHARED_COUNT] = {0}, total = 0;
    for (size_t i = 0; i < c->memory_count; i++) {
        const size_t bytes = round_up(dnnl_memory_desc_get_size(layout_of(c->memories[i])));
        if (c->places[i] < SHARED_COUNT && bytes > largest[c->places[i]])
            largest[c->places[i]] = bytes;
        else if (c->places[i] == KEPT)
            total += bytes;
    }
    offset[0] = 0;
    for (int s = 0; s < SHARED_COUNT; s++)
        offset[s + 1] = offset[s] + largest[s];
    total += offset[SHARED_COUNT];

    c->borrowed = lender != NULL && lender->working_bytes >= total;
    c->working_bytes = total;
    c->working = c->borrowed ? lender->working : aligned_alloc(ALIGNMENT, total > 0 ? total : ALIGNMENT);
    if (c->working == NULL)
        return dnnl_out_of_memory;
    memset(c->working, 0, total); /* so that no page is first touched in a step */

    size_t kept = offset[SHARED_COUNT];
    for (size_t i = 0; i < c->memory_count; i++) {
        if (c->places[i] == CALLER)
            continue;
        const size_t at = c->places[i] == KEPT ? kept : offset[c->places[i]];
        TRY(dnnl_memory_set_data_handle(c->memories[i], (char *)c->working + at));
        if (c->places[i] == KEPT)
            kept += round_up(dnnl_memory_desc_get_size(layout_of(c->memories[i])));
    }
    return dnnl_success;
}

/* ---- primitives ---- */

static dnnl_status_t describe(struct onednn_chain *c, const void *op_desc, const_dnnl_primitive_desc_t hint,
                              dnnl_primitive_desc_t *out) {
    TRY(dnnl_primitive_desc_create(out, op_desc, c->attributes, c->engine, hint));
    c->descriptions[c->description_count++] = *out;
    return dnnl_success;
}

static layout query(const_dnnl_primitive_desc_t description, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(description, what, 0);
}

/* Append the primitive, with its scratchpad, to every program of the mask. */
static dnnl_status_t append(struct onednn_chain *c, int programs, const_dnnl_primitive_desc_t description,
                            const arg *args, int arg_count) {
    struct op op = {.arg_count = arg_count};
    memcpy(op.args, args, (size_t)arg_count * sizeof *args);
    TRY(dnnl_primitive_create(&op.primitive, description));
    c->primitives[c->primitive_count++] = op.primitive;
    layout scratchpad = query(description, dnnl_query_scratchpad_md);
    if (scratchpad != NULL && dnnl_memory_desc_get_size(scratchpad) > 0) {
        arg *last = &op.args[op.arg_count++];
        last->arg = DNNL_ARG_SCRATCHPAD;
        TRY(memory_new(c, scratchpad, SCRATCHPAD, NULL, &last->memory));
    }
    for (int p = 0; p < PROGRAM_COUNT; p++)
        if (programs & (1 << p))
            c->ops[p][c->op_count[p]++] = op;
    return dnnl_success;
}

#define APPEND(c, programs, description, ...)                                                                \
    append(c, programs, description, (const arg[]){__VA_ARGS__},                                             \
           (int)(sizeof((const arg[]){__VA_ARGS__}) / sizeof(arg)))

static dnnl_status_t reorder(struct onednn_chain *c, int programs, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_primitive_desc_t description;
    TRY(dnnl_reorder_primitive_desc_create(&description, layout_of(from), c->engine, layout_of(to), c->engine,
                                           c->attributes));
    c->descriptions[c->description_count++] = description;
    return APPEND(c, programs, description, {DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to});
}

/* `from` in the wanted layout: itself where it has it, else a kept copy made in these programs. */
static dnnl_status_t converted(struct onednn_chain *c, int programs, dnnl_memory_t from, layout wanted,
                               dnnl_memory_t *out) {
    *out = from;
    if (dnnl_memory_desc_equal(layout_of(from), wanted))
        return dnnl_success;
    TRY(memory_new(c, wanted, KEPT, NULL, out));
    return reorder(c, programs, from, *out);
}

/* Where a primitive that writes the layout `given` should write: `to`, or a memory to reorder from. */
static dnnl_status_t target(struct onednn_chain *c, dnnl_memory_t to, layout given, dnnl_memory_t *out) {
    *out = to;
    return dnnl_memory_desc_equal(layout_of(to), given) ? dnnl_success
                                                        : memory_new(c, given, KEPT, NULL, out);
}

static dnnl_status_t deliver(struct onednn_chain *c, dnnl_memory_t from, dnnl_memory_t to) {
    return from == to ? dnnl_success : reorder(c, IN_BACKWARD, from, to);
}

/* ---- convolution ---- */

static void weight_shape(const struct layer *l, dnnl_dims_t dims) {
    dims[0] = l->out[1];
    dims[1] = l->in[1];
    dims[2] = dims[3] = 3;
}

static dnnl_status_t conv_describe_as(struct onednn_chain *c, const struct layer *l, dnnl_prop_kind_t pass,
                                      dnnl_alg_kind_t algorithm, dnnl_primitive_desc_t *out) {
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_desc_t src, weight, dst;
    TRY(any_layout(l->in, &src));
    TRY(any_layout(shape, &weight));
    TRY(any_layout(l->out, &dst));
    dnnl_convolution_desc_t desc;
    if (pass == dnnl_backward_weights)
        TRY(dnnl_convolution_backward_weights_desc_init(&desc, algorithm, &src, &weight, NULL, &dst, ONE, ONE,
                                                        ONE));
    else if (pass == dnnl_backward_data)
        TRY(dnnl_convolution_backward_data_desc_init(&desc, algorithm, &src, &weight, &dst, ONE, ONE, ONE));
    else
        TRY(dnnl_convolution_forward_desc_init(&desc, pass, algorithm, &src, &weight, NULL, &dst, ONE, ONE,
                                               ONE));
    return describe(c, &desc, l->forward, out);
}

/* Winograd's F(4x4, 3x3) takes half the time of the direct convolution where there are channels enough, at an
   error of a few 1e-6 of the largest value. oneDNN has it for AVX-512 only; elsewhere the direct one. The
   choice hangs on shapes and machine alone, never on a timing, so that runs repeat. */
static dnnl_status_t conv_describe(struct onednn_chain *c, const struct layer *l, dnnl_prop_kind_t pass,
                                   dnnl_primitive_desc_t *out) {
    const bool wide = l->in[1] >= WINOGRAD_CHANNELS && l->out[1] >= WINOGRAD_CHANNELS;
    if (wide && conv_describe_as(c, l, pass, dnnl_convolution_winograd, out) == dnnl_success)
        return dnnl_success;
    return conv_describe_as(c, l, pass, dnnl_convolution_direct, out);
}

static dnnl_status_t conv_forward(struct onednn_chain *c, struct layer *l) {
    TRY(conv_describe(c, l, dnnl_forward_training, &l->forward));
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_t weight;
    TRY(plain_memory(c, 4, shape, CALLER, l->given.weight, &l->weight));
    TRY(converted(c, IN_FORWARD, l->src, query(l->forward, dnnl_query_src_md), &l->src));
    TRY(converted(c, IN_FORWARD, l->weight, query(l->forward, dnnl_query_weights_md), &weight));
    TRY(memory_new(c, query(l->forward, dnnl_query_dst_md), KEPT, NULL, &l->dst));
    TRY(APPEND(c, IN_FORWARD, l->forward, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_WEIGHTS, weight},
               {DNNL_ARG_DST, l->dst}));
    l->weight = weight;
    return dnnl_success;
}

static dnnl_status_t conv_backward_weight(struct onednn_chain *c, struct layer *l) {
    dnnl_primitive_desc_t description;
    TRY(conv_describe(c, l, dnnl_backward_weights, &description));
    dnnl_dims_t shape;
    weight_shape(l, shape);
    dnnl_memory_t plain, src, dst_gradient, gradient;
    TRY(plain_memory(c, 4, shape, CALLER, l->given.weight_gradient, &plain));
    TRY(converted(c, IN_BACKWARD, l->src, query(description, dnnl_query_src_md), &src));
    TRY(converted(c, IN_BACKWARD, l->dst_gradient, query(description, dnnl_query_diff_dst_md),
                  &dst_gradient));
    TRY(target(c, plain, query(description, dnnl_query_diff_weights_md), &gradient));
    TRY(APPEND(c, IN_BACKWARD, description, {DNNL_ARG_SRC, src}, {DNNL_ARG_DIFF_DST, dst_gradient},
               {DNNL_ARG_DIFF_WEIGHTS, gradient}));
    return deliver(c, gradient, plain);
}

static dnnl_status_t conv_backward_data(struct onednn_chain *c, struct layer *l) {
    dnnl_primitive_desc_t description;
    TRY(conv_describe(c, l, dnnl_backward_data, &description));
    dnnl_memory_t weight, dst_gradient, gradient;
    TRY(converted(c, IN_BACKWARD, l->weight, query(description, dnnl_query_weights_md), &weight));
    TRY(converted(c, IN_BACKWARD, l->dst_gradient, query(description, dnnl_query_diff_dst_md),
                  &dst_gradient));
    TRY(target(c, l->src_gradient, query(description, dnnl_query_diff_src_md), &gradient));
    TRY(APPEND(c, IN_BACKWARD, description, {DNNL_ARG_WEIGHTS, weight}, {DNNL_ARG_DIFF_DST, dst_gradient},
               {DNNL_ARG_DIFF_SRC, gradient}));
    return deliver(c, gradient, l->src_gradient);
}

static dnnl_status_t conv_backward(struct onednn_chain *c, struct layer *l) {
    TRY(conv_backward_weight(c, l));
    return l->src_gradient != NULL ? conv_backward_data(c, l) : dnnl_success;
}

/* ---- batch norm and ReLU ---- */

/* Gain and bias as one tensor: with the two apart, the backward pass of 2.6.3 crashed. */
enum { NORM_FLAGS = dnnl_use_scaleshift | dnnl_fuse_norm_relu };

/* Does the next layer's backward pass need what this layer gives? */
static bool read_again(const struct onednn_chain *c, const struct layer *l) {
    return l + 1 < c->layers + c->layer_count &&
           (l[1].given.kind == ONEDNN_CONV || l[1].given.kind == ONEDNN_NORM_RELU);
}

static dnnl_status_t norm_forward(struct onednn_chain *c, struct layer *l) {
    const dnnl_dims_t channels = {l->in[1]}, gain_and_bias = {2, l->in[1]};
    dnnl_batch_normalization_desc_t desc;
    TRY(dnnl_batch_normalization_forward_desc_init(&desc, dnnl_forward_training, layout_of(l->src), EPSILON,
                                                   NORM_FLAGS));
    TRY(describe(c, &desc, NULL, &l->forward));
    dnnl_memory_t running_mean, running_variance;
    TRY(plain_memory(c, 2, gain_and_bias, CALLER, l->given.weight, &l->weight));
    TRY(plain_memory(c, 1, channels, KEPT, NULL, &l->mean));
    TRY(plain_memory(c, 1, channels, KEPT, NULL, &l->variance));
    TRY(plain_memory(c, 1, channels, CALLER, l->given.running_mean, &running_mean));
    TRY(plain_memory(c, 1, channels, CALLER, l->given.running_variance, &running_variance));
    TRY(memory_new(c, query(l->forward, dnnl_query_workspace_md), KEPT, NULL, &l->workspace));
    TRY(memory_new(c, query(l->forward, dnnl_query_dst_md), read_again(c, l) ? KEPT : l->slot, NULL,
                   &l->dst));
    TRY(APPEND(c, IN_TRAIN, l->forward, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_SCALE_SHIFT, l->weight},
               {DNNL_ARG_MEAN, l->mean}, {DNNL_ARG_VARIANCE, l->variance}, {DNNL_ARG_WORKSPACE, l->workspace},
               {DNNL_ARG_DST, l->dst}));

    dnnl_primitive_desc_t evaluate;
    TRY(dnnl_batch_normalization_forward_desc_init(&desc, dnnl_forward_inference, layout_of(l->src), EPSILON,
                                                   NORM_FLAGS | dnnl_use_global_stats));
    TRY(describe(c, &desc, NULL, &evaluate));
    return APPEND(c, IN_EVALUATE, evaluate, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_SCALE_SHIFT, l->weight},
                  {DNNL_ARG_MEAN, running_mean}, {DNNL_ARG_VARIANCE, running_variance},
                  {DNNL_ARG_DST, l->dst});
}

static dnnl_status_t norm_backward(struct onednn_chain *c, struct layer *l) {
    const dnnl_dims_t gain_and_bias = {2, l->in[1]};
    dnnl_batch_normalization_desc_t desc;
    dnnl_primitive_desc_t description;
    TRY(dnnl_batch_normalization_backward_desc_init(&desc, dnnl_backward, layout_of(l->dst_gradient),
                                                    layout_of(l->src), EPSILON, NORM_FLAGS));
    TRY(describe(c, &desc, l->forward, &description));
    dnnl_memory_t weight_gradient, gradient = l->src_gradient;
    TRY(plain_memory(c, 2, gain_and_bias, CALLER, l->given.weight_gradient, &weight_gradient));
    if (gradient == NULL) /* the first layer, and nobody asks: written over its own input */
        gradient = l->dst_gradient;
    return APPEND(c, IN_BACKWARD, description, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_MEAN, l->mean},
                  {DNNL_ARG_VARIANCE, l->variance}, {DNNL_ARG_SCALE_SHIFT, l->weight},
                  {DNNL_ARG_WORKSPACE, l->workspace}, {DNNL_ARG_DIFF_DST, l->dst_gradient},
                  {DNNL_ARG_DIFF_SRC, gradient}, {DNNL_ARG_DIFF_SCALE_SHIFT, weight_gradient});
}

/* ---- pooling ---- */

static dnnl_alg_kind_t pool_algorithm(const struct layer *l, dnnl_dims_t window) {
    const bool maximum = l->given.kind == ONEDNN_MAX_POOL;
    window[0] = maximum ? 2 : l->in[2];
    window[1] = maximum ? 2 : l->in[3];
    return maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
}

static dnnl_status_t pool_forward(struct onednn_chain *c, struct layer *l) {
    dnnl_dims_t window;
    const dnnl_alg_kind_t algorithm = pool_algorithm(l, window);
    dnnl_memory_desc_t dst;
    dnnl_pooling_desc_t desc;
    TRY(any_layout(l->out, &dst));
    TRY(dnnl_pooling_forward_desc_init(&desc, dnnl_forward_training, algorithm, layout_of(l->src), &dst,
                                       window, window, NONE, NONE));
    TRY(describe(c, &desc, NULL, &l->forward));
    TRY(memory_new(c, query(l->forward, dnnl_query_dst_md), KEPT, NULL, &l->dst));
    if (l->given.kind == ONEDNN_AVERAGE_POOL)
        return APPEND(c, IN_FORWARD, l->forward, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_DST, l->dst});
    TRY(memory_new(c, query(l->forward, dnnl_query_workspace_md), KEPT, NULL, &l->workspace));
    return APPEND(c, IN_FORWARD, l->forward, {DNNL_ARG_SRC, l->src}, {DNNL_ARG_DST, l->dst},
                  {DNNL_ARG_WORKSPACE, l->workspace});
}

static dnnl_status_t pool_backward(struct onednn_chain *c, struct layer *l) {
    if (l->src_gradient == NULL)
        return dnnl_success;
    dnnl_dims_t window;
    const dnnl_alg_kind_t algorithm = pool_algorithm(l, window);
    dnnl_pooling_desc_t desc;
    dnnl_primitive_desc_t description;
    TRY(dnnl_pooling_backward_desc_init(&desc, algorithm, layout_of(l->src_gradient),
                                        layout_of(l->dst_gradient), window, window, NONE, NONE));
    TRY(describe(c, &desc, l->forward, &description));
    if (l->given.kind == ONEDNN_AVERAGE_POOL)
        return APPEND(c, IN_BACKWARD, description, {DNNL_ARG_DIFF_DST, l->dst_gradient},
                      {DNNL_ARG_DIFF_SRC, l->src_gradient});
    return APPEND(c, IN_BACKWARD, description, {DNNL_ARG_DIFF_DST, l->dst_gradient},
                  {DNNL_ARG_DIFF_SRC, l->src_gradient}, {DNNL_ARG_WORKSPACE, l->workspace});
}

/* ---- the chain ---- */

typedef dnnl_status_t build(struct onednn_chain *c, struct layer *l);
static build *const FORWARD[] = {conv_forward, norm_forward, pool_forward, pool_forward};
static build *const BACKWARDS[] = {conv_backward, norm_backward, pool_backward, pool_backward};

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
        else if (layers[i].kind == ONEDNN_MAX_POOL)
            shape[2] /= 2, shape[3] /= 2;
        else if (layers[i].kind == ONEDNN_AVERAGE_POOL)
            shape[2] = shape[3] = 1;
        if (shape[1] < 1 || shape[1] > 1 << 20 || shape[2] < 1 || shape[3] < 1)
            return false;
        memcpy(l->out, shape, sizeof shape);
    }
    enum place slot = SLOT_A;
    for (size_t i = c->layer_count; i-- > 0;) {
        c->layers[i].slot = slot;
        if (layers[i].kind != ONEDNN_NORM_RELU)
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
    TRY(plain_memory(c, 4, first->in, CALLER, NULL, &c->x));
    TRY(plain_memory(c, 4, first->in, CALLER, NULL, &c->x_gradient));
    TRY(plain_memory(c, 4, last->out, CALLER, NULL, &c->y));
    TRY(plain_memory(c, 4, last->out, CALLER, NULL, &c->y_gradient));

    for (struct layer *l = first; l <= last; l++) {
        l->src = l == first ? c->x : l[-1].dst;
        TRY(FORWARD[l->given.kind](c, l));
        if (l == first)
            l->src_gradient = input_gradient ? c->x_gradient : NULL;
        else
            l->src_gradient = l[-1].dst_gradient;
        TRY(memory_new(c, layout_of(l->dst), l->slot, NULL, &l->dst_gradient));
    }
    TRY(reorder(c, IN_FORWARD, last->dst, c->y));
    TRY(reorder(c, IN_BACKWARD, c->y_gradient, last->dst_gradient));
    for (struct layer *l = last; l >= first; l--)
        TRY(BACKWARDS[l->given.kind](c, l));
    return dnnl_success;
}

static void forget_descriptions(struct onednn_chain *c) {
    for (size_t i = 0; i < c->description_count; i++)
        dnnl_primitive_desc_destroy(c->descriptions[i]);
    c->description_count = 0;
}

static enum trm_status failed(dnnl_status_t status, const char *what, struct trm_error *error) {
    if (status == dnnl_out_of_memory)
        return trm_fail(error, TRM_NO_MEMORY, "not enough memory to %s; a smaller batch needs less", what);
    return trm_fail(error, TRM_NUMERIC, "oneDNN could not %s (its status %d)", what, (int)status);
}

enum trm_status onednn_chain_create(const struct onednn_layer *layers, size_t layer_count,
                                    const size_t input[4], bool input_gradient,
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
    enum trm_status status = TRM_OK;
    dnnl_status_t result = dnnl_success;
    if (!plan(c, layers, input))
        status =
            trm_fail(error, TRM_INVALID, "images of %zu x %zu are too small for the layers, or a size is 0",
                     input[2], input[3]);
    else if ((result = compile(c, input_gradient)) != dnnl_success ||
             (result = memory_place(c, lender)) != dnnl_success)
        status = failed(result, "prepare the layers", error);
    forget_descriptions(c);
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

static dnnl_status_t execute(struct onednn_chain *c, enum program program) {
    for (size_t i = 0; i < c->op_count[program]; i++) {
        const struct op *op = &c->ops[program][i];
        TRY(dnnl_primitive_execute(op->primitive, c->stream, op->arg_count, op->args));
    }
    return dnnl_stream_wait(c->stream);
}

static dnnl_status_t point(dnnl_memory_t memory, const float *data) {
    return dnnl_memory_set_data_handle(memory, (void *)(uintptr_t)data);
}

static dnnl_status_t forward(struct onednn_chain *c, bool evaluation, const float *x, float *y) {
    TRY(point(c->x, x));
    TRY(point(c->y, y));
    return execute(c, evaluation ? EVALUATE : TRAIN);
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
    return execute(c, BACKWARD);
}

enum trm_status onednn_chain_backward(struct onednn_chain *chain, const float *x,
                                      const float *output_gradient, float *input_gradient,
                                      struct trm_error *error) {
    const dnnl_status_t status = backward(chain, x, output_gradient, input_gradient);
    return status == dnnl_success ? TRM_OK : failed(status, "run the layers backward", error);
}

static const float *floats(dnnl_memory_t memory) {
    void *data = NULL;
    dnnl_memory_get_data_handle(memory, &data);
    return data;
}

void onednn_chain_statistics(const struct onednn_chain *chain, size_t layer, const float **mean,
                             const float **variance, size_t *count) {
    const struct layer *l = &chain->layers[layer];
    *mean = floats(l->mean);
    *variance = floats(l->variance);
    *count = (size_t)(l->in[0] * l->in[2] * l->in[3]);
}

const char *onednn_instruction_set(void) {
    switch ((int)dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
        return "sse41";
    case dnnl_cpu_isa_avx:
        return "avx";
    case dnnl_cpu_isa_avx2:
        return "avx2";
    case dnnl_cpu_isa_avx2_vnni:
        return "avx2_vnni";
    case dnnl_cpu_isa_avx512_mic:
        return "avx512_mic";
    case dnnl_cpu_isa_avx512_mic_4ops:
        return "avx512_mic_4ops";
    case dnnl_cpu_isa_avx512_core:
        return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni:
        return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16:
        return "avx512_core_bf16";
    case dnnl_cpu_isa_avx512_core_amx:
        return "avx512_core_amx";
    default:
        return "another";
    }
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *onednn_version(void) {
    return "oneDNN " TEXT(DNNL_VERSION_MAJOR) "." TEXT(DNNL_VERSION_MINOR) "." TEXT(DNNL_VERSION_PATCH);
}
