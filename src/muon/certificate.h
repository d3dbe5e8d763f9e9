/* The certificate of an answer: every number of muon_info, recomputed in double from the caller's W, G, A and
   X. Nothing here is shared with the solvers: other loops, other LAPACK routines, the full m x n matrices. */
#ifndef TRM_MUON_CERTIFICATE_H
#define TRM_MUON_CERTIFICATE_H

#include "muon/muon.h"

/* Doubles of workspace for m x n. */
size_t muon_certificate_work(size_t m, size_t n);

/* Fill primal, dual, gap, gap_tangent, gap_full, tangency, norm, frobenius, nuclear, eff_rank and rank of *info.
   X: n x n, symmetric. k: the rank bound of frank_wolfe's set, n for problem (P). false where LAPACK failed or a number
   overflows.
 */
bool muon_certify(const struct muon_matrix *W, const struct muon_matrix *G, const struct muon_matrix *A,
                  const double *X, double radius, size_t k, double *work, struct muon_info *info);

/* The part of it that is A's alone: norm, frobenius, nuclear, eff_rank and rank, from its n singular values,
   descending. */
void muon_describe_step(size_t n, const double *sigma, double radius, struct muon_info *info);

#endif
