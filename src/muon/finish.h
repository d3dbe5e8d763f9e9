/* From a reduced candidate to the step A that the caller gets. */
#ifndef TRM_MUON_FINISH_H
#define TRM_MUON_FINISH_H

#include "muon/problem.h"

size_t muon_finish_work(size_t m, size_t n);

/* A = -b (W B + Gp C), made tangent to the stored W (A <- A - W sym(W'A), as often as it changes anything: a
   float W is orthonormal to 1e-6 only), then scaled by min(1, b / ||A||_2, k b / ||A||_*). A: m x n. false:
   LAPACK failed. */
bool muon_finish(const struct muon_problem *problem, const double *B, const double *C, size_t k, double *A,
                 double *work);

/* A = -b msign(G), neither tangent nor otherwise repaired. */
bool muon_finish_plain(const struct muon_problem *problem, double *A, double *work);

#endif
