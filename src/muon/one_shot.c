/* Methods without a loop, from the Riemannian gradient Gamma = W Omega + Gp of G (X' = 0):

     spectral_clip   A = -clip(lr Gamma, b): singular values of lr Gamma above b are set to b (Cesista 2025)
     msign_tangent   A = -b msign(Gamma), a control

   both repaired. With Gamma'Gamma = V diag(lambda) V', a function f of the singular values acts as
   Gamma V diag(f(s) / s) V'. Here Gamma'Gamma = Omega'W'W Omega + (Omega'W'Gp) + (Omega'W'Gp)' + N, with W'W and
   W'Gp as they are: a float W is orthonormal to 1e-6 only, and clipping a small singular value shows that. Lengths
   are in units of b, and G was divided by its norm. */
#include "muon/reduced.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static size_t doubles(size_t n) {
    return n + n * n;
}

static void start(struct muon_reduced *r) {
    (void)r;
}

/* X' = 0, whose dual value is known, M = Omega, and Gamma'Gamma = V diag(lambda) V' */
static void begin_at_gamma(struct muon_reduced *r) {
    const struct muon_problem *const p = r->problem;
    const size_t n = r->n, nn = n * n;
    double *const cross = r->state + n;
    memset(r->X, 0, nn * sizeof *r->X);
    memcpy(r->M, p->Omega, nn * sizeof *r->M);
    lin_mul(n, p->E, p->Omega, r->H);
    cblas_daxpy((blasint)nn, 1.0, p->Omega, 1, r->H, 1); /* W'W Omega */
    lin_tall_inner(p->m, n, p->W, p->Gp, cross);
    for (size_t i = 0; i < nn; i++) /* + 2 W'Gp, whose symmetric part is that of both summands */
        r->H[i] += 2.0 * cross[i];
    lin_mul_tn(n, p->Omega, r->H, r->V);
    lin_sym(n, r->V);
    cblas_daxpy((blasint)nn, 1.0, p->N, 1, r->V, 1);
    if (!lin_eig(n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
}

static void clip(struct muon_reduced *r) {
    double *const f = r->state;
    /* lr ||G|| / b, so that sigma is a singular value of lr Gamma in units of b */
    const double gain = r->options->lr * r->problem->scale / r->problem->radius;
    begin_at_gamma(r);
    for (size_t i = 0; i < r->n; i++) {
        const double sigma = gain * sqrt(fmax(r->lambda[i], 0.0));
        f[i] = sigma > 1.0 ? gain / sigma : gain; /* min(sigma, 1) / s with s = sigma / gain */
    }
    muon_reduced_polar_step(r, f, r->B, r->C);
    muon_reduced_update_primal_unscaled(r, r->B, r->C);
    r->stalled = true;
}

static void sign(struct muon_reduced *r) {
    begin_at_gamma(r);
    muon_reduced_inverse_roots(r, 0.0, r->state);
    muon_reduced_polar_step(r, r->state, r->B, r->C);
    muon_reduced_update_primal_unscaled(r, r->B, r->C);
    r->stalled = true;
}

const struct muon_method muon_method_spectral_clip = {doubles, start, clip};
const struct muon_method muon_method_msign_tangent = {doubles, start, sign};
