#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <string.h>

/* ?syevd wants 1 + 6 n + 2 n^2 reals and 3 + 5 n integers; the integers go behind the reals. */
static size_t eig_reals(size_t n) {
    return 1 + 6 * n + 2 * n * n;
}

static size_t eig_integers(size_t n) {
    return 3 + 5 * n;
}

size_t lin_eig_work(size_t n) {
    return eig_reals(n) + (eig_integers(n) * sizeof(lapack_int) + sizeof(real) - 1) / sizeof(real);
}

bool lin_eig(size_t n, const real *H, real *lambda, real *V, real *work) {
    const lapack_int k = (lapack_int)n;
    if (V != H)
        memcpy(V, H, n * n * sizeof *V);
    return LAPACKE(syevd)(LAPACK_COL_MAJOR, 'V', 'L', k, V, k, lambda, work, (lapack_int)eig_reals(n),
                          (lapack_int *)(void *)(work + eig_reals(n)), (lapack_int)eig_integers(n)) == 0;
}

bool lin_eig_values(size_t n, real *H, real *lambda, real *work) {
    const lapack_int k = (lapack_int)n;
    return LAPACKE(syevd)(LAPACK_COL_MAJOR, 'N', 'L', k, H, k, lambda, work, (lapack_int)eig_reals(n),
                          (lapack_int *)(void *)(work + eig_reals(n)), (lapack_int)eig_integers(n)) == 0;
}

void lin_eig_function(size_t n, const real *V, const real *f, real *F, real *scratch) {
    lin_scale_columns(n, V, f, scratch); /* V diag(f) */
    lin_mul_nt(n, scratch, V, F);        /* (V diag(f)) V' */
    lin_sym(n, F);
}
