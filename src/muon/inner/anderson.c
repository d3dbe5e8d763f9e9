/* With the differences dX, dF of the last `memory` points and residuals (columns),

       gamma = argmin ||f - dF gamma||,   x <- x + f - (dX + dF) gamma.

   The least squares go through the memory x memory matrix dF'dF, of which a new pair changes one row: that costs a
   pass over the history, where a QR factorisation costs ten. Directions whose share is below 1e-13 of the largest
   are left out, so that a history of nearly equal differences does no harm.

     paper   x   f   dX   dF   gamma */
#include "muon/inner/anderson.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { memory = 10, small_work = 8 * memory };
static const double cutoff = 450 * REAL_EPSILON;

void muon_anderson_place(struct muon_anderson *h, size_t count, struct muon_pool *pool) {
    h->count = count;
    h->dX = muon_pool_take(pool, memory * count);
    h->dF = muon_pool_take(pool, memory * count);
    h->x_last = muon_pool_take(pool, count);
    h->f_last = muon_pool_take(pool, count);
    h->gram = muon_pool_take(pool, memory * memory);
}

void muon_anderson_forget(struct muon_anderson *h) {
    h->points = 0;
}

/* Put the newest difference into the ring; returns how many there are. */
static size_t remember(struct muon_anderson *h, const real *x, const real *f) {
    const size_t count = h->count, seen = h->points, pairs = seen < memory ? seen : memory;
    if (seen > 0) {
        const size_t at = (seen - 1) % memory;
        real *const dx = h->dX + at * count, *const df = h->dF + at * count;
        for (size_t i = 0; i < count; i++) {
            dx[i] = x[i] - h->x_last[i];
            df[i] = f[i] - h->f_last[i];
        }
        for (size_t k = 0; k < pairs; k++)
            h->gram[at + k * memory] = h->gram[k + at * memory] = lin_dot(count, df, h->dF + k * count);
    }
    memcpy(h->x_last, x, count * sizeof *x);
    memcpy(h->f_last, f, count * sizeof *f);
    h->points++;
    return pairs;
}

void muon_anderson_recall(struct muon_anderson *h, const real *x, const real *f) {
    remember(h, x, f);
}

size_t muon_anderson_points(const struct muon_anderson *h) {
    return h->points <= memory ? h->points : memory + 1;
}

void muon_anderson_point(const struct muon_anderson *h, size_t back, real *x, real *f) {
    const size_t count = h->count;
    memcpy(x, h->x_last, count * sizeof *x);
    memcpy(f, h->f_last, count * sizeof *f);
    for (size_t k = 0; k < back; k++) {
        const size_t at = (h->points - 2 - k) % memory;
        CBLAS(axpy)((blasint)count, -1, h->dX + at * count, 1, x, 1);
        CBLAS(axpy)((blasint)count, -1, h->dF + at * count, 1, f, 1);
    }
}

/* gamma = (dF'dF)^+ dF'f, in double; false where LAPACK fails. */
static bool least_squares(const struct muon_anderson *h, size_t pairs, const real *f, real *gamma) {
    double V[memory * memory], lambda[memory], c[memory], sum[memory] = {0}, work[small_work];
    for (size_t j = 0; j < pairs; j++) {
        c[j] = lin_dot(h->count, h->dF + j * h->count, f);
        for (size_t i = 0; i < pairs; i++)
            V[i + j * pairs] = h->gram[i + j * memory];
    }
    const lapack_int k = (lapack_int)pairs;
    if (LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', k, V, k, lambda, work, small_work) != 0)
        return false;
    for (size_t j = 0; j < pairs; j++) {
        if (!(lambda[j] > cutoff * lambda[pairs - 1]))
            continue;
        const double share = cblas_ddot((blasint)pairs, V + j * pairs, 1, c, 1) / lambda[j];
        cblas_daxpy((blasint)pairs, share, V + j * pairs, 1, sum, 1);
    }
    for (size_t j = 0; j < pairs; j++)
        gamma[j] = (real)sum[j];
    return true;
}

void muon_anderson_step(struct muon_anderson *h, real *x, const real *f) {
    const size_t count = h->count, pairs = remember(h, x, f);
    const blasint rows = (blasint)count, columns = (blasint)pairs;
    real gamma[memory];
    const bool mixed = pairs > 0 && least_squares(h, pairs, f, gamma);
    CBLAS(axpy)(rows, 1, f, 1, x, 1);
    if (!mixed)
        return;
    CBLAS(gemv)(CblasColMajor, CblasNoTrans, rows, columns, -1, h->dX, rows, gamma, 1, 1, x, 1);
    CBLAS(gemv)(CblasColMajor, CblasNoTrans, rows, columns, -1, h->dF, rows, gamma, 1, 1, x, 1);
}
