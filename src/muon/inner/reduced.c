#include "muon/inner/reduced.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double coarse = 5e-3; /* a target gap: the estimate of a length may be 2 % short */

static double sum_of_leading(size_t n, size_t k, const real *lambda) {
    double sum = 0.0;
    for (size_t i = n - k; i < n; i++)
        sum += lambda[i] > 0.0 ? sqrt(lambda[i]) : 0.0;
    return sum;
}

/* M = (I + E)(Omega + X'), H = (Omega + X')'M + N; where E is not NULL r->T is scratch, and may not be M. */
static void form(const struct muon_reduced *r, const real *X, real *M, real *H) {
    const struct muon_reduction *const p = r->reduction;
    const size_t n = r->n, nn = n * n;
    if (p->E == NULL) {
        for (size_t i = 0; i < nn; i++)
            M[i] = p->Omega[i] + X[i];
        lin_gram_add(n, M, p->N, H);
        return;
    }
    for (size_t i = 0; i < nn; i++)
        r->T[i] = p->Omega[i] + X[i];
    lin_mul(n, p->E, r->T, M);
    CBLAS(axpy)((blasint)nn, 1.0, r->T, 1, M, 1);
    lin_mul_tn(n, r->T, M, H);
    CBLAS(axpy)((blasint)nn, 1.0, p->N, 1, H, 1);
    lin_sym(n, H);
}

size_t muon_reduced_stack_doubles(size_t n) {
    const size_t qr = lin_qr_work(n), svd = lin_right_singular_work(2 * n, n);
    return 3 * n * n + (qr > svd ? qr : svd);
}

void muon_reduced_stack(struct muon_reduced *r, real *memory) {
    const size_t m = r->m, n = r->n;
    r->stack = memory + n * n;
    memcpy(r->scratch_mn, r->reduction->Gp, m * n * sizeof *r->scratch_mn);
    if (!lin_qr(m, n, r->scratch_mn, memory, r->stack + 2 * n * n))
        r->failed = true;
    r->R = memory;
}

/* The same from [(I + E / 2)(Omega + X'); R]: (I + E / 2)^2 = I + E to ||E||^2. */
static void decompose_stacked(struct muon_reduced *r, const real *X) {
    const size_t n = r->n;
    for (size_t i = 0; i < n * n; i++)
        r->M[i] = r->T[i] = r->reduction->Omega[i] + X[i];
    if (r->reduction->E != NULL) {
        lin_mul(n, r->reduction->E, r->T, r->V);
        CBLAS(axpy)((blasint)(n * n), 1.0, r->V, 1, r->M, 1);
        CBLAS(axpy)((blasint)(n * n), 0.5, r->V, 1, r->T, 1);
    }
    for (size_t j = 0; j < n; j++) {
        memcpy(r->stack + 2 * n * j, r->T + n * j, n * sizeof *r->stack);
        memcpy(r->stack + 2 * n * j + n, r->R + n * j, n * sizeof *r->stack);
    }
    if (!lin_right_singular(2 * n, n, r->stack, r->lambda, r->V, r->stack + 2 * n * n))
        r->failed = true;
}

