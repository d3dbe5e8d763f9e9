#include "support_layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REF_MAX_LAYERS = 16 };

struct ref_net {
    size_t count, params, statistics;
    struct stage stages[REF_MAX_LAYERS];
    double *statistic; /* of the last batch: mean, variance of every norm */
    double margin;
};

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
        s->y = doubles(ref_size(shape));
        s->dy = doubles(ref_size(shape));
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
    return ref_size(net->stages[0].in);
}
size_t ref_outputs(const struct ref_net *net) {
    return ref_size(net->stages[net->count - 1].out);
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

static const double *bias_of(const struct stage *s, const double *weight) {
    return s->kind == REF_LINEAR_BIAS ? weight + s->out[1] * s->in[1] * s->in[2] * s->in[3] : NULL;
}

const double *ref_forward(struct ref_net *net, const double *params, const double *running, const double *x) {
    net->margin = INFINITY;
    for (size_t l = 0; l < net->count; l++) {
        struct stage *s = &net->stages[l];
        const double *w = params + s->param;
        const size_t count = ref_size(s->out), area = s->in[2] * s->in[3];
        memset(s->y, 0, count * sizeof *s->y);
        if (s->kind == REF_CONV) {
            ref_conv_pass(s, x, w, s->y, NULL, NULL, NULL);
        } else if (s->kind == REF_NORM_RELU) {
            double *own = net->statistic + s->statistic;
            if (running == NULL)
                ref_norm_statistics(s, x, own, own + s->in[1]);
            ref_norm_forward(s, x, w, running == NULL ? own : running + s->statistic, &net->margin);
        } else if (s->kind == REF_LINEAR || s->kind == REF_LINEAR_BIAS) {
            ref_linear_forward(s, x, w, bias_of(s, w));
        } else if (s->kind == REF_MAX_POOL) {
            for (size_t i = 0; i < count; i++) {
                double lead;
                s->y[i] = x[ref_window_maximum(s, x, i, &lead)];
                ref_closer(&net->margin, lead);
            }
        } else if (s->kind == REF_AVERAGE_POOL) {
            for (size_t i = 0; i < ref_size(s->in); i++)
                s->y[i / area] += x[i] / (double)area;
        } else {
            for (size_t i = 0; i < count; i++) {
                ref_closer(&net->margin, fabs(x[i]));
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
        ref_conv_pass(s, x, w, NULL, dx, dw, s->dy);
    else if (s->kind == REF_NORM_RELU)
        ref_norm_backward(s, x, w, net->statistic + s->statistic, dx, dw);
    else if (s->kind == REF_LINEAR || s->kind == REF_LINEAR_BIAS)
        ref_linear_backward(s, x, w, dx, dw,
                            s->kind == REF_LINEAR_BIAS ? dw + s->out[1] * s->in[1] * area : NULL);
    else if (s->kind == REF_MAX_POOL)
        for (size_t i = 0; i < ref_size(s->out); i++)
            dx[ref_window_maximum(s, x, i, &lead)] += s->dy[i];
    else if (s->kind == REF_AVERAGE_POOL)
        for (size_t i = 0; i < ref_size(s->in); i++)
            dx[i] = s->dy[i / area] / (double)area;
    else
        for (size_t i = 0; i < ref_size(s->in); i++)
            dx[i] = x[i] > 0 ? s->dy[i] : 0;
}

void ref_backward(struct ref_net *net, const double *params, const double *x, const double *dy,
                  double *dparams, double *dx) {
    memset(dparams, 0, net->params * sizeof *dparams);
    double *const input = dx != NULL ? dx : doubles(ref_inputs(net));
    memcpy(net->stages[net->count - 1].dy, dy, ref_outputs(net) * sizeof *dy);
    for (size_t l = net->count; l-- > 0;) {
        double *below = l > 0 ? net->stages[l - 1].dy : input;
        memset(below, 0, ref_size(net->stages[l].in) * sizeof *below);
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
