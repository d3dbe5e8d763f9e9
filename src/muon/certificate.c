/* Weak duality: for symmetric X and tangent A, <W X, A> = tr(X W'A) = tr(X (W'A + A'W)) / 2 = 0, hence
       -<G, A> = -<G + W X, A> <= b ||G + W X||_*          where ||A||_2 <= b            (P)
       -<G, A> <= b (sigma_1 + ... + sigma_k)(G + W X)     where also ||A||_* <= k b     (Ky Fan)
   so p = -<G, A> and d bound the optimum from both sides, whatever made A and X. */
#include "muon/certificate.h"

#include "base/statistics.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t svd_work(size_t m, size_t n) {
    return 4 * n * n + 64 * (m + n) + 16 * n + 64;
}

size_t muon_certificate_work(size_t m, size_t n) {
    return 3 * m * n + 2 * n * n + n + svd_work(m, n) + 8 * n;
}

static double element(const struct muon_matrix *a, size_t i, size_t j) {
    const size_t at = i * a->row_stride + j * a->col_stride;
    return a->dtype == MUON_F64 ? ((const double *)a->data)[at] : (double)((const float *)a->data)[at];
}

static void unpack(const struct muon_matrix *a, double *out) {
    for (size_t j = 0; j < a->cols; j++)
        for (size_t i = 0; i < a->rows; i++)
            *out++ = element(a, i, j);
}

/* Singular values, descending, from the eigenvalues of M'M (Gram: n x n). An eigenvalue carries an error of some eps
   times the largest, so a singular value sigma one of eps sigma_1^2 / sigma: false where the smallest is below 1e-4
   sigma_1, that is, where this could reach 1e-11 of the sum, or where squares come near the ends of a double's range. */
static bool spectrum_by_gram(size_t m, size_t n, const double *M, double *Gram, double *sigma, double *work) {
    const blasint rows = (blasint)m, cols = (blasint)n;
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, cols, rows, 1.0, M, rows, 0.0, Gram, cols);
    if (LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'N', 'L', (lapack_int)n, Gram, (lapack_int)n, sigma, work,
                           (lapack_int)svd_work(m, n)) != 0 ||
        !(sigma[0] > 1e-8 * sigma[n - 1] && sigma[0] > 1e-280 && sigma[n - 1] < 1e280))
        return false;
    for (size_t i = 0; i < (n + 1) / 2; i++) {
        const double small = sqrt(sigma[i]);
        sigma[i] = sqrt(sigma[n - 1 - i]);
        sigma[n - 1 - i] = small;
    }
    return true;
}

/* Singular values, descending; destroys M and Gram. */
static bool spectrum(size_t m, size_t n, double *M, double *Gram, double *sigma, double *work) {
    double unused = 0.0;
    if (spectrum_by_gram(m, n, M, Gram, sigma, work))
        return true;
    lapack_int *const integers = (lapack_int *)(void *)(work + svd_work(m, n));
    return LAPACKE_dgesdd_work(LAPACK_COL_MAJOR, 'N', (lapack_int)m, (lapack_int)n, M, (lapack_int)m, sigma,
                               &unused, 1, &unused, 1, work, (lapack_int)svd_work(m, n), integers) == 0;
}

void muon_describe_step(size_t n, const double *sigma, double radius, struct muon_info *info) {
    double nuclear = 0.0, squares = 0.0, entropy = 0.0;
    info->rank = 0;
    for (size_t i = 0; i < n; i++) {
        nuclear += sigma[i];
        squares += sigma[0] > 0.0 ? sigma[i] / sigma[0] * (sigma[i] / sigma[0]) : 0.0;
        info->rank += sigma[i] > 1e-3 * radius;
    }
    for (size_t i = 0; i < n; i++)
        if (sigma[i] > 0.0)
            entropy -= sigma[i] / nuclear * log(sigma[i] / nuclear);
    info->norm = sigma[0];
    info->nuclear = nuclear;
    info->frobenius = sigma[0] * sqrt(squares);
    info->eff_rank = nuclear > 0.0 ? exp(entropy) : 0.0;
}

