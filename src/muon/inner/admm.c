/* Alternating directions (Buchanan 2025, "Manifold Muon"; Boyd et al. 2011) on
       minimise ||Z||_*   subject to  Z = G + W X,  X symmetric,
   with the scaled multiplier U and penalty rho:
       Y <- (over-relaxed G + W X) + U,   Z <- shrink(Y, 1 / rho),   U <- Y - Z,   X <- sym(W'(Z - U - G)).

   All of it lives in reduced coordinates, M = W M_B + Gp M_C: shrinking needs the eigenvalues s^2 of
   Y'Y = Y_B'Y_B + Y_C'N Y_C = V diag(s^2) V', and Z = Y T with T = V diag(max(0, 1 - 1 / (rho s))) V'.
   (With E, Z and U are those of W'W = I, to 1e-6; bounds and candidates are exact.)
   ||U||_2 <= 1 / rho, and near the optimum all singular values of rho U are 1: -b rho U, repaired (repair.c), is the
   primal candidate; X is dual as it stands.

   The penalty is 0.6 / sigma, sigma the mean singular value of Gamma, and over-relaxation 1.9: fixed, since
   balancing residuals made every real instance slower. Rate O(1 / t), often linear; an iteration costs one
   eigen-decomposition and six products; bounds are computed where the repair promises to end the solve, else at every
   fourth iteration.

     paper   Z          U (scaled)   Y          rho   alpha
     here    Z_B, Z_C   U_B, U_C     Y_B, Y_C   rho   relax */
#include "muon/inner/reduced.h"
#include "muon/inner/repair.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

static const double relax = 1.9, penalty = 0.6;
enum { try_every = 4 };

struct splitting {
    real *ZB, *ZC, *UB, *UC, *YB, *YC, *T; /* n x n */
    real *shrinkage;                       /* n, the factor on each singular value */
    size_t t;                              /* iteration */
};

static void place(void *state, size_t n, struct muon_pool *pool) {
    struct splitting *const s = state;
    real **const squares[] = {&s->ZB, &s->ZC, &s->UB, &s->UC, &s->YB, &s->YC, &s->T};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        *squares[i] = muon_pool_take(pool, n * n);
    s->shrinkage = muon_pool_take(pool, n);
}

/* U = 0 and Z = G + W X. */
static void start(void *state, struct muon_reduced *r) {
    struct splitting *const s = state;
    const size_t n = r->n, bytes = n * n * sizeof(real);
    s->t = 0;
    memset(s->UB, 0, bytes);
    memset(s->UC, 0, bytes);
    memset(s->ZC, 0, bytes);
    for (size_t i = 0; i < n * n; i++)
        s->ZB[i] = r->reduction->Omega[i] + r->X[i];
    for (size_t i = 0; i < n; i++)
        s->ZC[i + i * n] = 1.0;
}

/* Y = relax (G + W X) + (1 - relax) Z + U */
static void relaxed_sum(const struct muon_reduced *r, const struct splitting *s) {
    const size_t n = r->n;
    for (size_t i = 0; i < n * n; i++) {
        s->YB[i] = relax * (r->reduction->Omega[i] + r->X[i]) + (1.0 - relax) * s->ZB[i] + s->UB[i];
        s->YC[i] = (1.0 - relax) * s->ZC[i] + s->UC[i];
    }
    for (size_t i = 0; i < n; i++)
        s->YC[i + i * n] += relax;
}

/* Z = shrink(Y, threshold), U = Y - Z */
static void shrink(struct muon_reduced *r, const struct splitting *s, double threshold) {
    const size_t n = r->n;
    lin_mul(n, r->reduction->N, s->YC, r->T);
    lin_mul_tn(n, s->YC, r->T, r->H);
    lin_gram_add(n, s->YB, r->H, r->V); /* Y'Y */
    if (!lin_eig(n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
    for (size_t i = 0; i < n; i++) {
        const double sigma = sqrt(fmax(r->lambda[i], 0.0));
        s->shrinkage[i] = sigma > threshold ? 1.0 - threshold / sigma : 0.0;
    }
    lin_eig_function(n, r->V, s->shrinkage, s->T, r->H);
    lin_mul(n, s->YB, s->T, s->ZB);
    lin_mul(n, s->YC, s->T, s->ZC);
    for (size_t i = 0; i < n * n; i++) {
        s->UB[i] = s->YB[i] - s->ZB[i];
        s->UC[i] = s->YC[i] - s->ZC[i];
    }
}

/* X' = sym(Z_B - U_B - Omega); Omega has no symmetric part. */
static void update_multiplier(struct muon_reduced *r, const struct splitting *s) {
    for (size_t i = 0; i < r->n * r->n; i++)
        r->X[i] = s->ZB[i] - s->UB[i];
    lin_sym(r->n, r->X);
}

static void iterate(void *state, struct muon_reduced *r) {
    struct splitting *const s = state;
    const double rho = penalty / r->mean_sigma;
    relaxed_sum(r, s);
    shrink(r, s, 1.0 / rho);
    update_multiplier(r, s);
    s->t++;
    const size_t nn = r->n * r->n;
    for (size_t i = 0; i < nn; i++) {
        r->B[i] = rho * s->UB[i];
        r->C[i] = rho * s->UC[i];
    }
    memcpy(s->T, r->B, nn * sizeof *s->T);
    lin_sym(r->n, s->T);
    const double tangency = lin_norm(nn, s->T) / sqrt((double)r->n);
    const bool promising = muon_repair_promises(r, tangency, s->t);
    if (!promising && s->t % try_every != 0)
        return;
    memcpy(s->T, r->B, nn * sizeof *s->T);
    muon_reduced_update_dual(r, muon_reduced_dual_value(r, r->X), r->X);
    if (!promising) {
        muon_reduced_update_primal(r, s->T, r->C);
        return;
    }
    muon_repair_try(r, s->T, r->C);
    muon_repair_learn(r, tangency);
}

const struct muon_method muon_method_admm = {sizeof(struct splitting), place, start, iterate};
