/* Inside of a model: what model.c makes and pass.c runs. */
#ifndef TRM_NN_MODEL_H
#define TRM_NN_MODEL_H

#include "nn/layout.h"
#include "nn/nn.h"
#include "nn/onednn.h"

/* The trunk's primitives for one number of images. */
struct plan {
    size_t count;
    struct onednn_chain *chain;
};

struct nn_model {
    struct nn_layout layout;
    size_t batch;
    struct nn_images images;
    bool bf16; /* the trunk's activations and convolutions */
    float *params, *gradients, *buffers;
    struct plan *plans; /* plans[0] is the one for `batch` images; the others borrow its memory */
    size_t plan_count;

    /* Head: rows[i] (batch, width of what goes into head layer i); the last one is the logits. */
    float *rows[NN_MAX_LAYERS + 1];
    float *row_gradients[2]; /* (batch, widest), in turn */
};

/* The trunk's plan for `count` images, made where it is not there yet; *out is NULL without a trunk. */
enum trm_status nn_plan_find(struct nn_model *m, size_t count, struct onednn_chain **out,
                             struct trm_error *error);

#endif
