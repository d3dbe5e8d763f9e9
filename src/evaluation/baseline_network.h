/* The two plain networks beside the router, trained as it is: AdamW, cosine by epoch, best validation epoch.

       h0 = x W0 + b0 (relu where not residual);  h <- relu(h W + b), or rms(h + relu(h W + b));  logits = h V + c

   All in one buffer: W0 (12, width), b0, then W (width, width), b of each layer between, V (width, arms), c.
   Row-major, input first. */
#ifndef TRM_EVALUATION_BASELINE_NETWORK_H
#define TRM_EVALUATION_BASELINE_NETWORK_H

#include "base/rng.h"
#include "evaluation/baselines.h"

struct network {
    struct baseline_shape shape;
    size_t batch;                 /* most rows at once */
    size_t count;                 /* parameters */
    uint64_t arms;                /* others have probability 0 */
    float *theta, *gradient;      /* (count) */
    float *first, *second, *best; /* (count) AdamW's averages; the epoch that is kept */
    float *h;                     /* (layers - 1, batch, width) after each layer */
    float *u;                     /* (layers - 1, batch, width) relu(...) of each layer */
    float *inverse;               /* (layers - 1, batch) 1 / rms */
    float *dh, *du;               /* (batch, width) */
    float *logits;                /* (batch, shape.arms) */
    void *memory;
};

enum trm_status network_create(struct network *network, const struct baseline_shape *shape, size_t batch,
                               uint64_t arms, struct rng *rng, struct trm_error *error);
void network_destroy(struct network *network);
/* x (rows, 12) -> probability (rows, shape.arms) in place of logits. */
void network_forward(struct network *network, const float *x, size_t rows);
/* Mean cross-entropy; fills gradient. After network_forward with the same x. */
double network_backward(struct network *network, const float *x, const int *label, size_t rows);

#endif
