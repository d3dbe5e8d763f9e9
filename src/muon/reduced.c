#include "muon/reduced.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

static double sum_of_leading(size_t n, size_t k, const double *lambda) {
    double sum = 0.0;
    for (size_t i = n - k; i < n; i++)
        sum += lambda[i] > 0.0 ? sqrt(lambda[i]) : 0.0;
    return sum;
}

static void form(const struct muon_reduced *r, const double *X, double *M, double *H) {
    const struct muon_problem *const p = r->problem;
    for (size_t i = 0; i < r->n * r->n; i++)
        M[i] = p->Omega[i] + X[i];  /* M = Omega + X' */
    lin_gram_add(r->n, M, p->N, H); /* H = M'M + N */
}

double muon_reduced_decompose(struct muon_reduced *r, const double *X) {
    form(r, X, r->M, r->V);
    if (!lin_eig(r->n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
    return sum_of_leading(r->n, r->n, r->lambda);
}

double muon_reduced_dual_value(struct muon_reduced *r, const double *X) {
    form(r, X, r->T, r->H);
    if (!lin_eig_values(r->n, r->H, r->sigma, r->eig_work))
        r->failed = true;
    return sum_of_leading(r->n, r->k, r->sigma);
}

void muon_reduced_offer_dual(struct muon_reduced *r, double dual, const double *X) {
    if (!(dual < r->dual))
        return;
    r->dual = dual;
    if (X != r->X_best)
        memcpy(r->X_best, X, r->n * r->n * sizeof *X);
}

void muon_reduced_step_spectrum(struct muon_reduced *r, const double *B, const double *C) {
    const size_t n = r->n;
    lin_mul(n, r->problem->N, C, r->T);
    lin_mul_tn(n, C, r->T, r->H);   /* C'N C */
    lin_gram_add(n, B, r->H, r->T); /* B'B + C'N C */
    if (!lin_eig_values(n, r->T, r->sigma, r->eig_work))
        r->failed = true;
    for (size_t i = 0; i < n; i++)
        r->sigma[i] = r->sigma[i] > 0.0 ? sqrt(r->sigma[i]) : 0.0;
}

static void offer(struct muon_reduced *r, double *B, const double *C, bool may_grow) {
    const size_t nn = r->n * r->n;
    lin_skew(r->n, B);
    /* p = -<G, A> / b = tr(Omega'B) + tr(N C) */
    const double p = lin_dot(nn, r->problem->Omega, B) + lin_dot(nn, r->problem->N, C);
    muon_reduced_step_spectrum(r, B, C);
    double nuclear = 0.0;
    for (size_t i = 0; i < r->n; i++)
        nuclear += r->sigma[i];
    double s = 1.0 / fmax(r->sigma[r->n - 1], nuclear / (double)r->k);
    if (!may_grow)
        s = fmin(s, 1.0);
    if (!isfinite(s) || !(s * p > r->primal))
        return;
    r->primal = s * p;
    const double kept = may_grow ? s : 1.0;
    for (size_t i = 0; i < nn; i++) {
        r->B_best[i] = kept * B[i];
        r->C_best[i] = kept * C[i];
    }
}

void muon_reduced_offer_primal(struct muon_reduced *r, double *B, const double *C) {
    offer(r, B, C, true);
}

void muon_reduced_offer_primal_as_is(struct muon_reduced *r, double *B, const double *C) {
    offer(r, B, C, false);
}

double muon_reduced_gap(const struct muon_reduced *r) {
    return isfinite(r->dual) && r->dual > 0.0 ? (r->dual - r->primal) / r->dual : 1.0;
}

void muon_reduced_inverse_roots(const struct muon_reduced *r, double eps, double *f) {
    /* Eigenvalues of H carry an error of about n eps lambda_max: below that they are rounding. */
    const double noise = 1e-15 * r->lambda[r->n - 1];
    for (size_t i = 0; i < r->n; i++) {
        const double lambda = fmax(r->lambda[i], 0.0);
        f[i] = eps > 0.0 || lambda > noise ? 1.0 / sqrt(lambda + eps * eps) : 0.0;
    }
}

void muon_reduced_polar_step(struct muon_reduced *r, const double *q, double *B, double *C) {
    lin_eig_function(r->n, r->V, q, C, r->T); /* Q = V diag(q) V' */
    lin_mul(r->n, r->M, C, B);                /* K = M Q */
}
