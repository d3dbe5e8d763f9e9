#include "nn/dense.h"

#include <cblas.h>

#include <math.h>
#include <string.h>

void dense_linear_forward(size_t rows, size_t inputs, size_t outputs, const float *x, const float *weight,
                          const float *bias, float *y) {
    const int b = (int)rows, m = (int)inputs, n = (int)outputs;
    for (size_t i = 0; bias != NULL && i < rows; i++)
        memcpy(y + i * outputs, bias, outputs * sizeof *y);
    /* Y = X W' (+ bias) */
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, b, n, m, 1, x, m, weight, m, bias != NULL ? 1 : 0, y,
                n);
}

void dense_linear_backward(size_t rows, size_t inputs, size_t outputs, const float *x, const float *weight,
                           const float *dy, float *weight_gradient, float *bias_gradient, float *dx) {
    const int b = (int)rows, m = (int)inputs, n = (int)outputs;
    /* dW = dY' X */
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, m, b, 1, dy, n, x, m, 0, weight_gradient, m);
    if (bias_gradient != NULL) {
        memset(bias_gradient, 0, outputs * sizeof *bias_gradient);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < outputs; j++)
                bias_gradient[j] += dy[i * outputs + j];
    }
    if (dx != NULL) /* dX = dY W */
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, b, m, n, 1, dy, n, weight, m, 0, dx, m);
}

/* A NaN passes through, so that a loss that diverged is seen. */
void dense_relu_forward(size_t count, const float *x, float *y) {
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

void dense_relu_backward(size_t count, const float *y, const float *dy, float *dx) {
    for (size_t i = 0; i < count; i++)
        dx[i] = y[i] > 0 ? dy[i] : 0;
}

double dense_cross_entropy(size_t rows, size_t classes, const float *logits, const int32_t *labels,
                           float *gradient, size_t *correct) {
    double loss = 0;
    size_t hits = 0;
    for (size_t i = 0; i < rows; i++) {
        const float *z = logits + i * classes;
        const size_t label = (size_t)labels[i];
        size_t best = 0;
        for (size_t j = 1; j < classes; j++)
            best = z[j] > z[best] ? j : best;
        double sum = 0;
        for (size_t j = 0; j < classes; j++)
            sum += exp((double)z[j] - (double)z[best]);
        loss += log(sum) - ((double)z[label] - (double)z[best]);
        hits += best == label;
        for (size_t j = 0; gradient != NULL && j < classes; j++) {
            const double p = exp((double)z[j] - (double)z[best]) / sum;
            gradient[i * classes + j] = (float)((p - (j == label ? 1 : 0)) / (double)rows);
        }
    }
    if (correct != NULL)
        *correct = hits;
    return loss;
}
