/* Newton on the smoothed dual (for m < 2n, rank-deficient G, and the last digits).

     minimise  phi(X') = tr(H + eps^2 I)^{1/2},   H = M'M + N,  M = Omega + X'.

   In the eigenbasis of H, with r = (lambda + eps^2)^{1/2} and q = 1 / r, hats dropped:
       gradient   g = sym(M Q),     Q = diag(q)
       Hessian    D -> sym(D Q + M dQ),   dQ_ij = -dH_ij / (r_i r_j (r_i + r_j)),   dH = D M + M'D.
   (With E, M = (I + E)(Omega + X'), and the Hessian is that to 1e-6.) Conjugate gradients to a tenth of the residual,
   preconditioned by the fixed point's metric D_ij 2 / (q_i + q_j); Armijo backtracking, and where phi has no digits
   left by the gradient. Where ||g||_F / sqrt(n) is below ten times the smoothing error, eps falls tenfold; minimisers
   are smooth in eps, so X' moves along the secant through the last two.

   A step costs an eigen-decomposition for each trial of the line search and two products for each inner
   iteration; where the gap is to be below 1e-5 the decompositions are those of a stacked matrix (reduced.h).

     text   g   D          residual   preconditioned   direction   Hessian times direction
     here   g   D          R          Z                P           HP */
#include "muon/inner/newton.h"
#include "muon/inner/repair.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double shrink = 0.1, armijo = 1e-4, residual_wanted = 0.1, still_rough = 10.0;
static const double smallest_eps =
    1e-9;                             /* of the mean singular value: 1 / eps times rounding must not show */
static const double rounding = 1e-12; /* of the dual value, from which on a trial is judged by its gradient */
static const double plain_enough = 1e-5; /* a reduced gap for which H need not be taken apart (reduced.h) */
enum { inner_limit = 300, trial_limit = 20 };

void muon_newton_place(struct muon_newton *w, size_t n, struct muon_pool *pool) {
    real **const squares[] = {&w->Mh, &w->g,  &w->D,  &w->R,     &w->Z,
                              &w->P,  &w->HP, &w->dH, &w->X_old, &w->X_then};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        *squares[i] = muon_pool_take(pool, n * n);
    w->root = muon_pool_take(pool, n);
    w->q = muon_pool_take(pool, n);
    w->stack = muon_pool_take(pool, muon_reduced_stack_doubles(n));
}

void muon_newton_start(struct muon_newton *w, double eps) {
    w->eps = eps;
    w->eps_then = 0.0;
    w->decomposed = w->calibrated = false;
}

/* tr(H + eps^2)^{1/2} for the spectrum at hand */
static double phi_with(const struct muon_reduced *r, double eps) {
    double value = 0.0;
    for (size_t i = 0; i < r->n; i++)
        value += sqrt(fmax(r->lambda[i], 0.0) + eps * eps);
    return value;
}

/* root, q and the smoothed value tr(H + eps^2)^{1/2} */
static double smooth(const struct muon_reduced *r, const struct muon_newton *w) {
    for (size_t i = 0; i < r->n; i++) {
        w->root[i] = sqrt(fmax(r->lambda[i], 0.0) + w->eps * w->eps);
        w->q[i] = 1.0 / w->root[i];
    }
    return phi_with(r, w->eps);
}

/* g = sym(M Q) in the eigenbasis; returns ||g||_F */
static double gradient(const struct muon_reduced *r, const struct muon_newton *w) {
    lin_scale_columns(r->n, w->Mh, w->q, w->g);
    lin_sym(r->n, w->g);
    return lin_norm(r->n * r->n, w->g);
}

