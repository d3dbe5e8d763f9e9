#include "cli/bench/random_problem.h"

#include "base/rng.h"

#include <lapacke.h>
#include <stdbool.h>
#include <stdlib.h>

enum { BLOCK = 64 }; /* columns that LAPACK takes at once: workspace is n * BLOCK */

static double *normal_matrix(size_t m, size_t n, struct rng *random) {
    double *const M = m <= SIZE_MAX / sizeof *M / n ? calloc(m * n, sizeof *M) : NULL;
    for (size_t i = 0; M != NULL && i < m * n; i++)
        M[i] = rng_normal(random);
    return M;
}

/* M <- Q of M = Q R (Householder) */
static bool orthonormalise(size_t m, size_t n, double *M) {
    const lapack_int rows = (lapack_int)m, columns = (lapack_int)n, room = columns * BLOCK;
    double *const work = calloc(n * (BLOCK + 1), sizeof *work), *const tau = work + n * BLOCK;
    const bool done =
        work != NULL && LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, rows, columns, M, rows, tau, work, room) == 0 &&
        LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, rows, columns, columns, M, rows, tau, work, room) == 0;
    free(work);
    return done;
}

enum trm_status random_problem(size_t m, size_t n, uint64_t seed, double **W, double **G,
                               struct trm_error *error) {
    struct rng random = rng_stream(seed, RNG_BENCH, m, n);
    *W = normal_matrix(m, n, &random);
    *G = normal_matrix(m, n, &random);
    if (*W != NULL && *G != NULL && orthonormalise(m, n, *W))
        return TRM_OK;
    free(*W);
    free(*G);
    *W = *G = NULL;
    return trm_fail(error, TRM_NO_MEMORY, "no memory for a problem of %zu x %zu; choose smaller ones", m, n);
}
