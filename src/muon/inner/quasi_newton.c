/* The accelerated fixed point, with Newton steps where it is slow.

   Fixed point (Su 2025, kexue.fm 11221). With H + eps^2 I = V diag(lambda + eps^2) V' and
   q = (lambda + eps^2)^{-1/2}, stationarity of tr(H + eps^2 I)^{1/2} is, for given Q = V diag(q) V', a Lyapunov
   equation in X'. Its solution is the quasi-Newton step with the metric L[D] = (Q D + D Q) / 2,
       f = -L^{-1}[g],   in the eigenbasis   f_ij = -2 g_ij / (q_i + q_j),   g = sym(M Q) the gradient;
   tr H^{1/2} is concave in H, so each step minimises a majoriser. Anderson acceleration (anderson.c) takes the
   last ten pairs (X', f).

   The dual value is good to the square of the tangency, and so is the primal one after repair.c, which is tried
   where it promises to end the solve.

   Smoothing: eps starts at 1e-3 of the mean singular value of G's tangent part and falls tenfold, the history
   forgotten, where the tangency t = ||g||_F / sqrt(n) is below a hundred times the smoothing error.
   Where four steps did not halve t (m < 2n: (D) is not smooth at the optimum), Newton on the smoothed dual
   (newton.c) goes on from the best point.

   Smooth problems (m >= 2n): about 5 / 10 / 15 iterations to a gap of 1e-2 / 1e-4 / 1e-6. An iteration costs one
   eigen-decomposition and five products; the repair 15 to 30 products.

     paper   X'   f(X')   L^{-1}     eps   M, Q, g in the eigenbasis
     here    X    F       2/(q+q)    eps   M, q, g */
#include "muon/inner/quasi_newton.h"
#include "muon/inner/newton.h"
#include "muon/inner/reduced.h"
#include "muon/inner/repair.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

enum { patience = 4 };
static const double first_eps = 1e-3, shrink = 0.1, smooth_enough = 100.0;

struct fixed_point {
    real *g, *F; /* n x n: gradient in the eigenbasis; residual F(X') - X' */
    real *q;     /* n */
    struct muon_anderson anderson;
    struct muon_newton newton;
    double eps;               /* smoothing */
    size_t t;                 /* iteration */
    double tangency_to_halve; /* and how many iterations it waits for that */
    size_t waited;
    bool use_newton;
};

static void place(void *state, size_t n, struct muon_pool *pool) {
    struct fixed_point *const p = state;
    p->g = muon_pool_take(pool, n * n);
    p->F = muon_pool_take(pool, n * n);
    p->q = muon_pool_take(pool, n);
    muon_anderson_place(&p->anderson, n * n, pool);
    muon_newton_place(&p->newton, n, pool);
}

static void start(void *state, struct muon_reduced *r) {
    struct fixed_point *const p = state;
    double trace = lin_dot(r->n * r->n, r->reduction->Omega, r->reduction->Omega);
    for (size_t i = 0; i < r->n; i++)
        trace += r->reduction->N[i + i * r->n];
    p->eps = first_eps * sqrt(trace / (double)r->n);
    p->t = p->waited = 0;
    p->tangency_to_halve = INFINITY;
    p->use_newton = false;
    muon_anderson_forget(&p->anderson);
}

/* g = sym(V'M V diag(q)); returns the tangency ||g||_F / sqrt(n) */
static double gradient(struct muon_reduced *r, const struct fixed_point *p) {
    const size_t n = r->n;
    lin_mul(n, r->M, r->V, r->T);
    lin_mul_tn(n, r->V, r->T, p->g);
    lin_scale_columns(n, p->g, p->q, p->g);
    lin_sym(n, p->g);
    return lin_norm(n * n, p->g) / sqrt((double)n);
}

/* F = -V L^{-1}[g] V' */
static void fixed_point_residual(struct muon_reduced *r, const struct fixed_point *p) {
    const size_t n = r->n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            r->H[i + j * n] = (real)-2.0 * p->g[i + j * n] / (p->q[i] + p->q[j]);
    lin_mul_nt(n, r->H, r->V, r->T);
    lin_mul(n, r->V, r->T, p->F);
    lin_sym(n, p->F);
}

/* tr(H + eps^2)^{1/2} / tr H^{1/2} - 1 */
static double smoothing_error(const struct muon_reduced *r, const real *q, double dual) {
    double smooth = 0.0;
    for (size_t i = 0; i < r->n; i++)
        smooth += 1.0 / q[i];
    return (smooth - dual) / dual;
}

static void try_primal(struct muon_reduced *r, const struct fixed_point *p, double tangency) {
    if (!muon_repair_promises(r, tangency, p->t))
        return;
    muon_reduced_polar_step(r, p->q, r->B, r->C);
    muon_repair_try(r, r->B, r->C);
    muon_repair_learn(r, tangency);
}

static void watch_progress(struct muon_reduced *r, struct fixed_point *p, double tangency) {
    if (tangency <= 0.5 * p->tangency_to_halve) {
        p->tangency_to_halve = tangency;
        p->waited = 0;
    } else if (++p->waited >= patience) {
        p->use_newton = true;
        memcpy(r->X, r->X_best, r->n * r->n * sizeof *r->X);
        muon_newton_start(&p->newton, p->eps);
    }
}

static void iterate(void *state, struct muon_reduced *r) {
    struct fixed_point *const p = state;
    if (p->use_newton) {
        muon_newton_step(&p->newton, r);
        return;
    }
    p->t++;
    const double dual = muon_reduced_decompose(r, r->X);
    muon_reduced_update_dual(r, dual, r->X);
    muon_reduced_inverse_roots(r, p->eps, p->q);
    const double tangency = gradient(r, p);
    try_primal(r, p, tangency);
    if (muon_reduced_gap(r) <= r->target_gap)
        return;
    fixed_point_residual(r, p);
    if (tangency < smooth_enough * smoothing_error(r, p->q, dual)) {
        p->eps *= shrink;
        muon_anderson_forget(&p->anderson);
    }
    muon_anderson_step(&p->anderson, r->X, p->F);
    lin_sym(r->n, r->X);
    watch_progress(r, p, tangency);
    r->stalled = r->rough > 0.0 && (tangency < r->rough || p->use_newton);
}

const struct muon_anderson *muon_quasi_newton_history(const void *state) {
    return &((const struct fixed_point *)state)->anderson;
}

double muon_quasi_newton_smoothing(const void *state) {
    return ((const struct fixed_point *)state)->eps;
}

bool muon_quasi_newton_is_newton(const void *state) {
    return ((const struct fixed_point *)state)->use_newton;
}

void muon_quasi_newton_resume(void *state, size_t iterations, double smoothing, bool newton) {
    struct fixed_point *const p = state;
    p->t = iterations;
    p->eps = smoothing;
    p->use_newton = newton;
    if (newton)
        muon_newton_start(&p->newton, smoothing);
}

void muon_quasi_newton_recall(void *state, const real *X, const real *F) {
    muon_anderson_recall(&((struct fixed_point *)state)->anderson, X, F);
}

const struct muon_method muon_method_quasi_newton = {sizeof(struct fixed_point), place, start, iterate};
