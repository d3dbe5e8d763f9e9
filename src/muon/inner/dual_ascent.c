/* Subgradient steps on the dual (Bernstein 2025, "Modular Manifolds").

     minimise over symmetric X'   d / b = tr H^{1/2},     gradient  sym(K),  K = (Omega + X') Q,  Q = H^{-1/2}

   The published method takes plain steps of fixed length on G as it comes. Here G is scaled to norm 1 and steps
   are measured in sigma, the mean singular value of Gamma, so that one rule fits every layer; heavy-ball momentum
   (Polyak 1964) carries them through the narrow valleys; steps decrease as 1 / (1 + t / 10). Restarting the momentum
   where it goes uphill, and steps that do not decrease, were slower.
   The primal candidate is the polar factor (K, Q), repaired (repair.c) where that promises to end the solve. For
   problems that are not smooth, also as it is, and its average over the steps, which is nearer to tangent (Nedic &
   Ozdaglar 2009); old steps are forgotten at 0.1 a step.

   Rate O(1 / sqrt t) where (D) is not smooth, linear where it is; an iteration costs one eigen-decomposition and
   three products.

     paper    X'   gradient   step length   momentum   average of the candidate
     here     X    G          eta           V          Bbar, Cbar */
#include "muon/inner/reduced.h"
#include "muon/inner/repair.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

/* Where (D) is smooth, and where it is not (m < 2n). */
static const double momentum[] = {0.7, 0.8}, first_step[] = {0.5, 1.0};
static const double decay_after = 10.0, averaging = 0.1;
static const size_t try_every[] = {8, 4};

struct ascent {
    real *velocity, *Bbar, *Cbar, *scratch; /* n x n */
    real *q;                                /* n */
    size_t t;                               /* iteration */
    double weight;                          /* total of the average */
};

static void place(void *state, size_t n, struct muon_pool *pool) {
    struct ascent *const a = state;
    real **const squares[] = {&a->velocity, &a->Bbar, &a->Cbar, &a->scratch};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        *squares[i] = muon_pool_take(pool, n * n);
    a->q = muon_pool_take(pool, n);
}

static void start(void *state, struct muon_reduced *r) {
    struct ascent *const a = state;
    const size_t bytes = r->n * r->n * sizeof(real);
    a->t = 0;
    a->weight = 0.0;
    memset(a->velocity, 0, bytes);
    memset(a->Bbar, 0, bytes);
    memset(a->Cbar, 0, bytes);
}

/* mean <- mean + share (now - mean) */
static void average(size_t count, double share, const real *now, real *mean) {
    for (size_t i = 0; i < count; i++)
        mean[i] += share * (now[i] - mean[i]);
}

static void try_average(struct muon_reduced *r, const struct ascent *a) {
    memcpy(a->scratch, a->Bbar, r->n * r->n * sizeof *a->scratch);
    muon_reduced_update_primal(r, a->scratch, a->Cbar);
}

/* The repaired step where it promises to end the solve; now and then the polar factor as it is, and the average. */
static void try_primal(struct muon_reduced *r, const struct ascent *a, double tangency, bool rough) {
    const size_t t = a->t, every = try_every[rough];
    if (muon_repair_promises(r, tangency, t)) {
        muon_repair_try(r, r->B, r->C);
        muon_repair_learn(r, tangency);
    } else if (t % every == 0) {
        muon_reduced_update_primal(r, r->B, r->C);
    } else if (t % every == every / 2) {
        try_average(r, a);
    }
}

static void iterate(void *state, struct muon_reduced *r) {
    struct ascent *const a = state;
    const size_t n = r->n, nn = n * n;
    const bool rough = r->m < 2 * n;
    const double eta = first_step[rough] * r->mean_sigma / (1.0 + (double)a->t / decay_after);

    muon_reduced_update_dual(r, muon_reduced_decompose(r, r->X), r->X);
    muon_reduced_inverse_roots(r, 0.0, a->q);
    muon_reduced_polar_step(r, a->q, r->B, r->C);

    memcpy(a->scratch, r->B, nn * sizeof *a->scratch);
    lin_sym(n, a->scratch);
    const double tangency = lin_norm(nn, a->scratch) / sqrt((double)n);
    CBLAS(scal)
    ((blasint)nn, momentum[rough], a->velocity, 1); /* velocity <- momentum velocity - eta sym(K) */
    CBLAS(axpy)((blasint)nn, -eta, a->scratch, 1, a->velocity, 1);
    CBLAS(axpy)((blasint)nn, 1.0, a->velocity, 1, r->X, 1); /* X' <- X' + velocity */

    a->weight = (1.0 - averaging) * a->weight + eta;
    average(nn, eta / a->weight, r->B, a->Bbar);
    average(nn, eta / a->weight, r->C, a->Cbar);
    a->t++;
    try_primal(r, a, tangency, rough);
}

const struct muon_method muon_method_dual_ascent = {sizeof(struct ascent), place, start, iterate};
