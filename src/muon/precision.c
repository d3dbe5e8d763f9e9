/* Float makes products at twice the rate. What it loses is muon_panel_error, of the order FLT_EPSILON ||G|| /
   ||Gamma||, in Omega and N, and some ten times as much in the gap of the loop (docs/method.md, section 3). A search
   that is not certified goes on in double, so a wrong guess costs time only. The certificate bounds what float loses in
   it (certificate_float.c): where that is not little beside tol, the one in double is made.

   The smallest matrices gain nothing: there the calls cost more than the arithmetic. */
#include "muon/precision.h"

#include "muon/float/float_search.h"

enum { smallest = 32 };
static const double least_tol = 1e-3, margin = 200.0, little = 0.1;

bool muon_float_allows(enum muon_solver_id id, size_t m, size_t n, double tol) {
    return muon_float_search_has(id) && tol >= least_tol && n >= smallest && m >= n;
}

bool muon_float_suffices(const struct muon_panel *panel, double tol) {
    return margin * muon_panel_error(panel) <= tol;
}

bool muon_float_certifies(double rounding, double tol) {
    return rounding <= little * tol;
}
