#include "support_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REF_MAX_LAYERS = 16 };
static const double EPSILON = 1e-5;

struct stage {
    enum ref_kind kind;
    size_t in[4], out[4]; /* (batch, channels, height, width) */
    size_t param, statistic;
    double *y, *dy;
};

struct ref_net {
    size_t count, params, statistics;
    struct stage stages[REF_MAX_LAYERS];
    double *statistic; /* of the last batch: mean, variance of every norm */
    double margin;
};

static size_t size_of(const size_t shape[4]) {
    return shape[0] * shape[1] * shape[2] * shape[3];
}

static double *doubles(size_t count) {
    double *p = calloc(count > 0 ? count : 1, sizeof *p);
    if (p == NULL)
        abort();
    return p;
}

struct ref_net *ref_create(const struct ref_layer *layers, size_t count, const size_t input[4]) {
    struct ref_net *net = calloc(1, sizeof *net);
    if (net == NULL || count > REF_MAX_LAYERS)
        abort();
    net->count = count;
    size_t shape[4] = {input[0], input[1], input[2], input[3]};
    for (size_t i = 0; i < count; i++) {
        struct stage *s = &net->stages[i];
        s->kind = layers[i].kind;
        s->param = net->params;
        s->statistic = net->statistics;
        memcpy(s->in, shape, sizeof shape);
        const size_t features = shape[1] * shape[2] * shape[3];
        if (s->kind == REF_CONV) {
            net->params += layers[i].outputs * shape[1] * 9;
            shape[1] = layers[i].outputs;
        } else if (s->kind == REF_NORM_RELU) {
            net->params += 2 * shape[1];
            net->statistics += 2 * shape[1];
        } else if (s->kind == REF_MAX_POOL) {
            shape[2] /= 2, shape[3] /= 2;
        } else if (s->kind == REF_AVERAGE_POOL) {
            shape[2] = shape[3] = 1;
        } else if (s->kind == REF_LINEAR || s->kind == REF_LINEAR_BIAS) {
            net->params += layers[i].outputs * (features + (s->kind == REF_LINEAR_BIAS ? 1 : 0));
            shape[1] = layers[i].outputs;
            shape[2] = shape[3] = 1;
        }
        memcpy(s->out, shape, sizeof shape);
        s->y = doubles(size_of(shape));
        s->dy = doubles(size_of(shape));
    }
    net->statistic = doubles(net->statistics);
    return net;
}

void ref_destroy(struct ref_net *net) {
    for (size_t i = 0; i < net->count; i++) {
        free(net->stages[i].y);
        free(net->stages[i].dy);
    }
    free(net->statistic);
    free(net);
}

size_t ref_params(const struct ref_net *net) {
    return net->params;
}
size_t ref_inputs(const struct ref_net *net) {
    return size_of(net->stages[0].in);
}
size_t ref_outputs(const struct ref_net *net) {
    return size_of(net->stages[net->count - 1].out);
}
size_t ref_statistics(const struct ref_net *net) {
    return net->statistics;
}
double ref_margin(const struct ref_net *net) {
    return net->margin;
}
const double *ref_batch_statistics(const struct ref_net *net) {
    return net->statistic;
}

static void closer(struct ref_net *net, double distance) {
    if (distance < net->margin)
        net->margin = distance;
}

/* ---- convolution: y[b,o,i,j] = sum over c, u, v of w[o,c,u,v] x[b,c,i+u-1,j+v-1] ---- */

