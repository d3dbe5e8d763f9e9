/* Solving a problem that was loaded before: what the optimiser uses, which needs the reduction also for its
   features and may choose the solver after that. */
#ifndef TRM_MUON_SOLVER_H
#define TRM_MUON_SOLVER_H

#include "muon/problem.h"

/* As muon_solver_solve, for W and G as they were given to muon_problem_load. */
enum trm_status muon_solver_solve_loaded(struct muon_solver *solver, struct muon_problem *problem,
                                         const struct muon_matrix *W, const struct muon_matrix *G,
                                         double radius, const double *warm, struct muon_matrix *A, double *X,
                                         struct muon_info *info);

/* Replace spectral_clip's lr (> 0), which a schedule changes at every step. */
void muon_solver_set_lr(struct muon_solver *solver, double lr);

#endif
