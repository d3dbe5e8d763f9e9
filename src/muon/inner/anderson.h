/* Anderson acceleration (1965) of a fixed point x = F(x). */
#ifndef TRM_MUON_ANDERSON_H
#define TRM_MUON_ANDERSON_H

#include "muon/inner/pool.h"

struct muon_anderson {
    size_t count;          /* elements of x */
    real *dX, *dF;         /* count x 10, rings in no order, which least squares do not mind */
    real *x_last, *f_last; /* count */
    real *gram;            /* 10 x 10, dF'dF */
    size_t points;         /* seen since the history was forgotten */
};

void muon_anderson_place(struct muon_anderson *history, size_t count, struct muon_pool *pool);
/* Forget the history. */
void muon_anderson_forget(struct muon_anderson *history);
/* x <- the accelerated next point, from x and its residual f = F(x) - x. */
void muon_anderson_step(struct muon_anderson *history, real *x, const real *f);
/* Take a point and its residual into the history, and no step. */
void muon_anderson_recall(struct muon_anderson *history, const real *x, const real *f);
/* How many points the history tells of, and the one that was `back` before the last, with its residual. */
size_t muon_anderson_points(const struct muon_anderson *history);
void muon_anderson_point(const struct muon_anderson *history, size_t back, real *x, real *f);

#endif
