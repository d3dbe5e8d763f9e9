/* Dense kernels over CBLAS and LAPACKE. Matrices are column-major reals (double, or float: real.h), square ones with
   leading dimension n. Workspace is the caller's: lin_<routine>_work says how many reals. Nothing allocates. Outputs
   must not alias inputs unless said. A routine that can fail returns false where LAPACK did not converge. */
#ifndef TRM_LINALG_LINALG_H
#define TRM_LINALG_LINALG_H

#include "linalg/real.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- Products and elementwise, n x n ---- */

void lin_mul(size_t n, const real *A, const real *B, real *C);    /* C = A B */
void lin_mul_tn(size_t n, const real *A, const real *B, real *C); /* C = A' B */
void lin_mul_nt(size_t n, const real *A, const real *B, real *C); /* C = A B' */
void lin_gram_add(size_t n, const real *A, const real *N,
                  real *H); /* H = A'A + N, N symmetric or NULL (= 0); N = H is fine */
void lin_scale_columns(size_t n, const real *A, const real *d, real *C); /* C = A diag(d); C = A is fine */
void lin_sym(size_t n, real *A);                                         /* A = (A + A') / 2 */
void lin_skew(size_t n, real *A);                                        /* A = (A - A') / 2 */
/* Tall matrices, m x n with leading dimension m; C and B n x n unless said. */
void lin_tall_inner(size_t m, size_t n, const real *A, const real *B, real *C); /* C = A'B, A and B: m x n */
void lin_tall_gram(size_t m, size_t n, const real *A, real *C);                 /* C = A'A, A: m x n */
void lin_tall_gram_lower(size_t m, size_t n, const real *A, real *C);           /* its lower triangle alone */
/* C = alpha A B + beta C with A and C: m x n */
void lin_tall_product(size_t m, size_t n, double alpha, const real *A, const real *B, double beta, real *C);
/* The same with A: m x inner, B: inner x n */
void lin_tall_product_of(size_t m, size_t inner, size_t n, double alpha, const real *A, const real *B,
                         double beta, real *C);
double lin_dot(size_t count, const real *a, const real *b); /* sum a_i b_i */
double lin_norm(size_t count, const real *a); /* 2-norm, safe against over- and underflow; NaN of NaN */

/* ---- Symmetric eigen-decomposition ---- */

size_t lin_eig_work(size_t n);
/* H = V diag(lambda) V', ascending. V may be H; only H's lower triangle is read. */
bool lin_eig(size_t n, const real *H, real *lambda, real *V, real *work);
/* The eigenvalues alone, ascending; destroys H. */
bool lin_eig_values(size_t n, real *H, real *lambda, real *work);
/* Of a symmetric A, from below but for a margin of its own error: some ten products with a vector (Lanczos 1950). work:
   3 n reals. */
double lin_largest_eigenvalue(size_t n, const real *A, real *work);
/* F = V diag(f) V'. scratch: n x n. */
void lin_eig_function(size_t n, const real *V, const real *f, real *F, real *scratch);

/* ---- Singular values and polar factors, m x n with m >= n ---- */

size_t lin_right_singular_work(size_t m, size_t n);
/* sigma_i^2, ascending, and right singular vectors V (n x n) of A, in the form of lin_eig of A'A but with all the
   digits of A; destroys A. */
bool lin_right_singular(size_t m, size_t n, real *A, real *lambda, real *V, real *work);

size_t lin_qr_work(size_t n);
/* R (n x n, upper triangle, zeros below) with R'R = A'A, by Householder reflections; destroys A. */
bool lin_qr(size_t m, size_t n, real *A, real *R, real *work);

size_t lin_polar_work(size_t m, size_t n);
/* A <- its polar factor U V' (= msign A for full rank), by the singular value decomposition: accurate to
   about eps * sigma_1 / sigma_n, where forming the Gram matrix would square that ratio. sigma: the n singular values,
   descending. */
bool lin_polar(size_t m, size_t n, real *A, real *sigma, real *work);

size_t lin_inverse_sqrt_work(size_t n);
/* P = H^{-1/2} for symmetric positive definite H: coupled Newton-Schulz where ||H - I||_F < 1/2 (Higham 2008,
   section 6.7), else by eigenvalues. Made for the Gram matrix of a nearly orthonormal A: A P is then its
   polar factor. */
bool lin_inverse_sqrt(size_t n, const real *H, real *P, real *work);

#endif
