/* Solving a problem that was loaded before: what the optimiser uses, which needs the reduction also for its
   features and may choose the solver after that. */
#ifndef TRM_MUON_SOLVER_H
#define TRM_MUON_SOLVER_H

#include "muon/problem.h"

/* As muon_solver_solve, for the W and G of muon_problem_load; one problem serves any number of solvers. start: n x n,
   X' to begin at in units of ||G||_F, or NULL; not where muon_solver_dual_point points. From one step of training to
   the next this X' changes less than X = ||G||_F (X' - sym(W'G)) does, whose second part follows G: it is what an
   optimiser should keep. */
enum trm_status muon_solver_solve_loaded(struct muon_solver *solver, struct muon_problem *problem,
                                         double radius, const double *start, struct muon_matrix *A, double *X,
                                         struct muon_info *info);
/* X' of the last solve, n x n, in units of ||G||_F; NULL where it looked for none: methods without a loop, and G
   without a tangent part. */
const double *muon_solver_dual_point(const struct muon_solver *solver);

/* How many solves there were since a certified one, where the options leave some without: of those of a run, so that it
   goes on after an interruption as it would have. */
void muon_solver_set_turn(struct muon_solver *solver, double solves);

/* Does it look for X' in float where it can, so that the problem should be loaded in float? */
bool muon_solver_in_float(const struct muon_solver *solver);

/* Replace spectral_clip's lr (> 0), which a schedule changes at every step. */
void muon_solver_set_lr(struct muon_solver *solver, double lr);

#endif