/* ||W'A + A'W||_F / b; T: n x n. */
static double tangency(size_t m, size_t n, const double *W, const double *A, double radius, double *T) {
    const blasint rows = (blasint)m, cols = (blasint)n;
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, cols, cols, rows, 1.0, W, rows, A, rows, 0.0, T,
                cols);
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            const double t = (T[i + j * n] + T[j + i * n]) / radius;
            sum += t * t;
        }
    return sqrt(sum);
}

/* The exponent of the largest entry where products with others could leave the range of a double, else 0; dividing by
   that power of two is exact. */
static int far_exponent(size_t count, const double *M) {
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(M[i]));
    int exponent = 0;
    if (largest > 0.0 && isfinite(largest))
        frexp(largest, &exponent);
    return abs(exponent) > 100 ? exponent : 0;
}

static void scale_down(size_t count, int exponent, double *M) {
    for (size_t i = 0; exponent != 0 && i < count; i++)
        M[i] = ldexp(M[i], -exponent);
}

/* Lengths and values of A / 2^step and G / 2^gradient, as those of A and G. */
static bool scale_up(int step, int gradient, struct muon_info *info) {
    double *const lengths[] = {&info->norm, &info->frobenius, &info->nuclear};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        *lengths[i] = ldexp(*lengths[i], step);
    info->primal = ldexp(info->primal, step + gradient);
    info->dual = ldexp(info->dual, step + gradient);
    return isfinite(info->primal) && isfinite(info->dual);
}

bool muon_certify(const struct muon_matrix *W, const struct muon_matrix *G, const struct muon_matrix *A,
                  const double *X, double radius, size_t k, double *work, struct muon_info *info) {
    const size_t m = W->rows, n = W->cols;
    const blasint rows = (blasint)m, cols = (blasint)n;
    double *const w = work, *const g = w + m * n, *const a = g + m * n, *const x = a + m * n,
                  *const T = x + n * n;
    double *const sigma = T + n * n, *const own = sigma + n;
    unpack(W, w);
    unpack(G, g);
    unpack(A, a);
    memcpy(x, X, n * n * sizeof *x);
    const int gradient = far_exponent(m * n, g), step = far_exponent(1, &radius);
    scale_down(m * n, gradient, g);
    scale_down(n * n, gradient, x);
    scale_down(m * n, step, a);
    scale_down(1, step, &radius);
    info->primal = 0.0;
    for (size_t i = 0; i < m * n; i++)
        info->primal -= g[i] * a[i]; /* p = -<G, A> */
    info->tangency = tangency(m, n, w, a, radius, T);
    double earned = 0.0; /* <X, W'A>, what p owes to A not being quite tangent */
    for (size_t i = 0; i < n * n; i++)
        earned += x[i] * T[i];
    if (!isfinite(info->primal) || !isfinite(earned) || !spectrum(m, n, a, T, sigma, own))
        return false;
    muon_describe_step(n, sigma, radius, info);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, cols, cols, 1.0, w, rows, x, cols, 1.0, g,
                rows);
    if (!statistics_finite(m * n, g) || !spectrum(m, n, g, T, sigma, own)) /* of G + W X */
        return false;
    double full = 0.0, leading = 0.0;
    for (size_t i = 0; i < n; i++) {
        full += radius * sigma[i];
        leading += i < k ? radius * sigma[i] : 0.0;
    }
    info->dual = leading;
    info->gap = leading > 0.0 ? (leading - info->primal) / leading : 0.0;
    info->gap_tangent = leading > 0.0 ? (leading - info->primal + earned) / leading : 0.0;
    info->gap_full = full > 0.0 ? (full - info->primal) / full : 0.0;
    return isfinite(ldexp(full, step + gradient)) && scale_up(step, gradient, info);
}
