/* Weak duality: for symmetric X and tangent A, <W X, A> = tr(X W'A) = tr(X (W'A + A'W)) / 2 = 0, hence
       -<G, A> = -<G + W X, A> <= b ||G + W X||_*          where ||A||_2 <= b            (P)
       -<G, A> <= b (sigma_1 + ... + sigma_k)(G + W X)     where also ||A||_* <= k b     (Ky Fan)
   so p = -<G, A> and d bound the optimum from both sides, whatever made A and X. */
#include "muon/certificate.h"
#include "muon/certificate_parts.h"

#include "base/statistics.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t svd_work(size_t m, size_t n) {
    return 4 * n * n + 64 * (m + n) + 16 * n + 64;
}

/* Of a half: a Gram matrix, singular values, LAPACK's own. */
static size_t half_work(size_t m, size_t n) {
    return n * n + n + svd_work(m, n) + 8 * n;
}

size_t muon_certificate_work(size_t m, size_t n) {
    return 3 * m * n + n * n + 2 * half_work(m, n);
}

void muon_claim_unpack(const struct muon_matrix *a, double *out) {
    const size_t rows = a->rows, step = a->row_stride;
    for (size_t j = 0; j < a->cols; j++, out += rows) {
        const double *const doubles =
            (const double *)a->data + (a->dtype == MUON_F64 ? j * a->col_stride : 0);
        const float *const floats = (const float *)a->data + (a->dtype == MUON_F64 ? 0 : j * a->col_stride);
        if (a->dtype == MUON_F64)
            for (size_t i = 0; i < rows; i++)
                out[i] = doubles[i * step];
        else if (step == 1)
            for (size_t i = 0; i < rows; i++)
                out[i] = (double)floats[i];
        else
            for (size_t i = 0; i < rows; i++)
                out[i] = (double)floats[i * step];
    }
}

double muon_claim_inner(size_t count, const double *a, const double *b) {
    double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0; /* side by side */
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
    }
    for (; i < count; i++)
        s0 += a[i] * b[i];
    return s0 + s1 + (s2 + s3);
}

/* Singular values, descending, from the eigenvalues of M'M (Gram: n x n). An eigenvalue carries an error of some eps
   times the largest, so a singular value sigma one of eps sigma_1^2 / sigma: false where the smallest is below 1e-4
   sigma_1, that is, where this could reach 1e-11 of the sum, or where squares come near the ends of a double's
   range. */
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

double muon_claim_tangency(size_t m, size_t n, const double *W, const double *A, double radius, double *T) {
    const blasint rows = (blasint)m, cols = (blasint)n, half = m * n * n > 4000000 ? cols / 2 : 0;
    /* Inside a parallel region a thread that is idle takes one half; elsewhere both are done here. */
#pragma omp taskgroup /* not taskwait, which would wait for the caller's tasks, too */
    {
#pragma omp task default(none) shared(rows, cols, half, m, W, A, T) if (half > 0)
        if (half > 0)
            cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, cols, half, rows, 1.0, W, rows, A, rows, 0.0,
                        T, cols);
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, cols, cols - half, rows, 1.0, W, rows,
                    A + (size_t)half * m, rows, 0.0, T + (size_t)half * (size_t)cols, cols);
    }
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            const double t = (T[i + j * n] + T[j + i * n]) / radius;
            sum += t * t;
        }
    return sqrt(sum);
}

int muon_claim_exponent(size_t count, const double *M) {
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fabs(M[i]) > largest ? fabs(M[i]) : largest;
    int exponent = 0;
    if (largest > 0.0 && isfinite(largest))
        frexp(largest, &exponent);
    return exponent;
}

/* That exponent where products with others could leave the range of a double, else 0; dividing by the power of two is
   exact. */
static int far_exponent(size_t count, const double *M) {
    const int exponent = muon_claim_exponent(count, M);
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

/* One certificate at work: doubles in memory, and what they are. */
struct claim {
    size_t m, n;
    double *w, *g, *a, *x; /* W, G, A: m x n; X: n x n */
    double radius;
    double *of_step, *of_dual; /* workspace of the halves */
};

/* What is said of A alone; destroys a. *earned: <X, W'A>, what p owes to A not being quite tangent. */
static bool examine_step(const struct claim *c, struct muon_info *info, double *earned) {
    const size_t m = c->m, n = c->n;
    double *const T = c->of_step, *const sigma = T + n * n;
    info->tangency = muon_claim_tangency(m, n, c->w, c->a, c->radius, T);
    *earned = muon_claim_inner(n * n, c->x, T);
    if (!isfinite(*earned) || !spectrum(m, n, c->a, T, sigma, sigma + n))
        return false;
    muon_describe_step(n, sigma, c->radius, info);
    return true;
}

/* b times all and the k leading singular values of G + W X; destroys g. */
static bool examine_dual(const struct claim *c, size_t k, double *full, double *leading) {
    const size_t m = c->m, n = c->n;
    const blasint rows = (blasint)m, cols = (blasint)n;
    double *const T = c->of_dual, *const sigma = T + n * n;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, cols, cols, 1.0, c->w, rows, c->x, cols, 1.0,
                c->g, rows);
    if (!statistics_finite(m * n, c->g) || !spectrum(m, n, c->g, T, sigma, sigma + n))
        return false;
    *full = *leading = 0.0;
    for (size_t i = 0; i < n; i++) {
        *full += c->radius * sigma[i];
        *leading += i < k ? c->radius * sigma[i] : 0.0;
    }
    return true;
}

bool muon_certify(const struct muon_matrix *W, const struct muon_matrix *G, const struct muon_matrix *A,
                  const double *X, double radius, size_t k, double *work, struct muon_info *info) {
    const size_t m = W->rows, n = W->cols;
    struct claim c = {.m = m, .n = n, .w = work, .g = work + m * n, .a = work + 2 * m * n};
    c.x = work + 3 * m * n, c.of_step = c.x + n * n, c.of_dual = c.of_step + half_work(m, n);
    muon_claim_unpack(W, c.w);
    muon_claim_unpack(G, c.g);
    muon_claim_unpack(A, c.a);
    memcpy(c.x, X, n * n * sizeof *c.x);
    const int gradient = far_exponent(m * n, c.g), step = far_exponent(1, &radius);
    scale_down(m * n, gradient, c.g);
    scale_down(n * n, gradient, c.x);
    scale_down(m * n, step, c.a);
    scale_down(1, step, &radius);
    c.radius = radius;
    info->primal = 0.0 - muon_claim_inner(m * n, c.g, c.a); /* p = -<G, A>, and 0 where A is 0, not -0 */
    double earned, full, leading;
    bool step_known, dual_known;
    /* Inside a parallel region a thread that is idle takes one half; elsewhere both are done here. */
#pragma omp task default(none) shared(c, k, full, leading, dual_known)
    dual_known = examine_dual(&c, k, &full, &leading);
    step_known = isfinite(info->primal) && examine_step(&c, info, &earned);
#pragma omp taskwait
    if (!step_known || !dual_known)
        return false;
    info->dual = leading;
    info->gap = leading > 0.0 ? (leading - info->primal) / leading : 0.0;
    info->gap_tangent = leading > 0.0 ? (leading - info->primal + earned) / leading : 0.0;
    info->gap_full = full > 0.0 ? (full - info->primal) / full : 0.0;
    return isfinite(ldexp(full, step + gradient)) && scale_up(step, gradient, info);
}
