/* A feasible step from a nearly tangent polar factor, at second order. */
#ifndef TRM_MUON_REPAIR_H
#define TRM_MUON_REPAIR_H

#include "muon/inner/reduced.h"

size_t muon_repair_doubles(size_t n);

/* Move the polar step (B, C) to one that is tangent and has singular values 1, as far as that goes, then try it as the
   primal bound. B and C are overwritten. For sets with k = n only. */
void muon_repair_try(struct muon_reduced *r, real *B, real *C);

/* The repair costs as much as an iteration or two, and the gap after it falls with the square of the tangency
   ||sym B||_F / sqrt(n) before it: is it worth a trial? By what the last trial left (muon_repair_learn), before the
   first by the evenness of the singular values at the first point, mean(sigma)^2 / mean(sigma^2) (muon_repair_expect:
   measured, the gap is 0.6 tangency^2 at 0.9, and 5 to 8 at 0.25), and in the last iteration always. */
void muon_repair_expect(struct muon_reduced *r); /* of lambda and mean_sigma */
bool muon_repair_promises(const struct muon_reduced *r, double tangency, size_t iteration);
void muon_repair_learn(struct muon_reduced *r, double tangency);

/* Cut the singular values of the tangent step (B, C) to 1, make it tangent again and try it: for problems whose
   optimal step has singular values below 1. B and C are overwritten. */
void muon_repair_try_clipped(struct muon_reduced *r, real *B, real *C);

/* Y ~ the solution of Y + sym(B sym(B Y)) = -F / 2, to a residual of `wanted`; n x n. scratch: 4 n x n. */
void muon_repair_direction(size_t n, const real *B, const real *F, double wanted, real *Y, real *scratch);

#endif
