/* The certificate of anybody's answer. */
#ifndef TRM_PYTHON_CERTIFICATE_H
#define TRM_PYTHON_CERTIFICATE_H

#include "muon/muon.h"

/* As muon_certify, with its workspace: W, G, A m x n, X n x n and symmetric, k the rank bound (n: problem (P)). */
enum trm_status certificate_of(const struct muon_matrix *W, const struct muon_matrix *G,
                               const struct muon_matrix *A, const double *X, double radius, size_t k,
                               struct muon_info *info, struct trm_error *error);

#endif
