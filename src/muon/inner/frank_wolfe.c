/* Conditional gradients with an augmented Lagrangian for tangency (CGAL, Yurtsever et al. 2019; Pethick et al.
   2025) on
       minimise <G, A>   over  D_k = {||A||_2 <= b, ||A||_* <= k b},   subject to  sym(W'A) = 0.

   With the multiplier X and penalty beta_t the gradient of the augmented Lagrangian at A is G + W X~,
   X~ = X + beta_t sym(W'A); its atom is -b U_k V_k', from the k largest singular values (k = n: msign).
       A <- A + gamma (atom - A), gamma by exact line search
       X <- X + beta_t sym(W'A),  beta_t = sigma sqrt(t + 2), sigma the mean singular value of Gamma.
   Every X~ gives the dual bound b (sigma_1 + ... + sigma_k)(G + W X~) over D_k (Ky Fan).

   In reduced coordinates A = -b (W B + Gp C), sym(W'A) = -b sym(B), and the atom is B = M Q, C = Q with
   Q = V_k diag(1 / sigma) V_k'. Averaged atoms have a tail of small singular values, so the candidate is cut to
   the span of its leading right singular vectors P (n / 2 of them, at least k) in a way that leaves it tangent:
       A <- -b (W P P' skew(B) P P' + Gp C P P'),
   then scaled onto the boundary of D_k. Where k = n nothing is cut.

   Rate O(1 / sqrt t) in theory, near O(1 / t) as measured; an iteration costs one eigen-decomposition, a candidate
   another one and a run of eigenvalues alone.

     paper   A      y   beta_t   eta_t    atom
     here    A_B/C  Y   beta     gamma    D_B/C + A_B/C */
#include "muon/inner/reduced.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

struct gradient {
    real *Y, *AB, *AC, *DB, *DC, *S; /* n x n: multiplier X', iterate, direction, scratch */
    real *q;                         /* n */
    size_t t;                        /* iteration */
    double due;                      /* the iteration at which to make a candidate */
};

static void place(void *state, size_t n, struct muon_pool *pool) {
    struct gradient *const g = state;
    real **const squares[] = {&g->Y, &g->AB, &g->AC, &g->DB, &g->DC, &g->S};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        *squares[i] = muon_pool_take(pool, n * n);
    g->q = muon_pool_take(pool, n);
}

static void start(void *state, struct muon_reduced *r) {
    struct gradient *const g = state;
    const size_t bytes = r->n * r->n * sizeof(real);
    g->t = 0;
    g->due = 0.0;
    memset(g->AB, 0, bytes);
    memset(g->AC, 0, bytes);
    memcpy(g->Y, r->X, bytes);
}

/* X~ = Y - beta sym(B), its dual bound, and the atom as direction D = atom - A */
static void find_atom(struct muon_reduced *r, const struct gradient *g, double beta) {
    const size_t n = r->n, nn = n * n;
    memcpy(g->S, g->AB, nn * sizeof *g->S);
    lin_sym(n, g->S);
    for (size_t i = 0; i < nn; i++)
        r->X[i] = g->Y[i] - beta * g->S[i];
    muon_reduced_decompose(r, r->X);
    double dual = 0.0;
    muon_reduced_inverse_roots(r, 0.0, g->q);
    for (size_t i = 0; i < n; i++) {
        if (i < n - r->k)
            g->q[i] = 0.0;
        else
            dual += sqrt(fmax(r->lambda[i], 0.0));
    }
    muon_reduced_update_dual(r, dual, r->X);
    muon_reduced_polar_step(r, g->q, g->DB, g->DC);
    CBLAS(axpy)((blasint)nn, -1.0, g->AB, 1, g->DB, 1);
    CBLAS(axpy)((blasint)nn, -1.0, g->AC, 1, g->DC, 1);
}

