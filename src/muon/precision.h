/* Float or double: what decides. */
#ifndef TRM_MUON_PRECISION_H
#define TRM_MUON_PRECISION_H

#include "muon/float/panel.h"

/* May a solve with these options search in float at all? */
bool muon_float_allows(enum muon_solver_id id, size_t m, size_t n, double tol);
/* And with this W and G? */
bool muon_float_suffices(const struct muon_panel *panel, double tol);
/* Where it may not: is it worth while to begin in float, and go on in double from a tangency of muon_float_rough? */
bool muon_float_begins(enum muon_solver_id id, size_t m, size_t n, double tol, size_t max_iter);
/* And not where less than muon_float_outside of the tangent part lies outside of W, nor where H has lambda_min below
   muon_float_flat lambda_max. */
extern const double muon_float_rough, muon_float_outside, muon_float_flat;
/* May a certificate in float that allows this much for its rounding, relative to d, answer for tol? */
bool muon_float_certifies(double rounding, double tol);

#endif