/* The three passes walk the same products: y += w x,  dx += w dy,  dw += x dy, each where it is not NULL. */
static void conv_pass(const struct stage *s, const double *x, const double *w, double *y, double *dx,
                      double *dw, const double *dy) {
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

static void norm_statistics(const struct stage *s, const double *x, double *mean, double *variance) {
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

static void norm_forward(struct ref_net *net, struct stage *s, const double *x, const double *params,
                         const double *statistic) {
    const size_t channels = s->in[1], area = s->in[2] * s->in[3];
    for (size_t i = 0; i < size_of(s->in); i++) {
        const size_t c = i / area % channels;
        const double normal = (x[i] - statistic[c]) / sqrt(statistic[channels + c] + EPSILON);
        const double z = params[c] * normal + params[channels + c];
        closer(net, fabs(z));
        s->y[i] = z > 0 ? z : 0;
    }
}

/* With xh the normalised x, g = dy where y > 0:  dgain = sum g xh, dbias = sum g,
   dx = gain / sigma (g - dbias/n - xh dgain/n). */
static void norm_backward(const struct stage *s, const double *x, const double *params,
                          const double *statistic, double *dx, double *dparams) {
    const size_t channels = s->in[1], area = s->in[2] * s->in[3];
    const double n = (double)(s->in[0] * area);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < size_of(s->in); i++) {
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
static size_t window_maximum(const struct stage *s, const double *x, size_t i, double *lead) {
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

static void linear_forward(const struct stage *s, const double *x, const double *w, const double *bias) {
    const size_t inputs = s->in[1] * s->in[2] * s->in[3], outputs = s->out[1];
    for (size_t b = 0; b < s->in[0]; b++)
        for (size_t o = 0; o < outputs; o++) {
            double sum = bias != NULL ? bias[o] : 0;
            for (size_t k = 0; k < inputs; k++)
                sum += w[o * inputs + k] * x[b * inputs + k];
            s->y[b * outputs + o] = sum;
        }
}

static void linear_backward(const struct stage *s, const double *x, const double *w, double *dx, double *dw,
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

/* ---- the whole net ---- */

static const double *bias_of(const struct stage *s, const double *weight) {
    return s->kind == REF_LINEAR_BIAS ? weight + s->out[1] * s->in[1] * s->in[2] * s->in[3] : NULL;
}

const double *ref_forward(struct ref_net *net, const double *params, const double *running, const double *x) {
    net->margin = INFINITY;
    for (size_t l = 0; l < net->count; l++) {
        struct stage *s = &net->stages[l];
        const double *w = params + s->param;
        const size_t count = size_of(s->out), area = s->in[2] * s->in[3];
        memset(s->y, 0, count * sizeof *s->y);
        if (s->kind == REF_CONV) {
            conv_pass(s, x, w, s->y, NULL, NULL, NULL);
        } else if (s->kind == REF_NORM_RELU) {
            double *own = net->statistic + s->statistic;
            if (running == NULL)
                norm_statistics(s, x, own, own + s->in[1]);
            norm_forward(net, s, x, w, running == NULL ? own : running + s->statistic);
        } else if (s->kind == REF_LINEAR || s->kind == REF_LINEAR_BIAS) {
            linear_forward(s, x, w, bias_of(s, w));
        } else if (s->kind == REF_MAX_POOL) {
            for (size_t i = 0; i < count; i++) {
                double lead;
                s->y[i] = x[window_maximum(s, x, i, &lead)];
                closer(net, lead);
            }
        } else if (s->kind == REF_AVERAGE_POOL) {
            for (size_t i = 0; i < size_of(s->in); i++)
                s->y[i / area] += x[i] / (double)area;
        } else {
            for (size_t i = 0; i < count; i++) {
                closer(net, fabs(x[i]));
                s->y[i] = x[i] > 0 ? x[i] : 0;
            }
        }
        x = s->y;
    }
    return x;
}

static void stage_backward(const struct ref_net *net, const struct stage *s, const double *params,
                           const double *x, double *dparams, double *dx) {
    const double *w = params + s->param;
    double *dw = dparams + s->param;
    const size_t area = s->in[2] * s->in[3];
    double lead;
    if (s->kind == REF_CONV)
        conv_pass(s, x, w, NULL, dx, dw, s->dy);
    else if (s->kind == REF_NORM_RELU)
        norm_backward(s, x, w, net->statistic + s->statistic, dx, dw);
    else if (s->kind == REF_LINEAR || s->kind == REF_LINEAR_BIAS)
        linear_backward(s, x, w, dx, dw,
                        s->kind == REF_LINEAR_BIAS ? dw + s->out[1] * s->in[1] * area : NULL);
    else if (s->kind == REF_MAX_POOL)
        for (size_t i = 0; i < size_of(s->out); i++)
            dx[window_maximum(s, x, i, &lead)] += s->dy[i];
    else if (s->kind == REF_AVERAGE_POOL)
        for (size_t i = 0; i < size_of(s->in); i++)
            dx[i] = s->dy[i / area] / (double)area;
    else
        for (size_t i = 0; i < size_of(s->in); i++)
            dx[i] = x[i] > 0 ? s->dy[i] : 0;
}

void ref_backward(struct ref_net *net, const double *params, const double *x, const double *dy,
                  double *dparams, double *dx) {
    memset(dparams, 0, net->params * sizeof *dparams);
    double *const input = dx != NULL ? dx : doubles(ref_inputs(net));
    memcpy(net->stages[net->count - 1].dy, dy, ref_outputs(net) * sizeof *dy);
    for (size_t l = net->count; l-- > 0;) {
        double *below = l > 0 ? net->stages[l - 1].dy : input;
        memset(below, 0, size_of(net->stages[l].in) * sizeof *below);
        stage_backward(net, &net->stages[l], params, l > 0 ? net->stages[l - 1].y : x, dparams, below);
    }
    if (dx == NULL)
        free(input);
}

double ref_cross_entropy(size_t rows, size_t classes, const double *logits, const int32_t *labels,
                         double *gradient) {
    double loss = 0;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t j = 0; j < classes; j++)
            sum += exp(logits[i * classes + j]);
        loss -= log(exp(logits[i * classes + (size_t)labels[i]]) / sum) / (double)rows;
        for (size_t j = 0; gradient != NULL && j < classes; j++)
            gradient[i * classes + j] =
                (exp(logits[i * classes + j]) / sum - (j == (size_t)labels[i] ? 1 : 0)) / (double)rows;
    }
    return loss;
}
