/* A method's search in float, for code in double: the same sources as muon/inner/search.h, compiled in float. */
#ifndef TRM_MUON_FLOAT_FLOAT_SEARCH_H
#define TRM_MUON_FLOAT_FLOAT_SEARCH_H

#include "muon/float/panel.h"

struct muon_float_search;

/* NULL: no memory. k: the rank bound of frank_wolfe's set, n for the others. options stay the caller's. Only for the
   methods that muon_float_search_has. */
bool muon_float_search_has(enum muon_solver_id id);
struct muon_float_search *muon_float_search_create(enum muon_solver_id id, size_t m, size_t n, size_t k,
                                                   const struct muon_options *options);
void muon_float_search_destroy(struct muon_float_search *f);

/* As muon_search_begin, on the panel, which must live on; start: X' in double, may be NULL. */
void muon_float_search_begin(struct muon_float_search *f, const struct muon_panel *panel, double radius,
                             double target_gap, const double *start);
void muon_float_search_aim(struct muon_float_search *f, double target_gap);
/* As muon_search_go_on; false where LAPACK failed. *gap: the reduced one; *stalled: it is of no use to go on. */
bool muon_float_search_go_on(struct muon_float_search *f, size_t *iterations, size_t max_iter, double *gap,
                             bool *stalled);

/* Where more digits are wanted than float has: iterate (quasi_newton alone) while it has enough. X: n x n, the point to
   go on from. false where LAPACK failed, or at the first point the smallest eigenvalues are rounding. */
bool muon_float_search_scout(struct muon_float_search *f, size_t *iterations, size_t max_iter, double *X);
/* Its smoothing there, and whether it had turned to Newton's method. */
double muon_float_search_smoothing(const struct muon_float_search *f);
bool muon_float_search_is_newton(const struct muon_float_search *f);
/* The points on the way there that are remembered, none where Newton's method goes on, and the one `back` before the
   last: X' and F(X') - X', n x n. */
size_t muon_float_search_points(const struct muon_float_search *f);
void muon_float_search_point(struct muon_float_search *f, size_t back, double *X, double *F);

/* X' of the best dual value, n x n. */
void muon_float_search_dual_point(const struct muon_float_search *f, double *X);
/* The best step in units of -b, A = W (B - S C) + G C, m x n; it stays the search's. */
float *muon_float_search_step(struct muon_float_search *f);
/* The eigenvectors of the last decomposition, n x n: near the end those of (G + WX)'(G + WX). */
const float *muon_float_search_basis(const struct muon_float_search *f);

#endif
