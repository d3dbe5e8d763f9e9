#include "support_layers.h"

#include <math.h>

static const double EPSILON = 1e-5;

size_t ref_size(const size_t shape[4]) {
    return shape[0] * shape[1] * shape[2] * shape[3];
}

void ref_closer(double *margin, double distance) {
    if (distance < *margin)
        *margin = distance;
}

/* ---- convolution: y[b,o,i,j] = sum over c, u, v of w[o,c,u,v] x[b,c,i+u-1,j+v-1] ---- */

/* The three passes walk the same products: y += w x,  dx += w dy,  dw += x dy, each where it is not NULL. */
void ref_conv_pass(const struct stage *s, const double *x, const double *w, double *y, double *dx, double *dw,
                   const double *dy) {
    const size_t channels = s->in[1], height = s->in[2], width = s->in[3], outputs = s->out[1];
    for (size_t pair = 0; pair < s->in[0] * outputs * channels * 9; pair++) {
        const size_t u = pair % 9 / 3, v = pair % 3, c = pair / 9 % channels;
        const size_t o = pair / 9 / channels % outputs, b = pair / 9 / channels / outputs;
        const size_t wi = (o * channels + c) * 9 + u * 3 + v;
        const size_t first = v == 0, end = v == 2 ? width - 1 : width;
        for (size_t i = u == 0; i < (u == 2 ? height - 1 : height); i++) {
            const size_t yi = ((b * outputs + o) * height + i) * width;
            const size_t xi = ((b * channels + c) * height + i + u - 1) * width + v - 1;
            for (size_t j = first; y != NULL && j < end; j++)
                y[yi + j] += w[wi] * x[xi + j];
            for (size_t j = first; dx != NULL && j < end; j++)
                dx[xi + j] += w[wi] * dy[yi + j];
            for (size_t j = first; dw != NULL && j < end; j++)
                dw[wi] += x[xi + j] * dy[yi + j];
        }
    }
}

/* ---- batch norm and ReLU ---- */

void ref_norm_statistics(const struct stage *s, const double *x, double *mean, double *variance) {
    const size_t channels = s->in[1], area = s->in[2] * s->in[3];
    const double n = (double)(s->in[0] * area);
    for (size_t c = 0; c < channels; c++) {
        mean[c] = variance[c] = 0;
        for (size_t b = 0; b < s->in[0]; b++)
            for (size_t k = 0; k < area; k++)
                mean[c] += x[(b * channels + c) * area + k] / n;
        for (size_t b = 0; b < s->in[0]; b++)
            for (size_t k = 0; k < area; k++) {
                const double away = x[(b * channels + c) * area + k] - mean[c];
                variance[c] += away * away / n;
            }
    }
}

void ref_norm_forward(const struct stage *s, const double *x, const double *params, const double *statistic,
                      double *margin) {
    const size_t channels = s->in[1], area = s->in[2] * s->in[3];
    for (size_t i = 0; i < ref_size(s->in); i++) {
        const size_t c = i / area % channels;
        const double normal = (x[i] - statistic[c]) / sqrt(statistic[channels + c] + EPSILON);
        const double z = params[c] * normal + params[channels + c];
        ref_closer(margin, fabs(z));
        s->y[i] = z > 0 ? z : 0;
    }
}

/* With xh the normalised x, g = dy where y > 0:  dgain = sum g xh, dbias = sum g,
   dx = gain / sigma (g - dbias/n - xh dgain/n). */
void ref_norm_backward(const struct stage *s, const double *x, const double *params, const double *statistic,
                       double *dx, double *dparams) {
    const size_t channels = s->in[1], area = s->in[2] * s->in[3];
    const double n = (double)(s->in[0] * area);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < ref_size(s->in); i++) {
            const size_t c = i / area % channels;
            const double sigma = sqrt(statistic[channels + c] + EPSILON);
            const double normal = (x[i] - statistic[c]) / sigma, g = s->y[i] > 0 ? s->dy[i] : 0;
            if (pass == 0) {
                dparams[c] += g * normal;
                dparams[channels + c] += g;
            } else {
                dx[i] = params[c] / sigma * (g - dparams[channels + c] / n - normal * dparams[c] / n);
            }
        }
}

/* ---- pooling ---- */

/* Index in x of the largest of the window of output i, the first among equals. */
size_t ref_window_maximum(const struct stage *s, const double *x, size_t i, double *lead) {
    const size_t width = s->in[3], plane = i / (s->out[2] * s->out[3]);
    const size_t row = i / s->out[3] % s->out[2], column = i % s->out[3];
    const size_t corner = (plane * s->in[2] + 2 * row) * width + 2 * column;
    const size_t places[4] = {corner, corner + 1, corner + width, corner + width + 1};
    size_t best = 0;
    for (size_t k = 1; k < 4; k++)
        best = x[places[k]] > x[places[best]] ? k : best;
    *lead = INFINITY;
    for (size_t k = 0; k < 4; k++)
        if (k != best && x[places[best]] != 0)
            *lead = fmin(*lead, x[places[best]] - x[places[k]]);
    return places[best];
}

/* ---- linear ---- */

void ref_linear_forward(const struct stage *s, const double *x, const double *w, const double *bias) {
    const size_t inputs = s->in[1] * s->in[2] * s->in[3], outputs = s->out[1];
    for (size_t b = 0; b < s->in[0]; b++)
        for (size_t o = 0; o < outputs; o++) {
            double sum = bias != NULL ? bias[o] : 0;
            for (size_t k = 0; k < inputs; k++)
                sum += w[o * inputs + k] * x[b * inputs + k];
            s->y[b * outputs + o] = sum;
        }
}

void ref_linear_backward(const struct stage *s, const double *x, const double *w, double *dx, double *dw,
                         double *dbias) {
    const size_t inputs = s->in[1] * s->in[2] * s->in[3], outputs = s->out[1];
    for (size_t b = 0; b < s->in[0]; b++)
        for (size_t o = 0; o < outputs; o++) {
            const double g = s->dy[b * outputs + o];
            if (dbias != NULL)
                dbias[o] += g;
            for (size_t k = 0; k < inputs; k++) {
                dw[o * inputs + k] += g * x[b * inputs + k];
                if (dx != NULL)
                    dx[b * inputs + k] += g * w[o * inputs + k];
            }
        }
}
