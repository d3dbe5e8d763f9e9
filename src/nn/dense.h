/* Linear layers, ReLU and the loss: small beside the convolutions, so plain C over CBLAS. Matrices are
   row-major, one image a row. */
#ifndef TRM_NN_DENSE_H
#define TRM_NN_DENSE_H

#include <stddef.h>
#include <stdint.h>

/* y (rows, outputs) = x (rows, inputs) weight' + bias; weight (outputs, inputs), bias (outputs) or NULL. */
void dense_linear_forward(size_t rows, size_t inputs, size_t outputs, const float *x, const float *weight,
                          const float *bias, float *y);
/* From dy (rows, outputs): the gradients of weight, of bias (may be NULL) and of x (may be NULL),
 * overwritten. */
void dense_linear_backward(size_t rows, size_t inputs, size_t outputs, const float *x, const float *weight,
                           const float *dy, float *weight_gradient, float *bias_gradient, float *dx);

void dense_relu_forward(size_t count, const float *x, float *y);                    /* y may be x */
void dense_relu_backward(size_t count, const float *y, const float *dy, float *dx); /* dx may be dy */

/* Softmax cross-entropy summed over the rows of logits (rows, classes). gradient, or NULL: of the mean over
 *the rows. correct, or NULL: rows whose label has the largest logit (the first among equals). */
double dense_cross_entropy(size_t rows, size_t classes, const float *logits, const int32_t *labels,
                           float *gradient, size_t *correct);

#endif
