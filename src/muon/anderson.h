/* Anderson acceleration (1965) of a fixed point x = F(x). */
#ifndef TRM_MUON_ANDERSON_H
#define TRM_MUON_ANDERSON_H

#include <stddef.h>

/* Doubles of state for vectors of `count` elements. */
size_t muon_anderson_doubles(size_t count);
/* Forget the history. */
void muon_anderson_forget(size_t count, double *state);
/* x <- the accelerated next point, from x and its residual f = F(x) - x. */
void muon_anderson_step(size_t count, double *state, double *x, const double *f);

#endif
