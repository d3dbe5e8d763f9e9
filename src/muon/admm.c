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
#include "muon/reduced.h"
#include "muon/repair.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

static const double relax = 1.9, penalty = 0.6;
enum { try_every = 4 };

struct splitting {
    double *ZB, *ZC, *UB, *UC, *YB, *YC, *T; /* n x n */
    double *keep;                            /* n */
    double *t;                               /* iteration */
};

static struct splitting view(struct muon_reduced *r) {
    const size_t nn = r->n * r->n;
    double *const s = r->state;
    return (struct splitting){s,          s + nn,     s + 2 * nn, s + 3 * nn,       s + 4 * nn,
                              s + 5 * nn, s + 6 * nn, s + 7 * nn, s + 7 * nn + r->n};
}

static size_t doubles(size_t n) {
    return 7 * n * n + n + 1;
}

/* U = 0 and Z = G + W X. */
static void start(struct muon_reduced *r) {
    const struct splitting s = view(r);
    memset(r->state, 0, doubles(r->n) * sizeof *r->state);
    for (size_t i = 0; i < r->n * r->n; i++)
        s.ZB[i] = r->problem->Omega[i] + r->X[i];
    for (size_t i = 0; i < r->n; i++)
        s.ZC[i + i * r->n] = 1.0;
}

/* Y = relax (G + W X) + (1 - relax) Z + U */
static void relaxed_sum(const struct muon_reduced *r, const struct splitting *s) {
    const size_t n = r->n;
    for (size_t i = 0; i < n * n; i++) {
        s->YB[i] = relax * (r->problem->Omega[i] + r->X[i]) + (1.0 - relax) * s->ZB[i] + s->UB[i];
        s->YC[i] = (1.0 - relax) * s->ZC[i] + s->UC[i];
    }
    for (size_t i = 0; i < n; i++)
        s->YC[i + i * n] += relax;
}

/* Z = shrink(Y, threshold), U = Y - Z */
static void shrink(struct muon_reduced *r, const struct splitting *s, double threshold) {
    const size_t n = r->n;
    lin_mul(n, r->problem->N, s->YC, r->T);
    lin_mul_tn(n, s->YC, r->T, r->H);
    lin_gram_add(n, s->YB, r->H, r->V); /* Y'Y */
    if (!lin_eig(n, r->V, r->lambda, r->V, r->eig_work))
        r->failed = true;
    for (size_t i = 0; i < n; i++) {
        const double sigma = sqrt(fmax(r->lambda[i], 0.0));
        s->keep[i] = sigma > threshold ? 1.0 - threshold / sigma : 0.0;
    }
    lin_eig_function(n, r->V, s->keep, s->T, r->H);
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

static void step(struct muon_reduced *r) {
    const struct splitting s = view(r);
    const double rho = penalty / r->mean_sigma;
    relaxed_sum(r, &s);
    shrink(r, &s, 1.0 / rho);
    update_multiplier(r, &s);
    *s.t += 1.0;
    const size_t nn = r->n * r->n;
    for (size_t i = 0; i < nn; i++) {
        r->B[i] = rho * s.UB[i];
        r->C[i] = rho * s.UC[i];
    }
    memcpy(s.T, r->B, nn * sizeof *s.T);
    lin_sym(r->n, s.T);
    const double tangency = lin_norm(nn, s.T) / sqrt((double)r->n);
    const bool promising = muon_repair_promises(r, tangency, *s.t);
    if (!promising && (size_t)*s.t % try_every != 0)
        return;
    memcpy(s.T, r->B, nn * sizeof *s.T);
    muon_reduced_update_dual(r, muon_reduced_dual_value(r, r->X), r->X);
    if (!promising) {
        muon_reduced_update_primal(r, s.T, r->C);
        return;
    }
    muon_repair_try(r, s.T, r->C);
    muon_repair_learn(r, tangency);
}

const struct muon_method muon_method_admm = {doubles, start, step};
