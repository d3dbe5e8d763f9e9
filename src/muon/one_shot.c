/* Methods without a loop, from the Riemannian gradient Gamma = W Omega + Gp of G (X' = 0):

     spectral_clip   A = -clip(lr Gamma, b): singular values of lr Gamma above b are set to b (Cesista 2025)
     msign_tangent   A = -b msign(Gamma), a control

   both repaired. With Gamma'Gamma = V diag(lambda) V', a function f of the singular values acts as
   Gamma V diag(f(s) / s) V'. Here Gamma'Gamma = Omega'W'W Omega + (Omega'W'Gp) + (Omega'W'Gp)' + N, with W'W and
   W'Gp as they are: a float W is orthonormal to 1e-6 only, and clipping a small singular value shows that. Lengths
   are in units of b, and G was divided by its norm. */
#include "muon/one_shot.h"

#include "linalg/linalg.h"
#include "muon/problem.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

struct one_shot {
    double *f;     /* n */
    double *cross; /* n x n, W'Gp */
};

static void place(void *state, size_t n, struct muon_pool *pool) {
    struct one_shot *const s = state;
    s->f = muon_pool_take(pool, n);
    s->cross = muon_pool_take(pool, n * n);
}

static void start(void *state, struct muon_reduced *r) {
    (void)state, (void)r;
}

/* X' = 0, whose dual value is known, M = Omega, and Gamma'Gamma = V diag(lambda) V' */
static void begin_at_gamma(struct muon_reduced *r, double *cross) {
    const struct muon_problem *const p = r->problem;
    const struct muon_reduction *const d = r->reduction;
    const size_t n = r->n, nn = n * n;
    memset(r->X, 0, nn * sizeof *r->X);
    memcpy(r->M, d->Omega, nn * sizeof *r->M);
    lin_mul(n, p->E, d->Omega, r->H);
    cblas_daxpy((blasint)nn, 1.0, d->Omega, 1, r->H, 1); /* W'W Omega */
    lin_tall_inner(p->m, n, p->W, d->Gp, cross);
    for (size_t i = 0; i < nn; i++) /* + 2 W'Gp, whose symmetric part is that of both summands */
        r->H[i] += 2.0 * cross[i];
    lin_mul_tn(n, d->Omega, r->H, r->V);
    lin_sym(n, r->V);
    cblas_daxpy((blasint)nn, 1.0, d->N, 1, r->V, 1);
    if (!lin_eig(n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
}

static void clip(void *state, struct muon_reduced *r) {
    const struct one_shot *const s = state;
    double *const f = s->f;
    /* lr ||G|| / b, so that sigma is a singular value of lr Gamma in units of b */
    const double gain = r->options->lr * r->problem->scale / r->radius;
    begin_at_gamma(r, s->cross);
    for (size_t i = 0; i < r->n; i++) {
        const double sigma = gain * sqrt(fmax(r->lambda[i], 0.0));
        f[i] = sigma > 1.0 ? gain / sigma : gain; /* min(sigma, 1) / s with s = sigma / gain */
    }
    muon_reduced_polar_step(r, f, r->B, r->C);
    muon_reduced_update_primal_unscaled(r, r->B, r->C);
    r->stalled = true;
}

static void sign(void *state, struct muon_reduced *r) {
    const struct one_shot *const s = state;
    begin_at_gamma(r, s->cross);
    muon_reduced_inverse_roots(r, 0.0, s->f);
    muon_reduced_polar_step(r, s->f, r->B, r->C);
    muon_reduced_update_primal_unscaled(r, r->B, r->C);
    r->stalled = true;
}

const struct muon_method muon_method_spectral_clip = {sizeof(struct one_shot), place, start, clip};
const struct muon_method muon_method_msign_tangent = {sizeof(struct one_shot), place, start, sign};
