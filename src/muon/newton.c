/* Newton on the smoothed dual (for m < 2n, rank-deficient G, and the last digits).

     minimise  phi(X') = tr(H + eps^2 I)^{1/2},   H = M'M + N,  M = Omega + X'.

   In the eigenbasis of H, with r = (lambda + eps^2)^{1/2} and q = 1 / r, hats dropped:
       gradient   g = sym(M Q),     Q = diag(q)
       Hessian    D -> sym(D Q + M dQ),   dQ_ij = -dH_ij / (r_i r_j (r_i + r_j)),   dH = D M + M'D.
   Conjugate gradients to a tenth of the residual, preconditioned by the fixed point's metric D_ij 2 / (q_i +
   q_j); Armijo backtracking; eps <- 0.2 eps while ||g||_F / sqrt(n) is below three times the smoothing error.

   A step costs an eigen-decomposition for each trial of the line search and two products for each inner
   iteration.

     text   g   D          residual   preconditioned   direction   Hessian times direction
     here   g   D          R          Z                P           HP */
#include "muon/newton.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double shrink = 0.2, armijo = 1e-4, residual_wanted = 0.1;
enum { inner_limit = 200, trial_limit = 20 };

struct newton {
    double *Mh, *g, *D, *R, *Z, *P, *HP, *dH, *X_old; /* n x n */
    double *root, *q;                                 /* n */
    double *eps;
    double *fresh; /* r->V, r->lambda, r->M belong to r->X */
};

static struct newton view(size_t n, double *s) {
    const size_t nn = n * n;
    return (struct newton){s,
                           s + nn,
                           s + 2 * nn,
                           s + 3 * nn,
                           s + 4 * nn,
                           s + 5 * nn,
                           s + 6 * nn,
                           s + 7 * nn,
                           s + 8 * nn,
                           s + 9 * nn,
                           s + 9 * nn + n,
                           s + 9 * nn + 2 * n,
                           s + 9 * nn + 2 * n + 1};
}

size_t muon_newton_doubles(size_t n) {
    return 9 * n * n + 2 * n + 2;
}

void muon_newton_start(struct muon_reduced *r, double *state, double eps) {
    const struct newton w = view(r->n, state);
    *w.eps = eps;
    *w.fresh = 0.0;
}

/* root, q and the smoothed value tr(H + eps^2)^{1/2} */
static double smooth(const struct muon_reduced *r, const struct newton *w) {
    double value = 0.0;
    for (size_t i = 0; i < r->n; i++) {
        w->root[i] = sqrt(fmax(r->lambda[i], 0.0) + *w->eps * *w->eps);
        w->q[i] = 1.0 / w->root[i];
        value += w->root[i];
    }
    return value;
}

/* g = sym(M Q) in the eigenbasis; returns ||g||_F */
static double gradient(const struct muon_reduced *r, const struct newton *w) {
    lin_scale_columns(r->n, w->Mh, w->q, w->g);
    lin_sym(r->n, w->g);
    return lin_norm(r->n * r->n, w->g);
}

/* HP = sym(P Q + M dQ) */
static void hessian(const struct muon_reduced *r, const struct newton *w) {
    const size_t n = r->n;
    const double *const root = w->root;
    lin_mul(n, w->P, w->Mh, r->T); /* dH = D M + (D M)' */
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            w->dH[i + j * n] =
                -(r->T[i + j * n] + r->T[j + i * n]) / (root[i] * root[j] * (root[i] + root[j]));
    lin_mul(n, w->Mh, w->dH, w->HP);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            w->HP[i + j * n] += w->P[i + j * n] * w->q[j];
    lin_sym(n, w->HP);
}

static void precondition(size_t n, const struct newton *w) {
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            w->Z[i + j * n] = w->R[i + j * n] * 2.0 / (w->q[i] + w->q[j]);
}

