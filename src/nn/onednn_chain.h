/* Inside of a chain: shared by the files onednn*.c, which alone know oneDNN. Written for oneDNN 2.6; what 3.x
   wants differently (descriptors by value, *_desc_init, query names) is in these files only.

   A chain is compiled once into three lists of operations: the training pass, the evaluation pass and the
   backward pass. Boundary j is what layer j gives to layer j+1. Its memory, and that of its gradient:

     kept   outputs, which the backward pass reads again
     A, B   two slots for everything else

   The gradient of boundary j lives in one slot, and layer j turns it into the gradient of boundary j-1 in the
   other; batch norm without pooling does so in place. */
#ifndef TRM_NN_ONEDNN_CHAIN_H
#define TRM_NN_ONEDNN_CHAIN_H

#include "nn/norm.h"
#include "nn/onednn.h"

#include <oneapi/dnnl/dnnl.h>

#include <stdbool.h>
#include <stddef.h>

enum { MAX_ARGS = 6, MAX_OPS = ONEDNN_MAX_LAYERS * 10 + 8, MAX_MEMORIES = ONEDNN_MAX_LAYERS * 20 + 8 };
enum program { TRAIN, EVALUATE, BACKWARD, PROGRAM_COUNT };
enum {
    IN_TRAIN = 1 << TRAIN,
    IN_EVALUATE = 1 << EVALUATE,
    IN_FORWARD = IN_TRAIN | IN_EVALUATE,
    IN_BACKWARD = 1 << BACKWARD
};
enum place { SLOT_A, SLOT_B, SCRATCHPAD, SHARED_COUNT, KEPT = SHARED_COUNT, CALLER };

typedef const dnnl_memory_desc_t *layout;
typedef dnnl_exec_arg_t arg;

struct layer;

/* A primitive of oneDNN, or a pass of our own. */
struct op {
    dnnl_primitive_t primitive; /* owned by the chain's list: two programs may hold the same one */
    int arg_count;
    arg args[MAX_ARGS];
    bool is_convolution;
    void (*own)(const struct layer *l, enum program program); /* where primitive is NULL */
    const struct layer *layer;
};

struct layer {
    struct onednn_layer given;
    dnnl_dims_t in, out; /* (batch, channels, height, width) */
    enum place slot;     /* of the gradient of its output */
    dnnl_memory_t src, dst, weight;
    dnnl_memory_t src_gradient, dst_gradient; /* src_gradient NULL: nobody asks */
    dnnl_primitive_desc_t forward;            /* CONV */
    struct norm *norm;                        /* NORM_RELU, and the next two */
    dnnl_memory_t choice;
    dnnl_memory_t norm_gradient; /* where dx is written; NULL: nobody asks */
};

struct onednn_chain {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_attr_t attributes; /* scratchpads are ours */
    dnnl_data_type_t type;            /* of activations, their gradients, and weights in convolutions */
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

/* ---- onednn_memory.c ---- */

layout chain_layout(dnnl_memory_t memory);
void *chain_data(dnnl_memory_t memory); /* NULL where memory is */

dnnl_status_t chain_memory(struct onednn_chain *c, layout desc, enum place place, const void *caller,
                           dnnl_memory_t *out);
/* Float, row-major. */
dnnl_status_t chain_plain_memory(struct onednn_chain *c, int rank, const dnnl_dims_t dims, enum place place,
                                 const void *caller, dnnl_memory_t *out);
dnnl_status_t chain_bytes(struct onednn_chain *c, size_t bytes, dnnl_memory_t *out); /* kept */
/* Place every memory that is not the caller's; the lender's allocation is taken where it is large enough. */
dnnl_status_t chain_place(struct onednn_chain *c, const struct onednn_chain *lender);

/* ---- onednn_program.c ---- */

dnnl_status_t chain_describe(struct onednn_chain *c, const void *op_desc, const_dnnl_primitive_desc_t hint,
                             dnnl_primitive_desc_t *out);
layout chain_query(const_dnnl_primitive_desc_t description, dnnl_query_t what);
void chain_forget_descriptions(struct onednn_chain *c);

/* Append to every program of the mask: a primitive with its scratchpad, or a pass of our own. */
dnnl_status_t chain_append(struct onednn_chain *c, int programs, const_dnnl_primitive_desc_t description,
                           const arg *args, int arg_count);
void chain_append_own(struct onednn_chain *c, int programs, const struct layer *l,
                      void (*own)(const struct layer *l, enum program program));
dnnl_status_t chain_reorder(struct onednn_chain *c, int programs, dnnl_memory_t from, dnnl_memory_t to);
/* `from` in the wanted layout: itself where it has it, else a kept copy made in these programs. */
dnnl_status_t chain_converted(struct onednn_chain *c, int programs, dnnl_memory_t from, layout wanted,
                              dnnl_memory_t *out);
/* Where an operation that writes the layout `given` should write: `to`, or a memory to deliver from. */
dnnl_status_t chain_target(struct onednn_chain *c, dnnl_memory_t to, layout given, dnnl_memory_t *out);
dnnl_status_t chain_deliver(struct onednn_chain *c, dnnl_memory_t from, dnnl_memory_t to);

dnnl_status_t chain_execute(struct onednn_chain *c, enum program program);

/* ---- onednn_conv.c, onednn_norm.c: from src to dst, and from dst_gradient to src_gradient ---- */

dnnl_status_t chain_conv_forward(struct onednn_chain *c, struct layer *l);
dnnl_status_t chain_conv_backward(struct onednn_chain *c, struct layer *l);
dnnl_status_t chain_norm_forward(struct onednn_chain *c, struct layer *l);
dnnl_status_t chain_norm_backward(struct onednn_chain *c, struct layer *l);

#endif
