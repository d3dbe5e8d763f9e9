/* What one quasi_newton, in float, leaves to the next, in double. */
#ifndef TRM_MUON_QUASI_NEWTON_H
#define TRM_MUON_QUASI_NEWTON_H

#include "muon/inner/anderson.h"

#include <stdbool.h>

/* Of the method's state: points X' with their residuals F(X') - X'. */
const struct muon_anderson *muon_quasi_newton_history(const void *state);
/* And the smoothing that it had come to, and whether it had turned to Newton's method. */
double muon_quasi_newton_smoothing(const void *state);
bool muon_quasi_newton_is_newton(const void *state);
/* Go on after so many iterations, with that smoothing. */
void muon_quasi_newton_resume(void *state, size_t iterations, double smoothing, bool newton);
/* Take a point into the history, the oldest first. */
void muon_quasi_newton_recall(void *state, const real *X, const real *F);

#endif