/* The gamma in [0, 1] that minimises the augmented Lagrangian along D; S holds sym(B). */
static double line_search(const struct muon_reduced *r, const struct gradient *g, double beta) {
    const size_t n = r->n;
    double slope = lin_dot(n * n, r->reduction->Omega, g->DB) + lin_dot(n * n, r->reduction->N, g->DC),
           curvature = 0.0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            const double d = 0.5 * (g->DB[i + j * n] + g->DB[j + i * n]);
            slope += (g->Y[i + j * n] - beta * g->S[i + j * n]) * d;
            curvature += beta * d * d;
        }
    return curvature > 0.0 ? fmin(1.0, fmax(0.0, slope / curvature)) : 1.0;
}

/* Where A has fewer singular values than are kept, P must not be left to rounding: it then takes the leading right
   singular vectors of G + W X~ too, whose Gram matrix is added with this small a weight. */
static const double fill = 1000 * REAL_EPSILON;

/* V diag(sigma) V' = A'A / b^2 + what fills it up */
static void step_directions(struct muon_reduced *r, const struct gradient *g) {
    const size_t n = r->n;
    lin_mul(n, r->reduction->N, g->AC, r->T);
    lin_mul_tn(n, g->AC, r->T, r->H);
    lin_gram_add(n, g->AB, r->H, r->V);
    double here = 0.0, there = 0.0;
    for (size_t i = 0; i < n; i++)
        here += r->V[i + i * n], there += fmax(r->lambda[i], 0.0);
    lin_gram_add(n, r->M, r->reduction->N, r->H);
    CBLAS(axpy)((blasint)(n * n), fill * here / there, r->H, 1, r->V, 1);
    if (!lin_eig(n, r->V, r->sigma, r->V, r->eig_work))
        r->failed = true;
}

/* B, C <- P P'B P P' and P P'C P P' for the r leading right singular vectors P of W A_B + Gp A_C */
static void keep_leading(struct muon_reduced *r, const struct gradient *g, size_t keep) {
    const size_t n = r->n;
    step_directions(r, g);
    for (size_t i = 0; i < n; i++)
        g->q[i] = i < n - keep ? 0.0 : 1.0;
    lin_eig_function(n, r->V, g->q, r->T, r->H); /* P P' */
    lin_mul(n, g->AB, r->T, r->H);
    lin_mul(n, r->T, r->H, r->B);
    lin_mul(n, g->AC, r->T, r->C);
    /* Of Gp C only its columns must stay in the span of P: C need not be cut on the left. */
}

/* n / 2 or k, but no less than two of a square problem, whose tangent steps W skew have even rank */
static size_t rank_to_keep(const struct muon_reduced *r) {
    const size_t half = r->n / 2 > r->k ? r->n / 2 : r->k;
    return half == 1 && r->n > 1 ? 2 : half;
}

/* A candidate costs more than an iteration. Gaps fall about as 1 / t, so the last one says when the next is due. */
static void try_primal(struct muon_reduced *r, struct gradient *g) {
    const double t = (double)g->t;
    if (t < g->due && g->t < r->options->max_iter)
        return;
    keep_leading(r, g, rank_to_keep(r));
    muon_reduced_update_primal(r, r->B, r->C);
    g->due = t + fmin(4.0, fmax(1.0, t * (muon_reduced_gap(r) / r->target_gap - 1.0)));
}

static void iterate(void *state, struct muon_reduced *r) {
    struct gradient *const g = state;
    const size_t n = r->n, nn = n * n;
    const double beta = r->mean_sigma * sqrt((double)g->t + 2.0);

    find_atom(r, g, beta);
    const double gamma = g->t == 0 ? 1.0 : line_search(r, g, beta);
    CBLAS(axpy)((blasint)nn, gamma, g->DB, 1, g->AB, 1); /* A <- A + gamma (atom - A) */
    CBLAS(axpy)((blasint)nn, gamma, g->DC, 1, g->AC, 1);
    memcpy(g->S, g->AB, nn * sizeof *g->S);
    lin_sym(n, g->S);
    CBLAS(axpy)((blasint)nn, -beta, g->S, 1, g->Y, 1); /* X <- X + beta sym(W'A) */
    g->t++;
    try_primal(r, g);
}

const struct muon_method muon_method_frank_wolfe = {sizeof(struct gradient), place, start, iterate};