/* HP = sym(P Q + M dQ) */
static void hessian(const struct muon_reduced *r, const struct muon_newton *w) {
    const size_t n = r->n;
    const real *const root = w->root;
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

static void precondition(size_t n, const struct muon_newton *w) {
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            w->Z[i + j * n] = w->R[i + j * n] * 2.0 / (w->q[i] + w->q[j]);
}

/* D ~ -Hessian^{-1} g */
static void conjugate_gradients(const struct muon_reduced *r, const struct muon_newton *w) {
    const size_t n = r->n, nn = n * n;
    for (size_t i = 0; i < nn; i++)
        w->R[i] = -w->g[i];
    memset(w->D, 0, nn * sizeof *w->D);
    precondition(n, w);
    memcpy(w->P, w->Z, nn * sizeof *w->P);
    double rz = lin_dot(nn, w->R, w->Z);
    const double small_enough = residual_wanted * lin_norm(nn, w->R);
    for (int k = 0; k < inner_limit; k++) {
        hessian(r, w);
        const double curvature = lin_dot(nn, w->P, w->HP);
        if (!(curvature > 0.0)) {
            if (k == 0)
                memcpy(w->D, w->P, nn * sizeof *w->D);
            return;
        }
        CBLAS(axpy)((blasint)nn, rz / curvature, w->P, 1, w->D, 1);
        CBLAS(axpy)((blasint)nn, -rz / curvature, w->HP, 1, w->R, 1);
        if (lin_norm(nn, w->R) < small_enough)
            return;
        precondition(n, w);
        const double rz_next = lin_dot(nn, w->R, w->Z);
        CBLAS(scal)((blasint)nn, rz_next / rz, w->P, 1); /* P <- Z + beta P */
        CBLAS(axpy)((blasint)nn, 1.0, w->Z, 1, w->P, 1);
        rz = rz_next;
    }
}

/* M in the eigenbasis, and the gradient there; returns ||g||_F / sqrt(n) */
static double gradient_here(struct muon_reduced *r, const struct muon_newton *w) {
    lin_mul(r->n, r->M, r->V, r->T);
    lin_mul_tn(r->n, r->V, r->T, w->Mh);
    return gradient(r, w) / sqrt((double)r->n);
}

/* X' <- X' + t V D V' with the first t = 1, 1/2, ... that decreases phi enough, or, where phi
   has no digits left, the gradient; false where none does */
static bool line_search(struct muon_reduced *r, const struct muon_newton *w, double phi) {
    const size_t n = r->n, nn = n * n;
    const double slope = lin_dot(nn, w->g, w->D), tangency = lin_norm(nn, w->g) / sqrt((double)n);
    lin_mul(n, r->V, w->D, r->T);
    lin_mul_nt(n, r->T, r->V, w->Z); /* V D V' */
    lin_sym(n, w->Z);
    memcpy(w->X_old, r->X, nn * sizeof *w->X_old);
    double t = 1.0;
    for (int trial = 0; trial < trial_limit; trial++, t *= 0.5) {
        memcpy(r->X, w->X_old, nn * sizeof *r->X);
        CBLAS(axpy)((blasint)nn, t, w->Z, 1, r->X, 1);
        const double dual = muon_reduced_decompose(r, r->X);
        muon_reduced_update_dual(r, dual, r->X);
        const double there = smooth(r, w);
        if (there <= phi + armijo * t * slope ||
            (fabs(there - phi) <= rounding * phi && gradient_here(r, w) < 0.9 * tangency))
            return true;
    }
    memcpy(r->X, w->X_old, nn * sizeof *r->X);
    return false;
}

/* Newton begins where the fixed point got stuck, often with an eps too small for its tangency: raise eps until the
   smoothing error is a tenth of it. */
static void calibrate(struct muon_reduced *r, struct muon_newton *w, double dual) {
    const double largest = 0.1 * r->mean_sigma;
    double phi = smooth(r, w);
    while (w->eps < largest && gradient(r, w) / sqrt((double)r->n) > still_rough * (phi - dual) / dual) {
        w->eps = fmin(2.0 * w->eps, largest);
        phi = smooth(r, w);
    }
}

/* Minimisers are smooth in eps: from the last two the next is about X' + (eps_next - eps) dX'/deps. */
static void predict(struct muon_reduced *r, struct muon_newton *w, double next) {
    const size_t nn = r->n * r->n;
    if (w->eps_then > 0.0) {
        const double reach = (next - w->eps) / (w->eps - w->eps_then);
        memcpy(w->X_old, r->X, nn * sizeof *w->X_old);
        for (size_t i = 0; i < nn; i++)
            r->X[i] += reach * (r->X[i] - w->X_then[i]);
        memcpy(w->X_then, w->X_old, nn * sizeof *w->X_then);
        const double here = phi_with(r, next);
        muon_reduced_update_dual(r, muon_reduced_decompose(r, r->X), r->X);
        if (phi_with(r, next) > here) { /* it is not: stay */
            memcpy(r->X, w->X_old, nn * sizeof *r->X);
            muon_reduced_decompose(r, r->X);
        }
    } else {
        memcpy(w->X_then, r->X, nn * sizeof *w->X_then);
    }
    w->eps_then = w->eps;
    w->eps = next;
}

/* The smoothed polar step as it is, with its singular values cut, and, where all of them may be 1, repaired. */
static void try_primal(struct muon_reduced *r, const struct muon_newton *w) {
    const size_t nn = r->n * r->n;
    muon_reduced_polar_step(r, w->q, r->B, r->C);
    if (r->m >= 2 * r->n) {
        memcpy(w->D, r->B, nn * sizeof *w->D);
        memcpy(w->P, r->C, nn * sizeof *w->P);
        muon_repair_try(r, w->D, w->P);
    }
    muon_reduced_update_primal(r, r->B, r->C);
    if (muon_reduced_gap(r) > r->target_gap)
        muon_repair_try_clipped(r, r->B, r->C);
}

void muon_newton_step(struct muon_newton *w, struct muon_reduced *r) {
    if (r->target_gap < plain_enough && r->R == NULL) { /* it falls where a certificate disagrees */
        muon_reduced_stack(r, w->stack);
        w->decomposed = false;
    }
    if (!w->decomposed)
        muon_reduced_update_dual(r, muon_reduced_decompose(r, r->X), r->X);
    smooth(r, w);
    gradient_here(r, w);
    if (!w->calibrated) {
        calibrate(r, w, phi_with(r, 0.0));
        w->calibrated = true;
    }
    try_primal(r, w);
    if (muon_reduced_gap(r) <= r->target_gap)
        return;
    const double dual = phi_with(r, 0.0), tangency = gradient(r, w) / sqrt((double)r->n);
    double phi = smooth(r, w);
    const bool solved_enough = tangency < still_rough * (phi - dual) / dual;
    if (solved_enough && w->eps > smallest_eps * r->mean_sigma) {
        predict(r, w, shrink * w->eps);
        phi = smooth(r, w);
        gradient_here(r, w);
    }
    conjugate_gradients(r, w);
    w->decomposed = true;
    if (line_search(r, w, phi))
        return;
    w->decomposed = false;
    if (w->eps > smallest_eps * r->mean_sigma)
        w->eps *= shrink; /* as far as this eps goes */
    else
        r->stalled = true;
}
