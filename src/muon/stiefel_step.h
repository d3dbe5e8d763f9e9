/* One matrix on the Stiefel manifold: its inner problem, its solvers, its retraction. */
#ifndef TRM_MUON_STIEFEL_STEP_H
#define TRM_MUON_STIEFEL_STEP_H

#include "muon/solver.h"

/* Of the last update; doubles, since they are part of the saved state, where they lie in this order. */
struct stiefel_update {
    double solved; /* how many there were */
    double effective_rank, orthogonality;
};
enum { STIEFEL_UPDATE_DOUBLES = sizeof(struct stiefel_update) / sizeof(double) };

struct stiefel_step {
    size_t index; /* of the parameter */
    size_t m, n;
    struct muon_matrix W; /* the caller's values */
    struct muon_matrix G; /* the momentum, or momentum and gradient for nesterov */
    struct muon_problem *problem;
    struct muon_solver *solvers[MUON_MAX_ARMS];
    double lr[MUON_MAX_ARMS]; /* of each arm, before the schedule */
    size_t arm_count;
    double *A, *What;        /* m x n */
    double *warm;            /* n x n, X' of the last step that has one (solver.h) */
    bool warm_start;         /* begin there */
    double *Gram, *P, *work; /* n x n, n x n, workspace */
    double *pool;
    struct stiefel_update last;
    struct muon_sgd_report report;
    enum trm_status status; /* of the last call */
    char reason[512];
};

/* Allocates for W and G, which stay where they are; *step was zero. Destroy it also after a failure. */
enum trm_status stiefel_step_create(struct stiefel_step *step, struct muon_matrix W, struct muon_matrix G,
                                    const struct muon_sgd_options *options, struct trm_error *error);
void stiefel_step_destroy(struct stiefel_step *step);

void stiefel_step_project(struct stiefel_step *step); /* W <- polar(W), by singular values */
void stiefel_step_load(struct stiefel_step *step, bool orthonormal);
void stiefel_step_gamma(struct stiefel_step *step, double *sigma); /* descending */
/* A for this radius; the arm's lr is multiplied by factor. */
void stiefel_step_solve(struct stiefel_step *step, size_t arm, double radius, double factor);
/* The report of an A that the caller has written: its spectrum; gap NAN, since nothing was solved. */
void stiefel_step_measure(struct stiefel_step *step, double radius);
void stiefel_step_retract(struct stiefel_step *step);            /* W <- polar(W + A) */
void stiefel_step_add(struct stiefel_step *step, double shrink); /* W <- shrink W + A */
double stiefel_step_drift(struct stiefel_step *step);

#endif
