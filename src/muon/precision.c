/* Float makes products at twice the rate. What it loses is muon_panel_error, of the order FLT_EPSILON ||G|| /
   ||Gamma||, in Omega and N, and some ten times as much in the gap of the loop (docs/method.md, section 3). A search
   that is not certified goes on in double, so a wrong guess costs time only. For more digits the first iterations of
   quasi_newton, to a tangency of 2e-2, are the same in float as in double to some three digits, and double takes their
   points over. The certificate bounds what float loses in it (certificate_float.c): where that is not little beside tol,
   the one in double is made.

   The smallest matrices gain nothing: there the calls cost more than the arithmetic. */
#include "muon/precision.h"

#include "muon/float/float_search.h"

enum { smallest = 32, smallest_beginning = 64, least_iterations = 8 };
static const double least_tol = 1e-3, margin = 200.0, little = 0.1;

bool muon_float_allows(enum muon_solver_id id, size_t m, size_t n, double tol) {
    return muon_float_search_has(id) && tol >= least_tol && n >= smallest && m >= n;
}

const double muon_float_rough = 2e-2, muon_float_outside = 0.1, muon_float_flat = 3e-6;

bool muon_float_begins(enum muon_solver_id id, size_t m, size_t n, double tol, size_t max_iter) {
    return id == MUON_SOLVER_quasi_newton && tol < least_tol && n >= smallest_beginning && 2 * m >= 5 * n &&
           max_iter >= least_iterations;
}

bool muon_float_suffices(const struct muon_panel *panel, double tol) {
    return margin * muon_panel_error(panel) <= tol;
}

bool muon_float_certifies(double rounding, double tol) {
    return rounding <= little * tol;
}
