/* What one quasi_newton, in float, leaves to the next, in double. */
#ifndef TRM_MUON_QUASI_NEWTON_H
#define TRM_MUON_QUASI_NEWTON_H

#include "muon/inner/anderson.h"

/* Of the method's state: points X' with their residuals F(X') - X'. */
const struct muon_anderson *muon_quasi_newton_history(const void *state);
/* After `iterations`, of which this is one point; the oldest comes first. */
void muon_quasi_newton_resume(void *state, size_t iterations, const real *X, const real *F);

#endif
