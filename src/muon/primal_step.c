#include "muon/primal_step.h"

#include "linalg/linalg.h"
#include "muon/matrix.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { passes = 6 };

size_t muon_primal_step_work(size_t m, size_t n) {
    (void)m;
    return 3 * n * n + n + lin_eig_work(n);
}

/* Each pass multiplies the tangency by about ||W'W - I||: it ends where the next would change nothing. */
static void make_tangent(const struct muon_problem *p, double *A, double *T) {
    const size_t m = p->m, n = p->n;
    for (int pass = 0; pass < passes; pass++) {
        lin_tall_inner(m, n, p->W, A, T);
        lin_sym(n, T);                                 /* sym(W'A) */
        lin_tall_product(m, n, -1.0, p->W, T, 1.0, A); /* A <- A - W sym(W'A) */
        const double error = fmax(p->orthogonality * sqrt((double)n), 1e-15 * (double)n);
        if (lin_norm(n * n, T) * error <= 1e-14)
            return;
    }
}

/* Singular values of A, descending, by the Gram matrix: the large ones, which matter here, keep all their
 * digits. */
static bool step_spectrum(const struct muon_problem *p, const double *A, double *Gram, double *sigma,
                          double *work) {
    lin_tall_gram(p->m, p->n, A, Gram);
    if (!lin_eig_values(p->n, Gram, sigma, work))
        return false;
    for (size_t i = 0; i < (p->n + 1) / 2; i++) {
        const double small = sqrt(fmax(sigma[i], 0.0));
        sigma[i] = sqrt(fmax(sigma[p->n - 1 - i], 0.0));
        sigma[p->n - 1 - i] = i < p->n - 1 - i ? small : sigma[i];
    }
    return true;
}

bool muon_primal_step(const struct muon_problem *p, const struct muon_reduction *reduction, const double *B,
                      const double *C, size_t k, bool unscaled, double radius, double *A, double *sigma,
                      double *work) {
    const size_t m = p->m, n = p->n;
    double *const T = work, *const own = T + n * n;
    if (reduction->E != NULL) {
        lin_mul(n, reduction->E, B, T);
        for (size_t i = 0; i < n * n; i++)
            T[i] = B[i] - T[i];
        B = T;
    }
    lin_tall_product(m, n, 1.0, p->W, B, 0.0, A); /* A = W B + Gp C, in units of -b */
    lin_tall_product(m, n, 1.0, reduction->Gp, C, 1.0, A);
    make_tangent(p, A, T);
    if (!step_spectrum(p, A, T, sigma, own))
        return false;
    double nuclear = 0.0;
    for (size_t i = 0; i < n; i++)
        nuclear += sigma[i];
    const double longest = fmax(sigma[0], nuclear / (double)k);
    const double s = longest > 1.0 || (longest > 0.0 && !unscaled) ? 1.0 / longest : 1.0;
    cblas_dscal((blasint)n, radius * s, sigma, 1);
    cblas_dscal((blasint)(m * n), -radius * s, A, 1);
    return true;
}

bool muon_primal_step_msign(const struct muon_problem *p, double radius, double *A, double *sigma,
                            double *work) {
    const size_t m = p->m, n = p->n;
    double *const V = work, *const Q = V + n * n, *const scratch = Q + n * n, *const lambda = scratch + n * n;
    lin_tall_gram(m, n, p->G, V); /* G'G = V diag(lambda) V' */
    if (!lin_eig(n, V, lambda, V, lambda + n))
        return false;
    const double noise = 1e-14 * lambda[n - 1];
    for (size_t i = 0; i < n; i++) {
        sigma[n - 1 - i] = lambda[i] > noise ? radius : 0.0;
        lambda[i] = lambda[i] > noise ? 1.0 / sqrt(lambda[i]) : 0.0;
    }
    lin_eig_function(n, V, lambda, Q, scratch);
    lin_tall_product(m, n, -radius, p->G, Q, 0.0, A); /* -b G (G'G)^{-1/2} */
    return true;
}
