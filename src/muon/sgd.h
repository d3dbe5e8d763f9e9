/* What the optimiser's files share. */
#ifndef TRM_MUON_SGD_H
#define TRM_MUON_SGD_H

#include "muon/stiefel_step.h"

struct muon_sgd {
    struct muon_sgd_options options;
    struct muon_parameter *parameters;
    size_t count;
    float **momentum;  /* a buffer for each parameter */
    float **lookahead; /* nesterov: grad + momentum buf, of parameters on the manifold; else NULL */
    float *pool;
    struct stiefel_step *steps; /* of parameters on the manifold, the costliest first */
    size_t step_count;
    double *step;     /* steps done; a double, since it is part of the saved state */
    bool constrained; /* false for the control `muon` */
    bool solved;      /* there is an A for muon_sgd_finish: of muon_sgd_solve, or the caller's */
    bool accumulated; /* the first half of a step is done, the second not yet */
};

/* The caller's options as this version has them; NULL, or why their size is wrong. */
const char *muon_sgd_options_take(struct muon_sgd_options *own, const struct muon_sgd_options *given);

/* Names, values and gradients are there, and no name is there twice. */
enum trm_status muon_parameters_check(const struct muon_parameter *parameters, size_t count,
                                      struct trm_error *error);

#endif
