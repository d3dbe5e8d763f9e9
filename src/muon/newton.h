/* Newton's method on the smoothed dual, one step at a time: the second half of quasi_newton. */
#ifndef TRM_MUON_NEWTON_H
#define TRM_MUON_NEWTON_H

#include "muon/reduced.h"

size_t muon_newton_doubles(size_t n);
/* Begin at r->X with smoothing eps. */
void muon_newton_start(struct muon_reduced *r, double *state, double eps);
/* One Newton step from r->X; sets r->stalled where no step decreases the smoothed dual any more. */
void muon_newton_step(struct muon_reduced *r, double *state);

#endif
