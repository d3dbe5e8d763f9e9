/* From a reduced candidate to the step A that the caller gets. */
#ifndef TRM_MUON_PRIMAL_STEP_H
#define TRM_MUON_PRIMAL_STEP_H

#include "muon/problem.h"

size_t muon_primal_step_work(size_t m, size_t n);

/* A = -b (W (I - E) B + Gp C), made tangent to the stored W (A <- A - W sym(W'A), as often as it changes anything),
   then scaled by min(b / ||A||_2, k b / ||A||_*), where it is `unscaled` by at most 1. A: m x n; b: the radius. sigma:
   its n singular values, descending. false: LAPACK failed. */
bool muon_primal_step(const struct muon_problem *problem, const struct muon_reduction *reduction,
                      const double *B, const double *C, size_t k, bool unscaled, double radius, double *A,
                      double *sigma, double *work);

/* A step in float, in units of -b, made tangent by W'A in double, which float could not see, and measured: sigma, its n
   singular values, descending, to some 1e-6 of the largest and 1e-4 at worst. A and room: m x n, work:
   muon_primal_step_work. Returns max(||A||_2, ||A||_* / k), by as much too long and not too short but for rounding; NAN
   where LAPACK failed. */
double muon_primal_step_float(struct muon_problem *problem, size_t k, float *A, double *sigma, double *room,
                              double *work);

/* A = -b msign(G), neither tangent nor otherwise repaired; sigma as above. */
bool muon_primal_step_msign(const struct muon_problem *problem, double radius, double *A, double *sigma,
                            double *work);

#endif
