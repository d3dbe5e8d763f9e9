/* The inner problem in memory: W and G as column-major doubles, and its reduction to n x n.

   With S = W'G, Omega = skew(S), Gp = G - W S, N = Gp'Gp and X = X' - sym(S), problem (D) reads
       minimise over symmetric X'   d = b tr H^{1/2},   H = (Omega + X')'(Omega + X') + N,
   and every iterate of every solver is -(W B + Gp C) with n x n matrices B and C. G is scaled to ||G||_F = 1,
   so that no step size depends on its scale.

   This takes W'W = I. A float W misses it by E = W'W - I of 1e-7 to 1e-6, which costs some ten times as much in
   the gap. Where that matters (muon_problem_refine), with S = (W'W)^{-1} W'G and B = W'A instead of the
   coefficient of W,
       H = (Omega + X')'(I + E)(Omega + X') + N,   A = -(W (I + E)^{-1} B + Gp C),   A'A = B'(I + E)^{-1} B + C'N C,
   and A is tangent exactly where B is skew. */
#ifndef TRM_MUON_PROBLEM_H
#define TRM_MUON_PROBLEM_H

#include "muon/float/panel.h"
#include "muon/inner/reduction.h"
#include "muon/muon.h"

struct muon_problem {
    size_t m, n;
    struct muon_matrix W_given, G_given; /* the caller's, for the certificate */
    bool in_double, in_float;            /* which of the two below are filled */
    double scale;                        /* ||G||_F before scaling; 0 where G = 0 */
    struct muon_panel panel;             /* in float */
    double orthogonality;                /* ||W'W - I||_F / sqrt(n) */
    double *W, *G;                       /* m x n */
    double *E;                           /* n x n, W'W - I */
    struct muon_reduction reduction;     /* takes W'W as I */
};

/* Allocates for m >= n >= 1. On failure *out is NULL. */
enum trm_status muon_problem_create(struct muon_problem **out, size_t m, size_t n);
void muon_problem_destroy(struct muon_problem *problem);

/* Read and check W and G (shape, finite, with orthonormal also W'W = I to 1e-3), scale, reduce. reason gets
   the words of a refusal. The matrices stay the caller's, as they are, until the last solve of this problem. */
enum trm_status muon_problem_load(struct muon_problem *problem, const struct muon_matrix *W,
                                  const struct muon_matrix *G, bool orthonormal, char *reason,
                                  size_t reason_size);

/* The same in float where float can take it (muon_panel_load), else in double. */
enum trm_status muon_problem_load_float(struct muon_problem *problem, const struct muon_matrix *W,
                                        const struct muon_matrix *G, char *reason, size_t reason_size);

/* See to it that a loaded problem, with W orthonormal, is there in double. */
enum trm_status muon_problem_widen(struct muon_problem *problem, char *reason, size_t reason_size);

/* S = W'G, n x n, in units of ||G||_F: by the float panel where there is no other. */
void muon_problem_normal_part(const struct muon_problem *problem, double *S);

/* The reduction for W'W = I + E, its Omega and N right to 1e-10 of themselves; mostly two products with m. scratch:
   n x n. */
void muon_problem_refine(const struct muon_problem *problem, struct muon_reduction *refined, double *scratch);

/* ||Gamma||_F / ||G||_F by this reduction: what of G is tangent. */
double muon_reduction_tangent(size_t n, const struct muon_reduction *reduction);

/* By what the reduction misses the tangent part of G, relative to it: it takes W'W as I, and so puts about ||E|| ||S||
   into Omega and N, which is much where nearly all of G is normal. 0 where E is in it. */
double muon_reduction_error(const struct muon_problem *problem, const struct muon_reduction *reduction);

/* Is the tangent part of G nothing but rounding, that of G's own type included, so that A = 0 is optimal? */
bool muon_problem_is_zero(const struct muon_problem *problem, const struct muon_reduction *reduction);

#endif
