/* From what a search found to the answer that the caller gets. */
#ifndef TRM_MUON_ANSWER_H
#define TRM_MUON_ANSWER_H

#include "muon/certificate_float.h"
#include "muon/solver_state.h"

/* The reduced gap at which a search stops: a fifth of tol is left to what the reduction misses. */
double muon_answer_target(const struct muon_solver *solver);

/* solver->X = scale (X' - sym(S)), of (D), for the best X'. */
void muon_answer_X(struct muon_solver *solver, double scale, const double *S);
/* That X, then A from the best B and C, then the certificate. false: LAPACK failed, or a number overflows. */
bool muon_answer_conclude(struct muon_solver *solver, struct muon_matrix *A, struct muon_info *info);
/* The certificate of A and solver->X; where this solve goes without, the primal value, and what solver->sigma, the
   singular values of A, say of A. A float A is rounded anew where its rounding shows in that. Uses solver->A. */
bool muon_answer_certify(struct muon_solver *solver, struct muon_matrix *A, struct muon_info *info);
/* Its bound on d in float; infinity where this solve goes without. Uses solver->certificate_work. */
struct muon_float_bound muon_answer_bound(struct muon_solver *solver);
/* The certificate in float, by that bound; false where double has to decide, also because A owes too much to its
   rounding. */
bool muon_answer_certify_float(struct muon_solver *solver, struct muon_float_bound bound,
                               const struct muon_matrix *A, struct muon_info *info);
/* Is its gap at most tol: by the certificate, or, without, by the search? */
bool muon_answer_is_good(const struct muon_solver *solver, const struct muon_info *info);

#endif