double muon_reduced_decompose(struct muon_reduced *r, const real *X) {
    if (r->decomposed && X == r->X) {
        r->decomposed = false;
        return sum_of_leading(r->n, r->n, r->lambda);
    }
    if (r->R != NULL) {
        decompose_stacked(r, X);
        return sum_of_leading(r->n, r->n, r->lambda);
    }
    form(r, X, r->M, r->V);
    if (!lin_eig(r->n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
    return sum_of_leading(r->n, r->n, r->lambda);
}

double muon_reduced_dual_value(struct muon_reduced *r, const real *X) {
    form(r, X, r->B, r->H);
    if (!lin_eig_values(r->n, r->H, r->sigma, r->eig_work))
        r->failed = true;
    return sum_of_leading(r->n, r->k, r->sigma);
}

void muon_reduced_update_dual(struct muon_reduced *r, double dual, const real *X) {
    if (!(dual < r->dual))
        return;
    r->dual = dual;
    if (X != r->X_best)
        memcpy(r->X_best, X, r->n * r->n * sizeof *X);
}

void muon_reduced_step_gram(struct muon_reduced *r, const real *B, const real *C, real *F) {
    const size_t n = r->n;
    if (r->R != NULL) {
        lin_mul(n, r->R, C, r->T);
        lin_gram_add(n, r->T, NULL, F);
    } else {
        lin_mul(n, r->reduction->N, C, r->T);
        lin_mul_tn(n, C, r->T, F); /* C'N C */
    }
    lin_gram_add(n, B, F, F); /* B'B + C'N C */
    if (r->reduction->E == NULL)
        return;
    lin_mul(n, r->reduction->E, B, r->T); /* (I + E)^{-1} = I - E to ||E||^2, and B' = -B */
    const blasint k = (blasint)n;
    CBLAS(gemm)(CblasColMajor, CblasTrans, CblasNoTrans, k, k, k, -1.0, B, k, r->T, k, 1.0, F, k);
    lin_sym(n, F);
}

void muon_reduced_step_spectrum(struct muon_reduced *r, const real *B, const real *C) {
    muon_reduced_step_gram(r, B, C, r->H);
    if (!lin_eig_values(r->n, r->H, r->sigma, r->eig_work))
        r->failed = true;
    for (size_t i = 0; i < r->n; i++)
        r->sigma[i] = r->sigma[i] > 0.0 ? sqrt(r->sigma[i]) : 0.0;
}

/* p = -<G, A> / b = tr(Omega'B) + tr(N C) */
static double primal_value(const struct muon_reduced *r, const real *B, const real *C) {
    const size_t nn = r->n * r->n;
    return lin_dot(nn, r->reduction->Omega, B) + lin_dot(nn, r->reduction->N, C);
}

static void replace_candidate(struct muon_reduced *r, double primal, double s, const real *B, const real *C) {
    if (!isfinite(s) || !(primal > r->primal))
        return;
    r->primal = primal;
    for (size_t i = 0; i < r->n * r->n; i++) {
        r->B_best[i] = (real)s * B[i];
        r->C_best[i] = (real)s * C[i];
    }
}

double muon_reduced_largest(struct muon_reduced *r, const real *F) {
    enum { few = 24 };
    if (r->n > few) {
        const double estimate = lin_largest_eigenvalue(r->n, F, r->eig_work);
        r->failed = isnan(estimate) || r->failed;
        return estimate;
    }
    if (F != r->H)
        memcpy(r->H, F, r->n * r->n * sizeof *F);
    r->failed = !lin_eig_values(r->n, r->H, r->sigma, r->eig_work) || r->failed;
    return r->sigma[r->n - 1];
}

/* 1 / the length of W B + Gp C as r's set measures it: max(||.||_2, ||.||_* / k). For a coarse gap ||.||_2 is estimated
   and may be too short: the step is measured in full before it is given out. */
static double inverse_length(struct muon_reduced *r, const real *B, const real *C) {
    if (r->k == r->n && r->target_gap >= coarse) {
        muon_reduced_step_gram(r, B, C, r->H);
        return 1.0 / sqrt(muon_reduced_largest(r, r->H));
    }
    muon_reduced_step_spectrum(r, B, C);
    double nuclear = 0.0;
    for (size_t i = 0; i < r->n; i++)
        nuclear += r->sigma[i];
    return 1.0 / fmax(r->sigma[r->n - 1], nuclear / (double)r->k);
}

void muon_reduced_update_primal(struct muon_reduced *r, real *B, const real *C) {
    lin_skew(r->n, B);
    const double s = inverse_length(r, B, C);
    replace_candidate(r, s * primal_value(r, B, C), s, B, C);
}

void muon_reduced_update_primal_unscaled(struct muon_reduced *r, real *B, const real *C) {
    lin_skew(r->n, B);
    replace_candidate(r, fmin(inverse_length(r, B, C), 1.0) * primal_value(r, B, C), 1.0, B, C);
    r->unscaled = true;
}

void muon_reduced_update_primal_bounded(struct muon_reduced *r, double bound, const real *B, const real *C) {
    replace_candidate(r, primal_value(r, B, C) / bound, 1.0 / bound, B, C);
}

double muon_reduced_gap(const struct muon_reduced *r) {
    return isfinite(r->dual) && r->dual > 0.0 ? (r->dual - r->primal) / r->dual : 1.0;
}

void muon_reduced_inverse_roots(const struct muon_reduced *r, double eps, real *f) {
    /* Eigenvalues of H carry an error of about n eps lambda_max: below that they are rounding. */
    const double noise = 4.5 * REAL_EPSILON * r->lambda[r->n - 1];
    for (size_t i = 0; i < r->n; i++) {
        const double lambda = fmax(r->lambda[i], 0.0);
        f[i] = eps > 0.0 || lambda > noise ? 1.0 / sqrt(lambda + eps * eps) : 0.0;
    }
}

void muon_reduced_polar_step(struct muon_reduced *r, const real *q, real *B, real *C) {
    lin_eig_function(r->n, r->V, q, C, r->T); /* Q = V diag(q) V' */
    lin_mul(r->n, r->M, C, B);                /* K = M Q */
}