/* D ~ -Hessian^{-1} g */
static void conjugate_gradients(const struct muon_reduced *r, const struct newton *w) {
    const size_t n = r->n, nn = n * n;
    for (size_t i = 0; i < nn; i++)
        w->R[i] = -w->g[i];
    memset(w->D, 0, nn * sizeof *w->D);
    precondition(n, w);
    memcpy(w->P, w->Z, nn * sizeof *w->P);
    double rz = lin_dot(nn, w->R, w->Z);
    const double goal = residual_wanted * lin_norm(nn, w->R);
    for (int k = 0; k < inner_limit; k++) {
        hessian(r, w);
        const double curvature = lin_dot(nn, w->P, w->HP);
        if (!(curvature > 0.0)) {
            if (k == 0)
                memcpy(w->D, w->P, nn * sizeof *w->D);
            return;
        }
        cblas_daxpy((blasint)nn, rz / curvature, w->P, 1, w->D, 1);
        cblas_daxpy((blasint)nn, -rz / curvature, w->HP, 1, w->R, 1);
        if (lin_norm(nn, w->R) < goal)
            return;
        precondition(n, w);
        const double rz_next = lin_dot(nn, w->R, w->Z);
        cblas_dscal((blasint)nn, rz_next / rz, w->P, 1); /* P <- Z + beta P */
        cblas_daxpy((blasint)nn, 1.0, w->Z, 1, w->P, 1);
        rz = rz_next;
    }
}

/* X' <- X' + t V D V' with the first t = 1, 1/2, ... that decreases phi enough; false where none does */
static bool line_search(struct muon_reduced *r, const struct newton *w, double phi) {
    const size_t n = r->n, nn = n * n;
    const double slope = lin_dot(nn, w->g, w->D);
    lin_mul(n, r->V, w->D, r->T);
    lin_mul_nt(n, r->T, r->V, w->Z); /* V D V' */
    lin_sym(n, w->Z);
    memcpy(w->X_old, r->X, nn * sizeof *w->X_old);
    double t = 1.0;
    for (int trial = 0; trial < trial_limit; trial++, t *= 0.5) {
        memcpy(r->X, w->X_old, nn * sizeof *r->X);
        cblas_daxpy((blasint)nn, t, w->Z, 1, r->X, 1);
        const double dual = muon_reduced_decompose(r, r->X);
        muon_reduced_offer_dual(r, dual, r->X);
        if (smooth(r, w) <= phi + armijo * t * slope)
            return true;
    }
    memcpy(r->X, w->X_old, nn * sizeof *r->X);
    return false;
}

static double dual_at_point(struct muon_reduced *r, const struct newton *w) {
    if (*w->fresh == 0.0)
        return muon_reduced_decompose(r, r->X);
    double dual = 0.0;
    for (size_t i = 0; i < r->n; i++)
        dual += sqrt(fmax(r->lambda[i], 0.0));
    return dual;
}

void muon_newton_step(struct muon_reduced *r, double *state) {
    const struct newton w = view(r->n, state);
    const size_t n = r->n;
    const double dual = dual_at_point(r, &w);
    muon_reduced_offer_dual(r, dual, r->X);
    double phi = smooth(r, &w);
    muon_reduced_polar_step(r, w.q, r->B, r->C);
    muon_reduced_offer_primal(r, r->B, r->C);

    lin_mul(n, r->M, r->V, r->T);
    lin_mul_tn(n, r->V, r->T, w.Mh); /* M in the eigenbasis */
    double g = gradient(r, &w);
    while (g / sqrt((double)n) < 3.0 * (phi - dual) / dual && *w.eps > 1e-14) {
        *w.eps *= shrink;
        phi = smooth(r, &w);
        g = gradient(r, &w);
    }
    conjugate_gradients(r, &w);
    const bool moved = line_search(r, &w, phi);
    *w.fresh = moved ? 1.0 : 0.0;
    r->stalled = !moved;
}
