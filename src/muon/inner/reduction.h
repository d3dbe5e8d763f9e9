/* Problem (D) in n x n matrices (problem.h says how it comes about). */
#ifndef TRM_MUON_INNER_REDUCTION_H
#define TRM_MUON_INNER_REDUCTION_H

#include "muon/inner/pool.h"

struct muon_reduction {
    real *Gp;      /* m x n, G - W S; NULL in float */
    real *S;       /* n x n, W'G */
    real *Omega;   /* n x n, skew(S) */
    real *N;       /* n x n, Gp'Gp */
    const real *E; /* n x n, W'W - I, or NULL where it is taken as 0 */
};

/* Where its arrays lie. */
static inline void muon_reduction_place(struct muon_reduction *reduction, size_t m, size_t n,
                                        struct muon_pool *pool) {
    reduction->Gp = muon_pool_take(pool, m * n);
    reduction->S = muon_pool_take(pool, n * n);
    reduction->Omega = muon_pool_take(pool, n * n);
    reduction->N = muon_pool_take(pool, n * n);
}

#endif
