#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* K (n x n) in blocks (0 -c; c 0) and the c of every column: 1 for as many leading pairs as m - n forces,
   then anything in (0, 1), 0 for a last odd one. */
static double *block_skew(struct rng *r, size_t m, size_t n, double *c) {
    double *const K = support_zeros(n * n);
    size_t forced = 0;
    while (n - forced > m - n)
        forced += 2;
    for (size_t j = 0; j + 1 < n; j += 2) {
        c[j] = c[j + 1] = j < forced ? 1 : rng_uniform(r);
        K[j + 1 + j * n] = c[j], K[j + (j + 1) * n] = -c[j];
    }
    return K;
}

/* M = (W O K + Q S) O' with O orthogonal and S = (I - K'K)^{1/2}: orthonormal, W'M skew */
static double *tangent_frame(struct rng *r, size_t m, size_t n, const double *W) {
    double *const c = support_zeros(n), *const K = block_skew(r, m, n, c);
    double *const Q = support_orthonormal(r, m, m - n, W, n), *const O =
                                                                  support_orthonormal(r, n, n, NULL, 0);
    double *const OK = support_mul(n, n, n, O, K), *const WOK = support_mul(m, n, n, W, OK);
    size_t used = 0;
    for (size_t j = 0; j < n; j++)
        if (c[j] < 1)
            support_add(m, WOK + j * m, sqrt(1 - c[j] * c[j]), Q + m * used++);
    double *const Ot = support_zeros(n * n);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            Ot[i + j * n] = O[j + i * n];
    double *const M = support_mul(m, n, n, WOK, Ot);
    free(c), free(K), free(Q), free(O), free(OK), free(WOK), free(Ot);
    return M;
}

/* Symmetric, rank eigenvalues in [0.1, 1.1), the rest 0 */
static double *semidefinite(struct rng *r, size_t n, size_t rank, double *trace) {
    double *const O = support_orthonormal(r, n, n, NULL, 0), *const P = support_zeros(n * n);
    *trace = 0;
    for (size_t k = 0; k < rank; k++) {
        const double value = 0.1 + rng_uniform(r);
        *trace += value;
        for (size_t j = 0; j < n; j++)
            support_add(n, P + j * n, value * O[j + k * n], O + k * n);
    }
    free(O);
    return P;
}

struct support_problem support_problem_known(uint64_t seed, size_t m, size_t n, size_t rank, double radius,
                                             double *optimum) {
    struct rng r = support_rng(seed);
    double trace, *const W = support_orthonormal(&r, m, n, NULL, 0), *const M = tangent_frame(&r, m, n, W);
    double *const P = semidefinite(&r, n, rank, &trace), *const X = support_symmetric(&r, n);
    double *const G = support_mul(m, n, n, M, P), *const WX = support_mul(m, n, n, W, X);
    support_add(m * n, G, -1, WX);
    struct support_problem p = support_problem_from(m, n, W, G, SUPPORT_F64_COLUMNS);
    memcpy(p.X, X, n * n * sizeof *X);
    for (size_t i = 0; i < m * n; i++)
        ((double *)p.A.data)[i] = -radius * M[i];
    *optimum = radius * trace;
    free(W), free(M), free(P), free(X), free(G), free(WX);
    return p;
}
