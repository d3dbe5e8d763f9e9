#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
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

/* A start that is no eigenvector of what people have: signs without a pattern, by a linear congruence. */
static void scatter(size_t n, real *v) {
    unsigned state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        v[i] = (real)((state & 0x80000000u) != 0 ? 1.0 : -1.0) / (real)sqrt((double)n);
    }
}

double lin_largest_eigenvalue(size_t n, const real *A, real *work) {
    enum { steps = 12 };
    const blasint k = (blasint)n;
    real *v = work, *w = v + n, *before = w + n;
    double alpha[steps], beta[steps], V[steps * steps], scratch[2 * steps];
    lapack_int done = 0;
    scatter(n, v);
    do {
        CBLAS(symv)(CblasColMajor, CblasLower, k, 1, A, k, v, 1, 0, w, 1); /* w = A v */
        alpha[done] = lin_dot(n, v, w);
        CBLAS(axpy)(k, (real)-alpha[done], v, 1, w, 1);
        if (done > 0)
            CBLAS(axpy)(k, (real)-beta[done - 1], before, 1, w, 1);
        const double length = lin_norm(n, w);
        beta[done++] = length;
        if (!(length > 1e2 * REAL_EPSILON * fabs(alpha[0])))
            break;
        CBLAS(scal)(k, (real)(1.0 / length), w, 1);
        real *const next = before;
        before = v, v = w, w = next;
    } while (done < steps && (size_t)done < n);
    const double left = beta[done - 1];
    if (LAPACKE_dsteqr_work(LAPACK_COL_MAJOR, 'I', done, alpha, beta, V, steps, scratch) != 0)
        return NAN;
    return alpha[done - 1] +
           left * fabs(V[done - 1 + (done - 1) * steps]); /* within that lies an eigenvalue */
}

void lin_eig_function(size_t n, const real *V, const real *f, real *F, real *scratch) {
    lin_scale_columns(n, V, f, scratch); /* V diag(f) */
    lin_mul_nt(n, scratch, V, F);        /* (V diag(f)) V' */
    lin_sym(n, F);
}
