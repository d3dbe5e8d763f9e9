#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Generous for every path of ?gesdd with m >= n (its documentation asks for at most 5 n^2 + 7 n + m reals),
   with room for blocks of 64 columns. */
static size_t svd_reals(size_t m, size_t n) {
    return 6 * n * n + 64 * (m + 3 * n) + 16 * n + 64;
}

static size_t svd_integers(size_t n) {
    return (8 * n * sizeof(lapack_int) + sizeof(real) - 1) / sizeof(real);
}

static size_t svd_work(size_t m, size_t n) {
    return svd_reals(m, n) + svd_integers(n);
}

size_t lin_right_singular_work(size_t m, size_t n) {
    return svd_work(m, n) + n * n;
}

/* ?gesdd puts V' where V is wanted, and sorts the other way. */
bool lin_right_singular(size_t m, size_t n, real *A, real *lambda, real *V, real *work) {
    real none = 0.0;
    real *const Vt = work + svd_work(m, n);
    if (LAPACKE(gesdd)(LAPACK_COL_MAJOR, 'O', (lapack_int)m, (lapack_int)n, A, (lapack_int)m, lambda, &none,
                       1, Vt, (lapack_int)n, work, (lapack_int)svd_reals(m, n),
                       (lapack_int *)(void *)(work + svd_reals(m, n))) != 0)
        return false;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            V[i + j * n] = Vt[n - 1 - j + i * n];
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        const real large = lambda[i], small = lambda[n - 1 - i];
        lambda[i] = small * small;
        lambda[n - 1 - i] = large * large;
    }
    return true;
}

/* The factors of the reflections, then ?geqrf's own with blocks of 64 columns. */
size_t lin_qr_work(size_t n) {
    return 65 * n;
}

bool lin_qr(size_t m, size_t n, real *A, real *R, real *work) {
    const lapack_int rows = (lapack_int)m, cols = (lapack_int)n;
    if (LAPACKE(geqrf)(LAPACK_COL_MAJOR, rows, cols, A, rows, work, work + n, 64 * cols) != 0)
        return false;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            R[i + j * n] = i <= j ? A[i + j * m] : 0.0;
    return true;
}

/* U: m x n, V': n x n, then ?gesdd's own. */
size_t lin_polar_work(size_t m, size_t n) {
    return m * n + n * n + svd_work(m, n);
}

bool lin_polar(size_t m, size_t n, real *A, real *sigma, real *work) {
    real *const U = work, *const Vt = U + m * n, *const own = Vt + n * n;
    const lapack_int rows = (lapack_int)m, cols = (lapack_int)n;
    if (LAPACKE(gesdd)(LAPACK_COL_MAJOR, 'S', rows, cols, A, rows, sigma, U, rows, Vt, cols, own,
                       (lapack_int)svd_reals(m, n), (lapack_int *)(void *)(own + svd_reals(m, n))) != 0)
        return false;
    CBLAS(gemm)
    (CblasColMajor, CblasNoTrans, CblasNoTrans, rows, cols, cols, 1.0, U, rows, Vt, cols, 0.0, A,
     rows); /* U V' */
    return true;
}

/* Y, T and one more n x n; or eigenvectors, their scratch and eigenvalues. */
size_t lin_inverse_sqrt_work(size_t n) {
    return 3 * n * n + n + lin_eig_work(n);
}

static double distance_to_identity(size_t n, const real *H) {
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            const double e = H[i + j * n] - (i == j ? 1.0 : 0.0);
            sum += e * e;
        }
    return sqrt(sum);
}

static void newton_schulz(size_t n, const real *H, real *P, real *work) {
    real *const Y = work, *const T = Y + n * n, *const Z = T + n * n; /* Y -> H^{1/2}, P -> H^{-1/2} */
    memcpy(Y, H, n * n * sizeof *Y);
    memset(P, 0, n * n * sizeof *P);
    for (size_t i = 0; i < n; i++)
        P[i + i * n] = 1.0;
    double before = INFINITY;
    for (int k = 0; k < 20; k++) {
        lin_mul(n, P, Y, T);
        const double residual = distance_to_identity(n, T);
        if (!(residual < before) || residual == 0.0) /* it has reached rounding */
            return;
        before = residual;
        for (size_t i = 0; i < n * n; i++) /* T = (3 I - P Y) / 2 */
            T[i] *= (real)-0.5;
        for (size_t i = 0; i < n; i++)
            T[i + i * n] += 1.5;
        lin_mul(n, Y, T, Z); /* Y <- Y T */
        memcpy(Y, Z, n * n * sizeof *Y);
        lin_mul(n, T, P, Z); /* P <- T P */
        memcpy(P, Z, n * n * sizeof *P);
        if (residual < 1e-9) /* the next residual, its square, is below rounding */
            return;
    }
}

bool lin_inverse_sqrt(size_t n, const real *H, real *P, real *work) {
    if (distance_to_identity(n, H) < 0.5) {
        newton_schulz(n, H, P, work);
        lin_sym(n, P);
        return true;
    }
    real *const V = work, *const scratch = V + n * n, *const lambda = V + 3 * n * n;
    if (!lin_eig(n, H, lambda, V, lambda + n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!(lambda[i] > 0.0))
            return false;
        lambda[i] = 1.0 / sqrt(lambda[i]);
    }
    lin_eig_function(n, V, lambda, P, scratch);
    return true;
}
