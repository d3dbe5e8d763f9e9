/* The layers of the reference net, one by one. */
#ifndef TESTS_NN_SUPPORT_LAYERS_H
#define TESTS_NN_SUPPORT_LAYERS_H

#include "support_reference.h"

struct stage {
    enum ref_kind kind;
    size_t in[4], out[4]; /* (batch, channels, height, width) */
    size_t param, statistic;
    double *y, *dy;
};

size_t ref_size(const size_t shape[4]);
/* *margin, or the distance where that is less. */
void ref_closer(double *margin, double distance);

/* The three passes of a convolution walk the same products, each where it is not NULL. */
void ref_conv_pass(const struct stage *s, const double *x, const double *w, double *y, double *dx, double *dw,
                   const double *dy);

/* Mean and variance of every channel of the batch; normalised by them, scaled, shifted, cut at 0. */
void ref_norm_statistics(const struct stage *s, const double *x, double *mean, double *variance);
void ref_norm_forward(const struct stage *s, const double *x, const double *params, const double *statistic,
                      double *margin);
void ref_norm_backward(const struct stage *s, const double *x, const double *params, const double *statistic,
                       double *dx, double *dparams);

/* Index in x of the largest of the window of output i, the first among equals; *lead: how far it leads. */
size_t ref_window_maximum(const struct stage *s, const double *x, size_t i, double *lead);

/* bias and dbias: NULL where there is none. */
void ref_linear_forward(const struct stage *s, const double *x, const double *w, const double *bias);
void ref_linear_backward(const struct stage *s, const double *x, const double *w, double *dx, double *dw,
                         double *dbias);

#endif
