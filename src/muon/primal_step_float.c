/* Its Gram matrix is taken before the shift A <- A - W T, T = sym(W'A), that makes it tangent: the eigenvalues, which one
   thread finds, and T, which another one can make meanwhile, then need not wait for one another. The shift changes no
   singular value by more than ||W T||_2 <= ||T||_F (Weyl), nearly all of which is rounding. */
#include "muon/primal_step.h"

#include "linalg/linalg.h"
#include "muon/matrix.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>

static const double small = 1e-2; /* of the largest singular value: float sees those below as rounding */
static const double moved = 1e-4; /* of it: a shift that singular values need not be measured after */

/* Singular values, descending, from the lower triangle of a Gram matrix in float, which is destroyed. work: 3 n + 1. */
static bool spectrum(size_t n, float *Gram, double *sigma, float *work) {
    const lapack_int k = (lapack_int)n;
    float *const lambda = work, *const own = lambda + n;
    lapack_int unused[1];
    if (LAPACKE_ssyevd_work(LAPACK_COL_MAJOR, 'N', 'L', k, Gram, k, lambda, own, 2 * k + 1, unused, 1) != 0)
        return false;
    for (size_t i = 0; i < n; i++)
        sigma[i] = sqrt(fmax((double)lambda[n - 1 - i], 0.0));
    return true;
}

/* In double, where the smallest values are. wide: m x n; work: n x n + 3 n + 1 */
static bool spectrum_in_double(size_t m, size_t n, const float *A, double *sigma, double *wide,
                               double *work) {
    double *const Gram = work, *const lambda = Gram + n * n;
    for (size_t i = 0; i < m * n; i++)
        wide[i] = (double)A[i];
    lin_tall_gram(m, n, wide, Gram);
    if (!lin_eig_values(n, Gram, lambda, lambda + n))
        return false;
    for (size_t i = 0; i < n; i++)
        sigma[i] = sqrt(fmax(lambda[n - 1 - i], 0.0));
    return true;
}

/* shift = sym(W'A) in float; returns its ||.||_F. T: n x n */
static double normal_part(struct muon_problem *p, const float *A, double *room, double *T, float *shift) {
    const size_t m = p->m, n = p->n;
    muon_matrix_read(&p->W_given, p->W);
    for (size_t i = 0; i < m * n; i++)
        room[i] = (double)A[i];
    lin_tall_inner(m, n, p->W, room, T);
    lin_sym(n, T);
    for (size_t i = 0; i < n * n; i++)
        shift[i] = (float)T[i];
    return lin_norm(n * n, T);
}

double muon_primal_step_float(struct muon_problem *p, size_t k, float *A, double *sigma, double *room,
                              double *work) {
    const size_t m = p->m, n = p->n;
    double *const T = work;
    float *const shift = (float *)(void *)(T + n * n), *const Gram = shift + n * n, *const own = Gram + n * n;
    bool measured = false;
    muon_panel_gram(&p->panel, A, Gram);
    /* Inside a parallel region a thread that is idle takes this; elsewhere it is done here. */
#pragma omp task default(none) shared(n, Gram, sigma, own, measured)
    measured = spectrum(n, Gram, sigma, own);
    const double change = normal_part(p, A, room, T, shift);
#pragma omp taskwait
    muon_panel_shift(&p->panel, shift, A);
    double longer = change;
    if (!measured || !(change <= moved * sigma[0]) || !(sigma[n - 1] > small * sigma[0])) {
        if (!spectrum_in_double(m, n, A, sigma, room, work))
            return NAN;
        longer = 0.0;
    }
    double nuclear = 0.0;
    for (size_t i = 0; i < n; i++)
        nuclear += sigma[i];
    return fmax(sigma[0] + longer, (nuclear + (double)n * longer) / (double)k);
}
