/* The matrices of a torch optimiser, each an optimiser of its own in C, so that groups may differ and a parameter
   without gradient stays as it is. Their momentum is the caller's. */
#ifndef TRM_PYTHON_STEPS_H
#define TRM_PYTHON_STEPS_H

#include "muon/muon.h"

struct steps_matrix {
    struct muon_sgd *sgd;
    double factor; /* of radius and learning rates in this step */
    double *step;  /* steps done */
    double *warm;  /* n x n: where the next solve begins */
    double *last;  /* what is kept of the last update: as many doubles as muon_sgd_state says */
    struct trm_error error;
    enum trm_status status;
};

/* value: rows x cols floats, row-major, updated; direction: as many, what a step goes against. Both stay the
   caller's, and where they are, as does name. */
enum trm_status steps_create(struct muon_sgd **out, const char *name, float *value, const float *direction,
                             size_t rows, size_t cols, int solver, const struct muon_options *options,
                             double spectral_budget, double weight_decay, struct trm_error *error);

/* One step of each, one thread a matrix, from the state in the caller's arrays to the state there. No value changes
   where a direction is refused. The status is the first that is not TRM_OK, also in its matrix beside the reason. */
enum trm_status steps_take(struct steps_matrix *matrices, size_t count);

#endif
