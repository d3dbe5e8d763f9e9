/* A small network for tests of the optimiser: parameters with values and gradients of their own. */
#ifndef TRM_TESTS_MUON_SUPPORT_SGD_H
#define TRM_TESTS_MUON_SUPPORT_SGD_H

#include "support.h"

enum { SUPPORT_PARAMETERS = 6 };

/* conv 16 x 27 (wide), tall 40 x 10, row 1 x 12, column 12 x 1, on the manifold; head 10 x 8 and bias 7 off it. */
struct support_network {
    struct muon_parameter parameters[SUPPORT_PARAMETERS];
    float *grad[SUPPORT_PARAMETERS];
};
enum { SUPPORT_CONV, SUPPORT_TALL, SUPPORT_ROW, SUPPORT_COLUMN, SUPPORT_HEAD, SUPPORT_BIAS };

struct support_network support_network_make(uint64_t seed);
void support_network_free(struct support_network *network);
/* New Gaussian gradients, a function of (seed, step) alone. */
void support_network_gradients(struct support_network *network, uint64_t seed, size_t step);

/* Defaults with one arm: this solver with its default budget, over this many steps. */
struct muon_sgd_options support_sgd_options(const char *solver, size_t total_steps);
struct muon_sgd *support_sgd(struct support_network *network, const struct muon_sgd_options *options);
/* Both halves of a step; fails the test where one does. */
void support_sgd_step(struct muon_sgd *sgd, size_t arm);

#endif
