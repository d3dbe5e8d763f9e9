#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { canaries = 64 };
static const double canary = -1.2345e67;

double *support_orthonormal(struct rng *r, size_t m, size_t n) {
    double *const Q = support_normal(r, m * n);
    for (size_t j = 0; j < n; j++) {
        double *const q = Q + j * m;
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < j; k++) {
                double dot = 0;
                for (size_t i = 0; i < m; i++)
                    dot += Q[i + k * m] * q[i];
                for (size_t i = 0; i < m; i++)
                    q[i] -= dot * Q[i + k * m];
            }
        double norm = 0;
        for (size_t i = 0; i < m; i++)
            norm += q[i] * q[i];
        for (size_t i = 0; i < m; i++)
            q[i] /= sqrt(norm);
    }
    return Q;
}

double *support_symmetric(struct rng *r, size_t n) {
    double *const H = support_normal(r, n * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++)
            H[i + j * n] = H[j + i * n];
    return H;
}

double *support_product(size_t rows, size_t cols, size_t inner, const double *A, bool ta, const double *B,
                        bool tb) {
    double *const C = support_zeros(rows * cols);
    for (size_t j = 0; j < cols; j++)
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < inner; k++)
                C[i + j * rows] +=
                    (ta ? A[k + i * inner] : A[i + k * rows]) * (tb ? B[j + k * cols] : B[k + j * inner]);
    return C;
}

double *support_from_svd(size_t m, size_t n, const double *U, const double *s, const double *V) {
    double *const Us = support_copy(U, m * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            Us[i + j * m] *= s[j];
    double *const A = support_product(m, n, n, Us, false, V, true);
    free(Us);
    return A;
}

double support_max_abs(size_t count, const double *a) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(isfinite(a[i]));
        largest = fmax(largest, fabs(a[i]));
    }
    return largest;
}

double support_orthonormality(size_t m, size_t n, const double *A) {
    double *const E = support_product(n, n, m, A, true, A, false);
    for (size_t i = 0; i < n; i++)
        E[i + i * n] -= 1;
    const double largest = support_max_abs(n * n, E);
    free(E);
    return largest;
}

double *support_work(size_t count) {
    double *const work = support_zeros(count + canaries);
    for (size_t i = count; i < count + canaries; i++)
        work[i] = canary;
    return work;
}

void support_work_free(double *work, size_t count) {
    for (size_t i = count; i < count + canaries; i++)
        assert_true(work[i] == canary);
    free(work);
}
