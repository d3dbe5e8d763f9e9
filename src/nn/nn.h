/* Networks for small images, trained on the CPU in float32, or with activations and convolutions in
   bf16.

   Everything a network learns lies in one flat float buffer, its gradient in another of the same layout, and
   the running statistics of its batch norms in a third; named views say where each tensor is. So an
   optimiser, a checkpoint or an all-reduce is a loop over one vector.

   Every function may be called from one thread at a time for one model; different models are independent. The
   number of OpenMP threads at create is the one to run with; with the same number, the same calls give the
   same bits. */
#ifndef TRM_NN_NN_H
#define TRM_NN_NN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NN_MIN_SIDE = 8, NN_MAX_SIDE = 64 };

/* What the images of a network are: 1 or 3 channels, sides of NN_MIN_SIDE ... NN_MAX_SIDE pixels, 2 ... 1000
   classes. */
struct nn_images {
    size_t channels, height, width, classes;
};
/* Those of CIFAR-10; NN_IMAGE_FLOATS: of one of them. */
enum { NN_IMAGE_FLOATS = 3 * 32 * 32 };
#define NN_CIFAR10 ((struct nn_images){.channels = 3, .height = 32, .width = 32, .classes = 10})

enum { NN_MAX_RANK = 4, NN_MAX_NAME = 32 };
enum { NN_MAX_WIDTH = 16, NN_MAX_BATCH = 65536, NN_MAX_CLASSES = 1000 };

enum nn_kind { NN_CONV_WEIGHT, NN_LINEAR_WEIGHT, NN_BIAS, NN_NORM_GAIN, NN_NORM_BIAS };

/* One tensor inside the flat parameter (and gradient) buffer, row-major. */
struct nn_param {
    char name[NN_MAX_NAME]; /* as PyTorch names it: "conv1.weight", "bn1.bias", "fc.weight" */
    enum nn_kind kind;
    size_t rank;
    size_t shape[NN_MAX_RANK]; /* convolution (out, in, kh, kw); linear (out, in); others (count) */
    size_t offset, count;      /* in floats, in the flat buffer */
    size_t rows, cols;         /* as a matrix: out x (in*kh*kw); count x 1 where it is a vector */
    bool is_last_layer;        /* belongs to the layer that gives the logits */
};

/* One tensor inside the flat buffer of running statistics: "bn1.running_mean", "bn1.running_var". */
struct nn_buffer {
    char name[NN_MAX_NAME];
    size_t offset, count;
};

struct nn_model;

/* ---- names ---- */

size_t nn_model_count(void);
const char *nn_model_name(size_t index); /* "small_cnn", "mlp"; NULL past the end */

const char *nn_instruction_set(void); /* what oneDNN will use, e.g. "avx512_core_vnni" */
const char *nn_library(void);         /* e.g. "oneDNN 2.6.3" */

/* ---- precision ---- */

/* name, text. BF16: activations, their gradients, and the products of convolutions, which are summed in float;
   weights (rounded where a convolution reads them), all gradients of weights, statistics, linear layers and
   loss stay in float. */
#define NN_PRECISION_LIST(X)                                                                                 \
    X(F32, "f32")                                                                                            \
    X(BF16, "bf16")

enum nn_precision {
#define X(name, text) NN_##name,
    NN_PRECISION_LIST(X)
#undef X
};

const char *nn_precision_name(size_t index); /* "f32", "bf16"; NULL past the end */
int nn_precision_find(const char *name);     /* an enum nn_precision, or -1 */
/* What a model of this name runs in on this processor: the name of what was asked, or "f32 (...)" with the
   reason where bf16 was asked and there is none. */
const char *nn_precision_used(const char *model, enum nn_precision asked);

/* ---- life ---- */

/* A network with PyTorch's default initial values drawn from (seed, RNG_INIT, parameter index).
   width multiplies the hidden channels (units, for the mlp): (int)(k*width), at least 1; 0 < width <= 16.
   batch: the largest number of images in one call, 1 ... 65536. precision: what is asked
   for; nn_precision_used says what it becomes.
   All primitives and memory for `batch` images are made here. On failure *out is NULL:
   TRM_NOT_FOUND (name), TRM_INVALID (width, batch, images), TRM_NO_MEMORY, TRM_NUMERIC (oneDNN refused). */
enum trm_status nn_model_create(const char *name, double width, size_t batch, struct nn_images images,
                                enum nn_precision precision, uint64_t seed, struct nn_model **out,
                                struct trm_error *error);
void nn_model_destroy(struct nn_model *model); /* NULL is fine */

/* ---- what it holds; the model owns all of it, and no address changes while it lives ---- */

size_t nn_param_count(const struct nn_model *model);
const struct nn_param *nn_param_at(const struct nn_model *model, size_t index); /* in layer order */
const struct nn_param *nn_param_find(const struct nn_model *model,
                                     const char *name); /* NULL if there is none */
size_t nn_param_floats(const struct nn_model *model);   /* length of both flat buffers, without holes */
float *nn_params(const struct nn_model *model);         /* may be written between calls */
float *nn_gradients(const struct nn_model *model);      /* written whole by nn_forward_backward */

size_t nn_buffer_count(const struct nn_model *model); /* 0 for a network without batch norm */
const struct nn_buffer *nn_buffer_at(const struct nn_model *model, size_t index);
size_t nn_buffer_floats(const struct nn_model *model);
float *nn_buffers(const struct nn_model *model); /* may be written between calls (a checkpoint, a branch) */

/* ---- work ---- */

/* One training pass over `count` images, 1 <= count <= batch: x (count, 3, 32, 32), labels (count) in 0 ...
   classes-1. *loss: softmax cross-entropy, mean over the images. The gradient buffer is overwritten with its
   gradient, and the running statistics move by 0.1 towards the batch's (unbiased variance), as in PyTorch. A
   count other than `batch` costs a set of primitives when it first comes, kept for later; beyond that nothing
   is allocated. A loss or gradient that is not finite is returned as it is, with
   TRM_OK: the caller decides. *loss is NaN wherever a parameter, an image or an activation is not finite,
   even where ReLU would have hidden it; the running statistics may then be NaN too. TRM_INVALID (count,
   labels; nothing is changed), TRM_NO_MEMORY, TRM_NUMERIC. */
enum trm_status nn_forward_backward(struct nn_model *model, const float *x, const int32_t *labels,
                                    size_t count, double *loss, struct trm_error *error);

enum nn_mode {
    NN_TRAIN_STATS, /* batch norm takes this batch's statistics; the running ones are not touched */
    NN_EVAL         /* batch norm takes the running statistics */
};

/* Forward only: parameters, gradients and running statistics stay as they are.
   *loss_sum: cross-entropy summed over the images; *correct: how many have their label as the largest logit
   (the first one among equals). Either may be NULL. Shapes and errors as above. */
enum trm_status nn_forward(struct nn_model *model, enum nn_mode mode, const float *x, const int32_t *labels,
                           size_t count, double *loss_sum, size_t *correct, struct trm_error *error);

/* The convolutions of nn_forward_backward of the whole batch alone: each `repeats` times after one such pass,
   the fastest counted. *seconds: their sum, 0 where there are none. Overwrites the gradients. TRM_NUMERIC. */
enum trm_status nn_time_convolutions(struct nn_model *model, size_t repeats, double *seconds,
                                     struct trm_error *error);

/* The logits (count, classes) of the last successful call; valid until the next one. */
const float *nn_logits(const struct nn_model *model);

#endif
