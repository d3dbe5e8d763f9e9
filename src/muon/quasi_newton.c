/* The accelerated fixed point, with Newton steps where it is slow.

   Fixed point (Su 2025, kexue.fm 11221). With H + eps^2 I = V diag(lambda + eps^2) V' and
   q = (lambda + eps^2)^{-1/2}, stationarity of tr(H + eps^2 I)^{1/2} is, for given Q = V diag(q) V', the Lyapunov
   equation Q X' + X'Q = Q Omega - Omega Q, solved in the eigenbasis:
       F(X')^_ij = Omega^_ij (q_i - q_j) / (q_i + q_j).
   tr H^{1/2} is concave in H, so each step minimises a majoriser; it equals the quasi-Newton step
   X' - L^{-1}[gradient] with L[D] = (Q D + D Q) / 2.

   Anderson acceleration (1965) over the last pairs (X', f = F(X') - X'):
       gamma = argmin ||f - dF gamma||,   X' <- X' + f - (dX + dF) gamma.
   When the tangency ||sym K||_F / sqrt(n) of the smoothed polar factor K = (Omega + X') Q falls below ten times
   the smoothing error, eps is multiplied by 0.2 and the history forgotten.
   eps starts at 0.3 sqrt((tr N + ||Omega||^2) / n).

   Where six steps did not halve the gap (m < 2n: (D) is not smooth at the optimum), Newton on the smoothed dual
   (newton.c) goes on from the best point.

   Easy shapes: linear, about 10 iterations to 1e-2 and 25 to 1e-6. An iteration costs one eigen-decomposition,
   one run of eigenvalues alone and about ten products.

     paper   X'   f(X')   dX, dF   gamma   eps */
#include "muon/newton.h"
#include "muon/reduced.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

enum { memory = 10, patience = 6 };

struct fixed_point {
    double *F, *X_last, *f_last, *S; /* n x n: residual F(X') - X', last point and residual, scratch */
    double *dX, *dF;                 /* n^2 x memory, rings */
    double *basis;                   /* n^2 x memory, dF destroyed by the least squares */
    double *gamma;                   /* n^2, right-hand side and solution */
    double *q;                       /* n */
    double *lapack;                  /* of dgelsy */
    double *newton;                  /* newton.c's */
    double *count;                   /* pairs known since the history was forgotten, -1 for none */
    double *eps, *gap_to_halve, *since, *use_newton;
};

static size_t lapack_work(size_t n) {
    return (n * n + memory) * 2 + 64 * (memory + 1) + 4 * memory + 64;
}

static struct fixed_point view(struct muon_reduced *r) {
    const size_t nn = r->n * r->n;
    double *const s = r->state;
    struct fixed_point p = {
        .F = s, .X_last = s + nn, .f_last = s + 2 * nn, .S = s + 3 * nn, .dX = s + 4 * nn};
    p.dF = p.dX + memory * nn;
    p.basis = p.dF + memory * nn;
    p.gamma = p.basis + memory * nn;
    p.q = p.gamma + nn + memory;
    p.lapack = p.q + r->n;
    p.newton = p.lapack + lapack_work(r->n);
    p.count = p.newton + muon_newton_doubles(r->n);
    p.eps = p.count + 1, p.gap_to_halve = p.count + 2, p.since = p.count + 3, p.use_newton = p.count + 4;
    return p;
}

static size_t doubles(size_t n) {
    return (5 + 3 * memory) * n * n + memory + n + lapack_work(n) + muon_newton_doubles(n) + 5;
}

static void start(struct muon_reduced *r) {
    const struct fixed_point p = view(r);
    const size_t nn = r->n * r->n;
    double trace = lin_dot(nn, r->problem->Omega, r->problem->Omega);
    for (size_t i = 0; i < r->n; i++)
        trace += r->problem->N[i + i * r->n];
    *p.eps = 0.3 * sqrt(trace / (double)r->n);
    *p.count = -1.0;
    *p.gap_to_halve = 1.0;
    *p.since = 0.0;
    *p.use_newton = 0.0;
}

/* F(X') - X' into p->F; T, H are scratch. */
static void fixed_point_residual(struct muon_reduced *r, const struct fixed_point *p) {
    const size_t n = r->n;
    const double *const q = p->q;
    lin_mul(n, r->problem->Omega, r->V, r->T);
    lin_mul_tn(n, r->V, r->T, r->H); /* Omega^ = V' Omega V */
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            r->H[i + j * n] *= (q[i] - q[j]) / (q[i] + q[j]);
    lin_mul_nt(n, r->H, r->V, r->T);
    lin_mul(n, r->V, r->T, p->F); /* V F^ V' */
    lin_sym(n, p->F);
    cblas_daxpy((blasint)(n * n), -1.0, r->X, 1, p->F, 1);
}

