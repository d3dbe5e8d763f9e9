#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static void multiply(size_t n, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, const real *A, const real *B,
                     real *C) {
    const blasint k = (blasint)n;
    CBLAS(gemm)(CblasColMajor, ta, tb, k, k, k, 1.0, A, k, B, k, 0.0, C, k);
}

void lin_mul(size_t n, const real *A, const real *B, real *C) {
    multiply(n, CblasNoTrans, CblasNoTrans, A, B, C);
}

void lin_mul_tn(size_t n, const real *A, const real *B, real *C) {
    multiply(n, CblasTrans, CblasNoTrans, A, B, C);
}

void lin_mul_nt(size_t n, const real *A, const real *B, real *C) {
    multiply(n, CblasNoTrans, CblasTrans, A, B, C);
}

/* For every pair of entries across the diagonal, by tiles that fit the nearest cache: columns of a transpose would
   touch a line an entry. */
#define FOR_PAIRS(n, i, j)                                                                                   \
    for (size_t tile_j = 0; tile_j < n; tile_j += TILE)                                                      \
        for (size_t tile_i = tile_j; tile_i < n; tile_i += TILE)                                             \
            for (size_t j = tile_j; j < tile_j + TILE && j < n; j++)                                         \
                for (size_t i = tile_i > j ? tile_i : j + 1; i < tile_i + TILE && i < n; i++)

enum { TILE = 16 };

static void copy_lower_to_upper(size_t n, real *C) {
    FOR_PAIRS(n, i, j)
    C[j + i * n] = C[i + j * n];
}

void lin_gram_add(size_t n, const real *A, const real *N, real *H) {
    const blasint k = (blasint)n;
    if (N != NULL && N != H)
        memcpy(H, N, n * n * sizeof *H);
    CBLAS(syrk)(CblasColMajor, CblasLower, CblasTrans, k, k, 1.0, A, k, N != NULL ? 1.0 : 0.0, H, k);
    copy_lower_to_upper(n, H);
}

/* Large products are made in two halves, one of them a task: inside a parallel region a thread that is idle takes it,
   elsewhere it is done at once. What is computed is the same either way. Each waits for its own half
   alone (taskgroup), not for what its caller has going on. The first half of `count`; 0: do not halve. */
static size_t half(size_t m, size_t n, size_t count) {
    enum { worth = 4000000, multiple = 16 };
    return m * n * n >= worth && count >= 4 * multiple ? count / 2 / multiple * multiple : 0;
}

/* C = A'B, A: m x rows, B: m x cols, C with leading dimension n */
static void inner_block(size_t m, size_t n, size_t rows, size_t cols, const real *A, const real *B, real *C) {
    const blasint k = (blasint)m;
    CBLAS(gemm)
    (CblasColMajor, CblasTrans, CblasNoTrans, (blasint)rows, (blasint)cols, k, 1.0, A, k, B, k, 0.0, C,
     (blasint)n);
}

void lin_tall_inner(size_t m, size_t n, const real *A, const real *B, real *C) {
    const size_t h = half(m, n, n);
#pragma omp taskgroup
    {
#pragma omp task if (h > 0)
        inner_block(m, n, n, n - h, A, B + h * m, C + h * n);
        if (h > 0)
            inner_block(m, n, n, h, A, B, C);
    }
}

void lin_tall_gram_lower(size_t m, size_t n, const real *A, real *C) {
    const size_t h = half(m, n, n);
    const blasint rows = (blasint)m, cols = (blasint)n, first = (blasint)h;
#pragma omp taskgroup
    {
#pragma omp task if (h > 0)
        if (h > 0)
            inner_block(m, n, n - h, h, A + h * m, A, C + h);
        if (h > 0)
            CBLAS(syrk)(CblasColMajor, CblasLower, CblasTrans, first, rows, 1.0, A, rows, 0.0, C, cols);
        CBLAS(syrk)
        (CblasColMajor, CblasLower, CblasTrans, cols - first, rows, 1.0, A + h * m, rows, 0.0, C + h + h * n,
         cols);
    }
}

void lin_tall_gram(size_t m, size_t n, const real *A, real *C) {
    lin_tall_gram_lower(m, n, A, C);
    copy_lower_to_upper(n, C);
}

static void product_rows(size_t m, size_t inner, size_t n, size_t count, double alpha, const real *A,
                         const real *B, double beta, real *C) {
    const blasint rows = (blasint)m, k = (blasint)inner;
    CBLAS(gemm)
    (CblasColMajor, CblasNoTrans, CblasNoTrans, (blasint)count, (blasint)n, k, alpha, A, rows, B, k, beta, C,
     rows);
}

void lin_tall_product_of(size_t m, size_t inner, size_t n, double alpha, const real *A, const real *B,
                         double beta, real *C) {
    const size_t h = half(m, n, m);
#pragma omp taskgroup
    {
#pragma omp task if (h > 0)
        product_rows(m, inner, n, m - h, alpha, A + h, B, beta, C + h);
        if (h > 0)
            product_rows(m, inner, n, h, alpha, A, B, beta, C);
    }
}

void lin_tall_product(size_t m, size_t n, double alpha, const real *A, const real *B, double beta, real *C) {
    lin_tall_product_of(m, n, n, alpha, A, B, beta, C);
}

void lin_scale_columns(size_t n, const real *A, const real *d, real *C) {
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            C[i + j * n] = A[i + j * n] * d[j];
}

void lin_sym(size_t n, real *A) {
    FOR_PAIRS(n, i, j)
    A[i + j * n] = A[j + i * n] = (real)0.5 * (A[i + j * n] + A[j + i * n]);
}

void lin_skew(size_t n, real *A) {
    for (size_t j = 0; j < n; j++)
        A[j + j * n] = 0.0;
    FOR_PAIRS(n, i, j) {
        A[i + j * n] = (real)0.5 * (A[i + j * n] - A[j + i * n]);
        A[j + i * n] = -A[i + j * n];
    }
}

double lin_dot(size_t count, const real *a, const real *b) {
    return CBLAS(dot)((blasint)count, a, 1, b, 1);
}

double lin_norm(size_t count, const real *a) {
    const double plain = lin_dot(count, a, a);
    if (plain > 1.0 / REAL_MAX_SQUARE &&
        plain < REAL_MAX_SQUARE) /* nothing overflowed, and what underflowed does not count */
        return sqrt(plain);
    if (isnan(plain)) /* which the search for the largest would not see */
        return plain;
    double largest = 0.0, sum = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(a[i]));
    if (largest == 0.0 || !isfinite(largest))
        return largest;
    /* A power of two, so that scaling is exact; two factors, since 1 / largest may overflow. */
    int exponent;
    frexp(largest, &exponent);
    const double half = ldexp(1.0, -(exponent / 2)), rest = ldexp(1.0, -(exponent - exponent / 2));
    for (size_t i = 0; i < count; i++) {
        const double x = a[i] * half * rest;
        sum += x * x;
    }
    return ldexp(sqrt(sum), exponent);
}
