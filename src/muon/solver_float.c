#include "muon/solver_float.h"

#include "base/statistics.h"
#include "linalg/linalg.h"
#include "muon/answer.h"
#include "muon/inner/quasi_newton.h"
#include "muon/matrix.h"
#include "muon/precision.h"
#include "muon/primal_step.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* What a length in float is short of 1 by, so that rounding does not take A out of the ball. */
static double shortened(const struct muon_solver *s) {
    return 1.0 - 4.0 * FLT_EPSILON * sqrt((double)s->n);
}

/* A from the best B and C of the search, tangent and on the boundary; returns the length it had before, not above 0
   where there is none. */
static double step_in_float(struct muon_solver *s, struct muon_matrix *A) {
    float *const step = muon_float_search_step(s->in_float);
    const double length =
        muon_primal_step_float(s->search.r.problem, s->search.r.k, step, s->sigma, s->A, s->step_work);
    if (!(length > 0.0))
        return 0.0;
    const double factor = s->search.r.radius * shortened(s) / length;
    muon_matrix_write_float(step, -factor, A);
    for (size_t j = 0; j < s->n; j++)
        s->sigma[j] *= factor;
    return length;
}

bool muon_solver_float_solve(struct muon_solver *s, const double *start, struct muon_matrix *A,
                             struct muon_info *info) {
    enum { targets = 2 };
    struct muon_problem *const p = s->search.r.problem;
    double target = muon_answer_target(s), gap = 1.0;
    bool stalled = false, done = false;
    muon_float_search_begin(s->in_float, &p->panel, s->search.r.radius, target, start);
    for (int i = 0; i < targets && !stalled && !done && info->iterations < s->options.max_iter; i++) {
        if (!muon_float_search_go_on(s->in_float, &info->iterations, s->options.max_iter, &gap, &stalled))
            break;
        muon_float_search_dual_point(s->in_float, s->search.r.X_best);
        muon_problem_normal_part(p, s->search.r.T);
        muon_answer_X(s, p->scale, s->search.r.T);
        struct muon_float_bound bound;
        /* Inside a parallel region a thread that is idle takes this; elsewhere it is done here. */
#pragma omp task default(none) shared(s, bound)
        bound = muon_answer_bound(s);
        const double length = step_in_float(s, A);
#pragma omp taskwait
        if (!(length > 0.0) ||
            (!muon_answer_certify_float(s, bound, A, info) && !muon_answer_certify(s, A, info)))
            break;
        /* its length was estimated until now; without a certificate this is the gap */
        s->loop_gap = 1.0 - (1.0 - gap) * shortened(s) / fmax(1.0, length);
        done = muon_answer_is_good(s, info);
        target = 0.25 * fmin(target, fabs(gap));
        muon_float_search_aim(s->in_float, target);
    }
    info->outcome = done ? MUON_converged : MUON_max_iter;
    memcpy(s->X_start, s->search.r.X_best, s->n * s->n * sizeof *s->X_start);
    return done || (info->iterations >= s->options.max_iter && info->primal > 0.0);
}

bool muon_solver_float_begin(struct muon_solver *s, const double *start, struct muon_info *info) {
    enum { left = 4 }; /* iterations, to double at least */
    const struct muon_panel *const panel = &s->search.r.problem->panel;
    if (!(muon_panel_outside(panel) > muon_float_outside))
        return false;
    muon_float_search_begin(s->in_float, panel, s->search.r.radius, 0.0, start);
    if (muon_float_search_scout(s->in_float, &info->iterations, s->options.max_iter - left, s->X_start) &&
        statistics_finite(s->n * s->n, s->X_start))
        return true;
    info->iterations = 0;
    return false;
}

void muon_solver_float_resume(struct muon_solver *s, size_t iterations) {
    const struct muon_reduced *const r = &s->search.r;
    muon_search_begin_at(&s->search, s->X_start);
    muon_quasi_newton_resume(s->search.state, iterations, muon_float_search_smoothing(s->in_float),
                             muon_float_search_is_newton(s->in_float));
    for (size_t back = muon_float_search_points(s->in_float); back-- > 0;) {
        muon_float_search_point(s->in_float, back, r->B, r->C);
        muon_quasi_newton_recall(s->search.state, r->B, r->C);
    }
}
