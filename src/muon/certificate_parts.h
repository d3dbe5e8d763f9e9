/* What the certificates in double and in float share: reading the caller's matrices, and what is said in double either
   way. */
#ifndef TRM_MUON_CERTIFICATE_PARTS_H
#define TRM_MUON_CERTIFICATE_PARTS_H

#include "muon/muon.h"

/* Columns without gaps. */
void muon_claim_unpack(const struct muon_matrix *a, double *out);
double muon_claim_inner(size_t count, const double *a, const double *b); /* <a, b> */
int muon_claim_exponent(size_t count, const double *M); /* of the largest entry; 0 where there is none */
/* ||W'A + A'W||_F / b; T: n x n, becomes W'A. */
double muon_claim_tangency(size_t m, size_t n, const double *W, const double *A, double radius, double *T);

#endif
