/* What the solvers share: the current point of the reduced problem, the best bounds found so far, and the
   interface through which solver.c drives a method.

   Candidates are kept as A = -b s (W B + Gp C) with B skew: tangent by construction, s making it feasible. Where
   W'W = I + E is told from I (E not NULL), B stands for W'A / -b: see problem.h. */
#ifndef TRM_MUON_REDUCED_H
#define TRM_MUON_REDUCED_H

#include "muon/inner/reduction.h"
#include "muon/muon.h"

struct muon_reduced {
    struct muon_problem *problem;           /* of the solve; NULL in float. For one_shot.c alone */
    const struct muon_reduction *reduction; /* the problem's, or the solver's refined one */
    const struct muon_options *options;
    double radius; /* b; bounds and candidates here are in units of it */
    size_t m, n;
    size_t k;          /* rank bound of frank_wolfe's set; n for all others */
    double target_gap; /* the reduced gap at which solver.c would stop */
    double mean_sigma; /* mean singular value of Gamma: the scale of X' and of step sizes */

    const real *R; /* n x n with R'R = N, or NULL: see muon_reduced_stack */

    real *X;          /* n x n, X', the current point */
    real *M;          /* n x n, (I + E)(Omega + X') */
    real *V, *lambda; /* H = V diag(lambda) V' at X', ascending */

    double dual, primal;   /* smallest d / b and largest p / b seen */
    real *X_best;          /* X' of that d */
    real *B_best, *C_best; /* of that p, with s */
    bool unscaled;         /* that candidate is meant to be as long as it is, not to reach the boundary */

    double gap_per_square; /* the last gap after repair over the tangency squared (repair.h) */

    double rough; /* a tangency below which quasi_newton stalls, for double to go on; 0: none */

    bool decomposed; /* M, V and lambda belong to X: the next muon_reduced_decompose has nothing to do */
    bool stalled;    /* set by a method that cannot improve any more */
    bool failed;     /* LAPACK did not converge */

    real *B, *C;            /* n x n, where a method puts a candidate */
    real *H, *T;            /* n x n, scratch of the functions below */
    real *repair;           /* scratch of repair.c */
    real *scratch_mn;       /* m x n scratch */
    real *stack;            /* in use with R only: 2n x n, and work of its decomposition */
    real *eig_work, *sigma; /* for lin_eig; n */
};

/* A method keeps a struct of its own, of which solver_create.c makes one, zeroed. */
struct muon_method {
    size_t size;                                                  /* bytes of that struct */
    void (*place)(void *state, size_t n, struct muon_pool *pool); /* where its arrays lie */
    void (*start)(void *state, struct muon_reduced *r);           /* r->X holds the first point */
    void (*iterate)(void *state, struct muon_reduced *r);         /* once; updates the bounds */
};

extern const struct muon_method muon_method_dual_ascent, muon_method_quasi_newton, muon_method_frank_wolfe,
    muon_method_admm;

/* M = (I + E)(Omega + X'), H = (Omega + X')'M + N, its eigen-decomposition; returns tr H^{1/2}. */
double muon_reduced_decompose(struct muon_reduced *r, const real *X);
/* tr H^{1/2} at X by eigenvalues alone (only k largest of them); leaves M, V and lambda as they are. */
double muon_reduced_dual_value(struct muon_reduced *r, const real *X);

/* Forming H squares the singular values of G + W X, so that those below 1e-8 of the largest are lost, and N loses
   as much of Gp: too much for a gap of 1e-6 where many are small (m < 2n, G of low rank). From here on the
   decomposition is that of the stacked matrix [Omega + X'; R] with R from a QR of Gp, at some five times the cost.
   memory: muon_reduced_stack_doubles(n) doubles that stay with r. */
size_t muon_reduced_stack_doubles(size_t n); /* reals */
void muon_reduced_stack(struct muon_reduced *r, real *memory);

/* Keep X' where its dual value is the smallest so far. */
void muon_reduced_update_dual(struct muon_reduced *r, double dual, const real *X);
/* B <- skew(B); keep -(W B + Gp C), scaled onto the boundary of the set (by an estimate of its length while the target
   gap is coarse), where it is the best so far. */
void muon_reduced_update_primal(struct muon_reduced *r, real *B, const real *C);
/* The same, kept as it is: where it is too long, muon_primal_step scales it down, by its norm in full. */
void muon_reduced_update_primal_unscaled(struct muon_reduced *r, real *B, const real *C);

/* The same for a skew B with a known bound on ||W B + Gp C||_2 (k = n only). */
void muon_reduced_update_primal_bounded(struct muon_reduced *r, double bound, const real *B, const real *C);

/* (dual - primal) / dual by the formulas of the reduction; 1 while nothing is known. */
double muon_reduced_gap(const struct muon_reduced *r);

/* f_i = (lambda_i + eps^2)^{-1/2}, 0 where lambda_i is rounding and eps = 0. */
void muon_reduced_inverse_roots(const struct muon_reduced *r, double eps, real *f);
/* The polar step: C = Q = V diag(q) V', B = M Q; not yet tangent. */
void muon_reduced_polar_step(struct muon_reduced *r, const real *q, real *B, real *C);
/* F = A'A / b^2 = B'(I + E)^{-1} B + C'N C for A = -b (W (I + E)^{-1} B + Gp C), B skew. F: n x n; r->T is
   scratch. */
void muon_reduced_step_gram(struct muon_reduced *r, const real *B, const real *C, real *F);
/* The largest eigenvalue of a symmetric F (n x n): of many columns an estimate, which may be some per cent below it
   where the next ones are near (lin_largest_eigenvalue); of few, where that saves nothing, exactly. r->H and r->sigma
   are scratch. */
double muon_reduced_largest(struct muon_reduced *r, const real *F);
/* Singular values of that A / b, ascending, into r->sigma. */
void muon_reduced_step_spectrum(struct muon_reduced *r, const real *B, const real *C);

#endif
