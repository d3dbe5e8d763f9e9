/* The polar factor U = (K, Q) of G + W X has singular values 1, but is tangent at the optimal X only. Made tangent
   (K <- skew K) its norm exceeds 1 by something of the order of its tangency, and scaling it back costs as much in p:
   that loss is what a solver waits for, long after d has its digits. But among the steps that are tangent AND have
   singular values 1 one is near. With H = (G + W X)'(G + W X), p = tr(H^{1/2} U'A), so for A'A = I
       d - p = tr(H^{1/2} (I - U'A)) = tr(H^{1/2} (A - U)'(A - U)) / 2 :
   second order in the distance, as d itself is. Newton's method on both conditions finds it:

     A'A = I + F, B skew;   A + A Y + W Z, Y and Z symmetric, with
       tangency       sym(B Y) + Z = 0
       length         F + 2 Y + B'Z + Z B = 0
     =>  Y + sym(B sym(B Y)) = -F / 2,    B <- B + skew(B Y),    C <- C + C Y.

   The operator is I - S*S with S = sym(B .), so positive; conjugate gradients solve it, two products a step. Where
   singular values of B reach 1 (m < 2n) it is singular: a few steps still help, or clipping does.

     text   F   Y   residual   direction   operator times direction
     here   F   Y   R          P           T */
#include "muon/inner/repair.h"

#include "linalg/linalg.h"
#include "muon/float/direction.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { rounds = 4, inner_limit = 8, worth_float = 64 };

size_t muon_repair_doubles(size_t n) {
    return 6 * n * n;
}

/* Z = sym(B Y) */
static void sym_product(size_t n, const real *B, const real *Y, real *Z) {
    lin_mul(n, B, Y, Z);
    lin_sym(n, Z);
}

void muon_repair_direction(size_t n, const real *B, const real *F, double wanted, real *Y, real *scratch) {
    const size_t nn = n * n;
    real *const R = scratch, *const P = R + nn, *const Z = P + nn, *const T = Z + nn;
    memset(Y, 0, nn * sizeof *Y);
    for (size_t i = 0; i < nn; i++)
        P[i] = R[i] = -0.5 * F[i];
    double rr = lin_dot(nn, R, R);
    for (int k = 0; k < inner_limit && sqrt(rr) > wanted; k++) {
        sym_product(n, B, P, Z);
        sym_product(n, B, Z, T);
        CBLAS(axpy)((blasint)nn, 1.0, P, 1, T, 1); /* P + sym(B sym(B P)) */
        const double curvature = lin_dot(nn, P, T);
        if (!(curvature > 1e-3 * lin_dot(nn, P, P)))
            return;
        CBLAS(axpy)((blasint)nn, rr / curvature, P, 1, Y, 1);
        CBLAS(axpy)((blasint)nn, -rr / curvature, T, 1, R, 1);
        const double rr_next = lin_dot(nn, R, R), beta = rr_next / rr;
        for (size_t i = 0; i < nn; i++)
            P[i] = R[i] + beta * P[i];
        rr = rr_next;
    }
}

/* The same; in double by float, to whose rounding of Y the next round is blind. */
static void direction(struct muon_reduced *r, const real *B, const real *F, double wanted, real *Y) {
    real *const scratch = Y + r->n * r->n;
#ifndef LIN_FLOAT
    if (r->n >= worth_float) {
        muon_float_direction(r->n, B, F, wanted, Y, scratch);
        return;
    }
#endif
    muon_repair_direction(r->n, B, F, wanted, Y, scratch);
}

/* B <- B + skew(B Y), C <- C + C Y */
static void move(struct muon_reduced *r, const real *Y, real *B, real *C) {
    const size_t n = r->n, nn = n * n;
    lin_mul(n, B, Y, r->T);
    lin_skew(n, r->T);
    CBLAS(axpy)((blasint)nn, 1.0, r->T, 1, B, 1);
    lin_mul(n, C, Y, r->T);
    CBLAS(axpy)((blasint)nn, 1.0, r->T, 1, C, 1);
}

/* How far ||A||_2 reaches above 1 is all that p pays for F, and is a fraction of ||F||_F: estimated. */
void muon_repair_try(struct muon_reduced *r, real *B, real *C) {
    const size_t n = r->n, nn = n * n;
    const double root_n = sqrt((double)n);
    real *const F = r->repair, *const Y = F + nn;
    double before = INFINITY;
    lin_skew(n, B);
    for (int round = 0; round <= rounds; round++) {
        muon_reduced_step_gram(r, B, C, F);
        for (size_t i = 0; i < n; i++)
            F[i + i * n] -= (real)1;
        const double error = lin_norm(nn, F);
        const double length = sqrt(fmax(1.0 + muon_reduced_largest(r, F), 0.5));
        muon_reduced_update_primal_bounded(r, length, B, C);
        if (muon_reduced_gap(r) <= r->target_gap || error <= 0.2 * r->target_gap || round == rounds ||
            !(error < 0.5 * before))
            return;
        before = error;
        direction(r, B, F, fmax(0.05 * r->target_gap * root_n, 0.15 * error * error), Y);
        move(r, Y, B, C);
    }
}

void muon_repair_expect(struct muon_reduced *r) {
    double squares = 0.0;
    for (size_t i = 0; i < r->n; i++)
        squares += fmax(r->lambda[i], 0.0) / (double)r->n;
    const double evenness = fmin(fmax(r->mean_sigma * r->mean_sigma / squares, 0.05), 1.0); /* NaN: 0.05 */
    r->gap_per_square = 0.8 / (evenness * sqrt(evenness));
}

bool muon_repair_promises(const struct muon_reduced *r, double tangency, size_t iteration) {
    return r->gap_per_square * tangency * tangency <= r->target_gap || iteration >= r->options->max_iter;
}

void muon_repair_learn(struct muon_reduced *r, double tangency) {
    r->gap_per_square = fmin(1e4, fmax(1.0, 0.7 * muon_reduced_gap(r) / (tangency * tangency)));
}

void muon_repair_try_clipped(struct muon_reduced *r, real *B, real *C) {
    const size_t n = r->n, nn = n * n;
    real *const V = r->repair, *const T = V + nn, *const f = T + nn;
    muon_reduced_step_gram(r, B, C, V);
    if (!lin_eig(n, V, f, V, r->eig_work))
        r->failed = true;
    for (size_t i = 0; i < n; i++)
        f[i] = f[i] > 1.0 ? 1.0 / sqrt(f[i]) : 1.0;
    lin_eig_function(n, V, f, T, r->H); /* min(1, 1 / sigma) */
    lin_mul(n, B, T, r->H);
    memcpy(B, r->H, nn * sizeof *B);
    lin_mul(n, C, T, r->H);
    memcpy(C, r->H, nn * sizeof *C);
    muon_reduced_update_primal(r, B, C);
}
