/* A solver with its workspace, as solver_create.c lays it out and solver.c uses it. */
#ifndef TRM_MUON_SOLVER_STATE_H
#define TRM_MUON_SOLVER_STATE_H

#include "muon/float/float_search.h"
#include "muon/inner/search.h"
#include "muon/problem.h"

struct muon_solver {
    enum muon_solver_id id;
    size_t m, n;
    struct muon_options options;
    struct muon_search search;          /* in double; without a method for muon, which has no inner problem */
    struct muon_float_search *in_float; /* NULL where these options leave nothing to it */
    bool begins_in_float;               /* which then is for the first iterations alone */
    struct muon_reduction refined;      /* where W'W is told from I */
    struct muon_problem *own_problem;   /* for muon_solver_solve */
    double turn;                        /* solves since the last one that was certified */
    bool certifying;                    /* this one is */
    double loop_gap;                    /* by the search's own account */
    bool searched;                      /* the last solve looked for an X' */
    double *A;                          /* m x n */
    double *X;                          /* n x n, of (D) */
    double *X_start;                    /* n x n, X' that float leaves to double */
    double *sigma;                      /* n, singular values of A, descending */
    double *step_work, *certificate_work;
    double *pool;
};

#endif
