/* Every layer of the networks as plain loops in double, forward and backward: the oracle. */
#ifndef TESTS_NN_SUPPORT_REFERENCE_H
#define TESTS_NN_SUPPORT_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ref_kind {
    REF_CONV,
    REF_NORM_RELU,
    REF_MAX_POOL,
    REF_AVERAGE_POOL,
    REF_LINEAR,
    REF_LINEAR_BIAS,
    REF_RELU
};

struct ref_layer {
    enum ref_kind kind;
    size_t outputs; /* CONV, LINEAR, LINEAR_BIAS */
};

struct ref_net;

/* input (batch, channels, height, width); a linear layer sees each image as one row. Aborts when out of
 * memory. */
struct ref_net *ref_create(const struct ref_layer *layers, size_t count, const size_t input[4]);
void ref_destroy(struct ref_net *net);

size_t
ref_params(const struct ref_net *net); /* floats of all parameters, in layer order: weight, then bias */
size_t ref_inputs(const struct ref_net *net);     /* of the whole batch */
size_t ref_outputs(const struct ref_net *net);    /* of the whole batch */
size_t ref_statistics(const struct ref_net *net); /* mean and variance of every norm */

/* running: mean, variance, mean, ... of the norms in order; NULL: the batch's own. The net's result. */
const double *ref_forward(struct ref_net *net, const double *params, const double *running, const double *x);
/* How far the last forward was from a kink: the least |value| before a ReLU, and the least lead of a window's
   maximum, where that is above 0. */
double ref_margin(const struct ref_net *net);
/* Mean and biased variance of every norm in the last forward with running NULL. */
const double *ref_batch_statistics(const struct ref_net *net);
/* After a forward with running NULL: from dy, the gradients of the parameters and of x (dx may be NULL). */
void ref_backward(struct ref_net *net, const double *params, const double *x, const double *dy,
                  double *dparams, double *dx);

/* Mean softmax cross-entropy; gradient (rows, classes) may be NULL. */
double ref_cross_entropy(size_t rows, size_t classes, const double *logits, const int32_t *labels,
                         double *gradient);

#endif
