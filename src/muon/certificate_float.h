/* The certificate in float, with a bound on its own rounding in the gap that it reports. It shares nothing with the
   iterations of the solvers. V, which they hand it, is a witness: useless where it is bad, but not wrong. That A is in
   the ball rests on its singular values, which muon_primal_step_float measures and by which the solver scales A, with a
   margin for their rounding. */
#ifndef TRM_MUON_CERTIFICATE_FLOAT_H
#define TRM_MUON_CERTIFICATE_FLOAT_H

#include "muon/muon.h"

/* An upper bound of ||G + W X||_*, which the step has no part in, and how much of it bounds rounding; infinity where
   numbers are not finite or out of range. V: n x n, columns near the right singular vectors of G + W X, whoever found
   them: it is never below the true one whatever they are, and near it where they are good. work:
   muon_certify_float_work(m, n) doubles. */
struct muon_float_bound {
    double value, rounding;
};
size_t muon_certify_float_work(size_t m, size_t n);
struct muon_float_bound muon_float_bound(const struct muon_matrix *W, const struct muon_matrix *G,
                                         const double *X, const float *V, double *work);
/* As muon_certify with k = n, by the bound of the same W, G and X, whose work is as it was left. sigma: the singular
   values of A, descending. false: nothing is said, *info is as it was, and double has to decide; it does where the
   bound is infinite or its rounding not small against tol (muon_float_certifies), where A has singular values below a
   hundredth of the largest, and where the gap is above tol. */
bool muon_certify_float(const struct muon_matrix *A, const double *X, struct muon_float_bound bound,
                        const double *sigma, double radius, double tol, double *work, struct muon_info *info);

#endif
