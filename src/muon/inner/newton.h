/* Newton's method on the smoothed dual, one step at a time: the second half of quasi_newton. */
#ifndef TRM_MUON_NEWTON_H
#define TRM_MUON_NEWTON_H

#include "muon/inner/reduced.h"

struct muon_newton {
    real *Mh, *g, *D, *R, *Z, *P, *HP, *dH; /* n x n */
    real *X_old;                            /* n x n, before a trial */
    real *X_then;                           /* n x n, the point at the last eps */
    real *root, *q;                         /* n */
    real *stack;                            /* for muon_reduced_stack */
    double eps, eps_then;                   /* now; the one before, 0 where there is none */
    bool decomposed;                        /* r->V, r->lambda, r->M belong to r->X */
    bool calibrated;                        /* eps fits the tangency that the steps began with */
};

void muon_newton_place(struct muon_newton *w, size_t n, struct muon_pool *pool);
/* Begin at r->X with smoothing eps. */
void muon_newton_start(struct muon_newton *w, double eps);
/* One Newton step from r->X; sets r->stalled where no step decreases the smoothed dual any more. */
void muon_newton_step(struct muon_newton *w, struct muon_reduced *r);

#endif
