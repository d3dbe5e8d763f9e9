/* What float does of a solve: all of it, or its first iterations (precision.h says which). */
#ifndef TRM_MUON_SOLVER_FLOAT_H
#define TRM_MUON_SOLVER_FLOAT_H

#include "muon/solver_state.h"

/* The search in float, with a certificate in float where that will do; false where it ends without one, and double is
   to go on from solver->X_start, which then holds the best X'. */
bool muon_solver_float_solve(struct muon_solver *solver, const double *start, struct muon_matrix *A,
                             struct muon_info *info);
/* The first iterations; solver->X_start is where double goes on. false: they came to nothing, *info is as it was. */
bool muon_solver_float_begin(struct muon_solver *solver, const double *start, struct muon_info *info);
/* Begin in double from there, with the points that led to it. */
void muon_solver_float_resume(struct muon_solver *solver, size_t iterations);

#endif
