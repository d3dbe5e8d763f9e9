/* The only seam to oneDNN: a chain of image layers, run forward and backward in oneDNN's own layouts.

   Images enter and leave as plain float (batch, channels, height, width); between the layers they stay in
   whatever layout oneDNN likes best. Weights stay plain where the caller keeps them and are read at every
   pass. Everything is made at create; a pass allocates nothing. No type of oneDNN leaves the files onednn*.

   In bf16, activations, their gradients and the products of convolutions are bf16; images, weights where the
   caller keeps them, all gradients of weights, statistics, and what global averaging gives are float. */
#ifndef TRM_NN_ONEDNN_H
#define TRM_NN_ONEDNN_H

#include "base/status.h"
#include "nn/norm.h"

#include <stdbool.h>
#include <stddef.h>

enum { ONEDNN_MAX_LAYERS = 24 };

/* name, text */
#define ONEDNN_KIND_LIST(X)                                                                                  \
    X(CONV, "3x3 convolution, padding 1, no bias")                                                           \
    X(NORM_RELU, "batch norm, ReLU and pooling")

enum onednn_kind {
#define X(name, text) ONEDNN_##name,
    ONEDNN_KIND_LIST(X)
#undef X
};

/* Pointers are the caller's, stay where they are while the chain lives, and are read or written at every
 * pass. */
struct onednn_layer {
    enum onednn_kind kind;
    size_t outputs;         /* CONV: channels that leave it */
    enum norm_pool pool;    /* NORM_RELU: what comes after the ReLU */
    const float *weight;    /* CONV (outputs, inputs, 3, 3); NORM_RELU (2, channels): gain, then bias */
    float *weight_gradient; /* as weight */
    const float *running_mean, *running_variance; /* NORM_RELU (channels), read in evaluation */
};

struct onednn_chain;

/* input: (batch, channels, height, width). input_gradient: whether backward also gives the gradient of the
   images. bf16: else float; where onednn_has_bf16 is false it is slow, or refused. lender: a chain whose working
   memory the new one shares where it is large enough, or NULL; the two may then not run at once, and the lender
   must live longer. On failure *out is NULL: TRM_INVALID,
   TRM_NO_MEMORY, or TRM_NUMERIC where oneDNN refuses. */
enum trm_status onednn_chain_create(const struct onednn_layer *layers, size_t layer_count,
                                    const size_t input[4], bool input_gradient, bool bf16,
                                    const struct onednn_chain *lender, struct onednn_chain **out,
                                    struct trm_error *error);
void onednn_chain_destroy(struct onednn_chain *chain); /* NULL is fine */

/* x: as input; y: as output. evaluation: batch norm takes the running statistics, else this batch's. */
enum trm_status onednn_chain_forward(struct onednn_chain *chain, bool evaluation, const float *x, float *y,
                                     struct trm_error *error);

/* After a forward with evaluation false, the same x: from the gradient of y to those of all weights
   (overwritten) and, where asked for at create, of x (else input_gradient is ignored). */
enum trm_status onednn_chain_backward(struct onednn_chain *chain, const float *x,
                                      const float *output_gradient, float *input_gradient,
                                      struct trm_error *error);

/* What a NORM_RELU layer saw in the last forward with evaluation false: mean and biased variance (channels),
 *over count values a channel. */
void onednn_chain_statistics(const struct onednn_chain *chain, size_t layer, const float **mean,
                             const float **variance, size_t *count);

/* Every convolution of a training step, forward and backward, alone and `repeats` times, on what the last pass
   left: the sum of their fastest times. Overwrites activations and the gradients of weights. TRM_NUMERIC. */
enum trm_status onednn_chain_time_convolutions(struct onednn_chain *chain, size_t repeats, double *seconds,
                                               struct trm_error *error);

const char *onednn_instruction_set(void);
bool onednn_has_bf16(void); /* whether the processor multiplies bf16 itself */
const char *onednn_version(void);

#endif