/* tr(H + eps^2)^{1/2} / tr H^{1/2} - 1 */
static double smoothing_error(const struct muon_reduced *r, const double *q, double dual) {
    double smooth = 0.0;
    for (size_t i = 0; i < r->n; i++)
        smooth += 1.0 / q[i];
    return (smooth - dual) / dual;
}

static double tangency(struct muon_reduced *r, const struct fixed_point *p) {
    memcpy(p->S, r->B, r->n * r->n * sizeof *p->S);
    lin_sym(r->n, p->S);
    return lin_norm(r->n * r->n, p->S) / sqrt((double)r->n);
}

/* Remember the newest differences; the ring is in no order, which least squares do not mind. */
static size_t remember(struct muon_reduced *r, const struct fixed_point *p) {
    const size_t nn = r->n * r->n, known = *p->count < 0.0 ? 0 : (size_t)*p->count;
    if (*p->count >= 0.0) {
        double *const dx = p->dX + known % memory * nn, *const df = p->dF + known % memory * nn;
        for (size_t i = 0; i < nn; i++) {
            dx[i] = r->X[i] - p->X_last[i];
            df[i] = p->F[i] - p->f_last[i];
        }
    }
    memcpy(p->X_last, r->X, nn * sizeof *p->X_last);
    memcpy(p->f_last, p->F, nn * sizeof *p->f_last);
    *p->count += 1.0;
    return *p->count < memory ? (size_t)*p->count : memory;
}

/* gamma = argmin ||f - dF gamma||; false where there is no history yet */
static bool least_squares(struct muon_reduced *r, const struct fixed_point *p, size_t pairs) {
    const size_t nn = r->n * r->n;
    const lapack_int rows = (lapack_int)nn, cols = (lapack_int)(pairs < nn ? pairs : nn);
    if (cols == 0)
        return false;
    lapack_int pivot[memory] = {0}, rank = 0;
    memcpy(p->basis, p->dF, (size_t)cols * nn * sizeof *p->basis);
    memcpy(p->gamma, p->F, nn * sizeof *p->gamma);
    return LAPACKE_dgelsy_work(LAPACK_COL_MAJOR, rows, cols, 1, p->basis, rows, p->gamma, rows, pivot, 1e-10,
                               &rank, p->lapack, (lapack_int)lapack_work(r->n)) == 0;
}

/* X' <- X' + f - (dX + dF) gamma */
static void accelerated_update(struct muon_reduced *r, const struct fixed_point *p) {
    const size_t nn = r->n * r->n, pairs = remember(r, p);
    const bool mixed = least_squares(r, p, pairs);
    cblas_daxpy((blasint)nn, 1.0, p->F, 1, r->X, 1);
    for (size_t i = 0; mixed && i < pairs && i < nn; i++) {
        cblas_daxpy((blasint)nn, -p->gamma[i], p->dX + i * nn, 1, r->X, 1);
        cblas_daxpy((blasint)nn, -p->gamma[i], p->dF + i * nn, 1, r->X, 1);
    }
    lin_sym(r->n, r->X);
}

static void watch_progress(struct muon_reduced *r, const struct fixed_point *p) {
    const double gap = muon_reduced_gap(r);
    if (gap <= 0.5 * *p->gap_to_halve) {
        *p->gap_to_halve = gap;
        *p->since = 0.0;
    } else if ((*p->since += 1.0) >= patience) {
        *p->use_newton = 1.0;
        memcpy(r->X, r->X_best, r->n * r->n * sizeof *r->X);
        muon_newton_start(r, p->newton, *p->eps);
    }
}

static void step(struct muon_reduced *r) {
    const struct fixed_point p = view(r);
    if (*p.use_newton != 0.0) {
        muon_newton_step(r, p.newton);
        return;
    }
    const double dual = muon_reduced_decompose(r, r->X);
    muon_reduced_offer_dual(r, dual, r->X);
    muon_reduced_inverse_roots(r, *p.eps, p.q);
    muon_reduced_polar_step(r, p.q, r->B, r->C);
    const double tangent = tangency(r, &p);
    muon_reduced_offer_primal(r, r->B, r->C);
    fixed_point_residual(r, &p);
    if (tangent < 10.0 * smoothing_error(r, p.q, dual)) {
        *p.eps *= 0.2;
        *p.count = -1.0;
    }
    accelerated_update(r, &p);
    watch_progress(r, &p);
}

const struct muon_method muon_method_quasi_newton = {doubles, start, step};
