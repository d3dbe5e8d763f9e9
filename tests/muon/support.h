/* Inner problems for tests, and every number of a certificate computed again by plain loops. */
#ifndef TRM_TESTS_MUON_SUPPORT_H
#define TRM_TESTS_MUON_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "muon/muon.h"
#include "support/arrays.h"

/* ---- Dense matrices, column-major doubles, freshly allocated */

/* m x n with orthonormal columns, orthogonal also to the n0 columns of against (m x n0; NULL with 0). */
double *support_orthonormal(struct rng *r, size_t m, size_t n, const double *against, size_t n0);
double *support_symmetric(struct rng *r, size_t n);
double *support_skew(struct rng *r, size_t n);
/* A B and A'B by loops; A: rows x inner (inner x rows), B: inner x cols. */
double *support_mul(size_t rows, size_t inner, size_t cols, const double *A, const double *B);
double *support_mul_tn(size_t rows, size_t inner, size_t cols, const double *A, const double *B);
/* A += c B */
void support_add(size_t count, double *A, double c, const double *B);
/* A <- A - W sym(W'A). */
void support_make_tangent(size_t m, size_t n, const double *W, double *A);
double support_dot(size_t count, const double *a, const double *b);

/* A = U diag(sigma) V', sigma descending: A becomes U (columns of zeros where sigma is 0), V is n x n or
   NULL. One-sided Jacobi rotations; LAPACK's dgesvd for large matrices, where they are slow. */
void support_svd(size_t m, size_t n, double *A, double *sigma, double *V);
/* U diag(f(sigma)) V' of A, freshly allocated. */
double *support_svd_function(size_t m, size_t n, const double *A, double (*f)(double sigma, double c),
                             double c);
double support_one(double sigma, double c);  /* 1 above c, else 0: the polar factor */
double support_clip(double sigma, double c); /* min(sigma, c) */

/* ---- Problems */

enum support_layout {
    SUPPORT_F64_COLUMNS, /* doubles, column-major */
    SUPPORT_F64_ROWS,    /* doubles, row-major */
    SUPPORT_F32_WIDE,    /* floats, the view of a wide row-major weight: rows lie next to one another */
    SUPPORT_F32_ROWS,    /* floats, row-major */
    SUPPORT_LAYOUTS
};

struct support_problem {
    size_t m, n;
    struct muon_matrix W, G, A; /* own their memory, with canaries behind A */
    double *X;                  /* n x n, canaries behind */
};

/* W and G as given (m x n, column-major), rounded to the layout's type. */
struct support_problem support_problem_from(size_t m, size_t n, const double *W, const double *G,
                                            enum support_layout layout);
/* W uniform on the manifold, G Gaussian. */
struct support_problem support_problem_random(uint64_t seed, size_t m, size_t n, enum support_layout layout);
/* A problem made from its optimum, doubles in columns: A and X hold a solution for this radius, *optimum its
   value. With M = W K + Q C orthonormal, K skew and C'C = I - K'K, and P symmetric positive semidefinite of
   the given rank, G = M P - W X gives G + W X = M P and A = -b M, so that both bounds are b tr P. m > n where
   n is odd. */
struct support_problem support_problem_known(uint64_t seed, size_t m, size_t n, size_t rank, double radius,
                                             double *optimum);
/* Checks the canaries, frees. */
void support_problem_free(struct support_problem *p);

double support_at(const struct muon_matrix *a, size_t i, size_t j);
void support_set(struct muon_matrix *a, size_t i, size_t j, double value);
/* Column-major copy. */
double *support_read(const struct muon_matrix *a);

/* The defaults but for these two. */
struct muon_options support_options(double tol, size_t max_iter);
/* Create, solve, destroy; fails the test where any of it does. options NULL: the defaults. */
struct muon_info support_solve(struct support_problem *p, const char *name,
                               const struct muon_options *options, double radius, const double *warm);

/* What muon_info says, again, from the matrices alone. */
struct support_numbers {
    double primal, dual, dual_full, tangency, norm, frobenius, nuclear;
    size_t rank;
};
struct support_numbers support_recompute(const struct support_problem *p, double radius, size_t k);
/* Asserts that info agrees with the recomputation: bounds to 1e-9 of the dual value, or, where float may certify, a dual value
   above it by at most 5e-3 (rounding, and a witness that is not quite right). */
void support_check_info(const struct support_problem *p, double radius, size_t k,
                        const struct muon_info *info);

#endif
