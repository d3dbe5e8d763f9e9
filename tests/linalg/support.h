/* Seeded matrices and plain loops for tests of the dense kernels. */
#ifndef TRM_TESTS_LINALG_SUPPORT_H
#define TRM_TESTS_LINALG_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "linalg/linalg.h"
#include "support/arrays.h"

/* m x n with orthonormal columns, by Gram and Schmidt twice. */
double *support_orthonormal(struct rng *r, size_t m, size_t n);
/* n x n symmetric. */
double *support_symmetric(struct rng *r, size_t n);
/* C (rows x cols) = op(A) op(B) over inner, by loops; ta, tb: transposed as stored. */
double *support_product(size_t rows, size_t cols, size_t inner, const double *A, bool ta, const double *B,
                        bool tb);
/* U diag(s) V', m x n; U: m x n, V: n x n. */
double *support_from_svd(size_t m, size_t n, const double *U, const double *s, const double *V);

double support_max_abs(size_t count, const double *a);
/* max |A'A - I| of m x n. */
double support_orthonormality(size_t m, size_t n, const double *A);

/* A work array of exactly count doubles with canaries behind it. */
double *support_work(size_t count);
/* Asserts that the canaries stand, and frees. */
void support_work_free(double *work, size_t count);

#endif
