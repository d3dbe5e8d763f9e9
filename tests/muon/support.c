#include "support.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void remove_components(size_t m, size_t count, const double *Q, double *q) {
    for (size_t k = 0; k < count; k++)
        support_add(m, q, -support_dot(m, Q + k * m, q), Q + k * m);
}

double *support_orthonormal(struct rng *r, size_t m, size_t n, const double *against, size_t n0) {
    double *const Q = support_normal(r, m * n);
    for (size_t j = 0; j < n; j++) {
        double *const q = Q + j * m;
        for (int pass = 0; pass < 2; pass++) {
            remove_components(m, n0, against, q);
            remove_components(m, j, Q, q);
        }
        const double norm = sqrt(support_dot(m, q, q));
        for (size_t i = 0; i < m; i++)
            q[i] /= norm;
    }
    return Q;
}

static double *mirrored(struct rng *r, size_t n, double sign) {
    double *const H = support_normal(r, n * n);
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < j; i++)
            H[i + j * n] = sign * H[j + i * n];
        if (sign < 0)
            H[j + j * n] = 0;
    }
    return H;
}

double *support_symmetric(struct rng *r, size_t n) {
    return mirrored(r, n, 1);
}

double *support_skew(struct rng *r, size_t n) {
    return mirrored(r, n, -1);
}

double *support_mul(size_t rows, size_t inner, size_t cols, const double *A, const double *B) {
    double *const C = support_zeros(rows * cols);
    for (size_t j = 0; j < cols; j++)
        for (size_t k = 0; k < inner; k++)
            support_add(rows, C + j * rows, B[k + j * inner], A + k * rows);
    return C;
}

double *support_mul_tn(size_t rows, size_t inner, size_t cols, const double *A, const double *B) {
    double *const C = support_zeros(rows * cols);
    for (size_t j = 0; j < cols; j++)
        for (size_t i = 0; i < rows; i++)
            C[i + j * rows] = support_dot(inner, A + i * inner, B + j * inner);
    return C;
}

void support_add(size_t count, double *A, double c, const double *B) {
    for (size_t i = 0; i < count; i++)
        A[i] += c * B[i];
}

void support_make_tangent(size_t m, size_t n, const double *W, double *A) {
    double *const T = support_mul_tn(n, m, n, W, A);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i <= j; i++)
            T[i + j * n] = T[j + i * n] = 0.5 * (T[i + j * n] + T[j + i * n]);
    double *const WT = support_mul(m, n, n, W, T);
    support_add(m * n, A, -1, WT);
    free(T), free(WT);
}

double support_dot(size_t count, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void rotate(size_t count, double *x, double *y, double c, double s) {
    for (size_t i = 0; i < count; i++) {
        const double xi = x[i], yi = y[i];
        x[i] = c * xi - s * yi;
        y[i] = s * xi + c * yi;
    }
}

/* Hestenes 1958: rotate pairs of columns until all are orthogonal. Returns whether any was not. */
static bool jacobi_sweep(size_t m, size_t n, double *A, double *V) {
    bool moved = false;
    for (size_t p = 0; p + 1 < n; p++)
        for (size_t q = p + 1; q < n; q++) {
            double *const x = A + p * m, *const y = A + q * m;
            const double xx = support_dot(m, x, x), yy = support_dot(m, y, y), xy = support_dot(m, x, y);
            if (fabs(xy) <= 4e-15 * sqrt(xx) * sqrt(yy))
                continue;
            moved = true;
            const double zeta = (yy - xx) / (2 * xy);
            const double t = copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta));
            const double c = 1 / sqrt(1 + t * t);
            rotate(m, x, y, c, c * t);
            rotate(n, V + p * n, V + q * n, c, c * t);
        }
    return moved;
}

static void swap_columns(size_t rows, double *A, size_t p, size_t q) {
    for (size_t i = 0; i < rows; i++) {
        const double held = A[i + p * rows];
        A[i + p * rows] = A[i + q * rows], A[i + q * rows] = held;
    }
}

static void jacobi(size_t m, size_t n, double *A, double *sigma, double *V) {
    for (size_t i = 0; i < n; i++)
        V[i + i * n] = 1;
    for (int sweep = 0; sweep < 60 && jacobi_sweep(m, n, A, V); sweep++)
        ;
    for (size_t j = 0; j < n; j++)
        sigma[j] = sqrt(support_dot(m, A + j * m, A + j * m));
    for (size_t j = 0; j < n; j++) {
        size_t largest = j;
        for (size_t k = j + 1; k < n; k++)
            largest = sigma[k] > sigma[largest] ? k : largest;
        swap_columns(m, A, j, largest), swap_columns(n, V, j, largest), swap_columns(1, sigma, j, largest);
        for (size_t i = 0; i < m && sigma[j] > 0; i++)
            A[i + j * m] /= sigma[j];
    }
}

static void lapack_svd(size_t m, size_t n, double *A, double *sigma, double *V) {
    double *const Vt = support_zeros(n * n), *const superb = support_zeros(n);
    assert_int_equal(LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'O', 'S', (lapack_int)m, (lapack_int)n, A,
                                    (lapack_int)m, sigma, NULL, 1, Vt, (lapack_int)n, superb),
                     0);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            V[i + j * n] = Vt[j + i * n];
    free(Vt), free(superb);
}

void support_svd(size_t m, size_t n, double *A, double *sigma, double *V) {
    double *const own = V == NULL ? support_zeros(n * n) : V;
    memset(own, 0, n * n * sizeof *own);
    double largest = 0;
    for (size_t i = 0; i < m * n; i++)
        largest = fmax(largest, fabs(A[i]));
    for (size_t i = 0; i < m * n && largest > 0; i++)
        A[i] /= largest; /* squares must not over- or underflow */
    if (n > 40)
        lapack_svd(m, n, A, sigma, own);
    else
        jacobi(m, n, A, sigma, own);
    for (size_t i = 0; i < n; i++)
        sigma[i] *= largest;
    if (V == NULL)
        free(own);
}

double *support_svd_function(size_t m, size_t n, const double *A, double (*f)(double sigma, double c),
                             double c) {
    double *const U = support_copy(A, m * n), *const sigma = support_zeros(n),
                  *const V = support_zeros(n * n);
    support_svd(m, n, U, sigma, V);
    double *const F = support_zeros(m * n);
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++)
            support_add(m, F + j * m, f(sigma[k], c) * V[j + k * n], U + k * m);
    free(U), free(sigma), free(V);
    return F;
}

double support_one(double sigma, double c) {
    return sigma > c ? 1 : 0;
}

double support_clip(double sigma, double c) {
    return fmin(sigma, c);
}
