/* The matrices of a torch optimiser. Each has a workspace of its own; value, momentum and state are the caller's and may
   lie elsewhere at every step, so that groups differ and a parameter without gradient stays as it is. */
#ifndef TRM_PYTHON_STEPS_H
#define TRM_PYTHON_STEPS_H

#include "muon/muon.h"

struct stiefel_step; /* a workspace */

/* One matrix in one call. */
struct steps_turn {
    struct stiefel_step *workspace;
    struct muon_matrix W; /* the weight, rows >= cols; updated by steps_take and steps_project */
    struct muon_matrix G; /* what the step goes against */
    double *warm;         /* n x n: where the next solve begins */
    double *last; /* STEPS_LAST: what is kept of the last update; its first is 0 before there was one */
    size_t arm;
    double radius, factor; /* factor: of spectral_clip's lr; both 0: the matrix stays */
    bool constrained;      /* false for the control `muon`, */
    double shrink;         /* and what it multiplies the weight with before its step */
    double result;         /* what steps_drift found */
};
enum { STEPS_LAST = 3 };

/* For matrices of m x n. options: its arms. NULL: see *error. */
struct stiefel_step *steps_create(size_t m, size_t n, const struct muon_sgd_options *options,
                                  struct trm_error *error);
void steps_destroy(struct stiefel_step *workspace); /* NULL is fine */

/* One step of each, by as many threads as there are. No weight changes where a direction is refused. The first failure is returned,
   with its matrix in *failed and its reason in *error. */
enum trm_status steps_take(struct steps_turn *turns, size_t count, size_t *failed, struct trm_error *error);
/* W <- polar(W). */
enum trm_status steps_project(struct steps_turn *turn, struct trm_error *error);
/* result <- ||W'W - I||_F / sqrt(n). */
void steps_drift(struct steps_turn *turn);
/* Singular values of the tangent part of G, descending (n). */
enum trm_status steps_gamma(struct steps_turn *turn, double *sigma, struct trm_error *error);
/* Of the last steps_take of this workspace. */
const struct muon_sgd_report *steps_report(const struct stiefel_step *workspace);

#endif
