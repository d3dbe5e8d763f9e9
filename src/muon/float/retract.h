/* The polar factor of a nearly orthonormal matrix, right to the rounding of float. */
#ifndef TRM_MUON_FLOAT_RETRACT_H
#define TRM_MUON_FLOAT_RETRACT_H

#include <stdbool.h>
#include <stddef.h>

/* Floats of workspace for m x n. */
size_t muon_float_retract_work(size_t m, size_t n);

/* What <- What (What'What)^{-1/2}, m x n, within 1e-9; Gram: What'What, n x n. false where Gram is too far from I for
   that (||Gram - I||_1 > 1/16): nothing is changed then. */
bool muon_float_retract(size_t m, size_t n, const double *Gram, double *What, float *work);

#endif
