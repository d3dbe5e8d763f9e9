/* A solver with its workspace, as solver_create.c lays it out and solver.c uses it. */
#ifndef TRM_MUON_SOLVER_STATE_H
#define TRM_MUON_SOLVER_STATE_H

#include "muon/reduced.h"

struct muon_solver {
    enum muon_solver_id id;
    const struct muon_method *method; /* NULL for muon, which has no inner problem */
    size_t m, n;
    struct muon_options options;
    void *state; /* the method's */
    struct muon_reduced r;
    struct muon_reduction refined;    /* where W'W is told from I */
    struct muon_problem *own_problem; /* for muon_solver_solve */
    bool searched;                    /* the last solve looked for an X' */
    double *A;                        /* m x n */
    double *X;                        /* n x n, of (D) */
    double *step_work, *certificate_work;
    double *pool;
};

#endif
