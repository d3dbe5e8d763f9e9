/* One solve: load and reduce, iterate a method until the reduced gap is small, build A, certify it. */
#include "muon/solver.h"
#include "muon/solver_state.h"

#include "base/clock.h"
#include "base/threads.h"
#include "linalg/linalg.h"
#include "muon/certificate.h"
#include "muon/primal_step.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of tol, at which the loop stops on its own gap; and the tol, in units of muon_reduction_error, below which W'W is
   told from I. */
static const double loop_share = 0.8, refine_below = 200.0;

void muon_solver_set_lr(struct muon_solver *solver, double lr) {
    solver->options.lr = lr;
}

static bool one_shot(const struct muon_solver *s) {
    return s->id == MUON_SOLVER_spectral_clip || s->id == MUON_SOLVER_msign_tangent;
}

/* Begin at X', where its dual value beats that of X' = 0. */
static void start_from(struct muon_solver *s, const double *start, double cold_dual) {
    const size_t nn = s->n * s->n;
    memcpy(s->r.X, start, nn * sizeof *s->r.X);
    lin_sym(s->n, s->r.X);
    const double dual = muon_reduced_dual_value(&s->r, s->r.X);
    if (dual < cold_dual && !s->r.failed) {
        muon_reduced_update_dual(&s->r, dual, s->r.X);
        return;
    }
    memset(s->r.X, 0, nn * sizeof *s->r.X); /* NaN included */
    s->r.failed = false;
}

static void begin(struct muon_solver *s, const double *start) {
    struct muon_reduced *const r = &s->r;
    r->R = NULL;
    r->dual = INFINITY;
    r->primal = 0.0; /* of A = 0 */
    r->gap_per_square = 10.0;
    r->stalled = r->failed = r->unscaled = false;
    memset(r->B_best, 0, s->n * s->n * sizeof *r->B_best);
    memset(r->C_best, 0, s->n * s->n * sizeof *r->C_best);
    memset(r->X, 0, s->n * s->n * sizeof *r->X);
    const double cold_dual = muon_reduced_dual_value(r, r->X); /* and the spectrum of Gamma */
    muon_reduced_update_dual(r, cold_dual, r->X);
    r->mean_sigma = 0.0;
    for (size_t i = 0; i < s->n; i++)
        r->mean_sigma += sqrt(fmax(r->sigma[i], 0.0)) / (double)s->n;
    if (start != NULL)
        start_from(s, start, cold_dual);
    s->method->start(s->state, r);
}

/* X = scale (X' - sym(S)) of the best X', then A from the best B and C, then the certificate. */
static bool conclude(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    const struct muon_problem *const p = s->r.problem;
    const size_t nn = s->n * s->n;
    for (size_t i = 0; i < nn; i++)
        s->X[i] = p->scale * (s->r.X_best[i] - s->r.reduction->S[i]);
    lin_sym(s->n,
            s->X); /* X_best is symmetric to rounding only: some kernels of BLAS sum V D V' in two orders */
    if (!muon_primal_step(p, s->r.reduction, s->r.B_best, s->r.C_best, s->r.k, s->r.unscaled, s->r.radius,
                          s->A, s->step_work))
        return false;
    muon_matrix_write(s->A, A);
    return muon_certify(&p->W_given, &p->G_given, A, s->X, s->r.radius, s->r.k, s->certificate_work, info);
}

static bool certified(const struct muon_solver *s, const struct muon_info *info) {
    return fmax(info->gap, info->gap_tangent) <= s->options.tol;
}

/* The certificate disagrees: from here on with the W'W that is. X = scale (X' - sym(S)) stays, and S changes. */
static bool restart_refined(struct muon_solver *s) {
    const struct muon_reduction *const plain = s->r.reduction;
    if (!(muon_reduction_error(s->r.problem, plain) > 1e-12))
        return false;
    muon_problem_refine(s->r.problem, &s->refined, s->r.T);
    for (size_t i = 0; i < s->n * s->n; i++)
        s->X[i] = s->r.X_best[i] + s->refined.S[i] - plain->S[i];
    s->r.reduction = &s->refined;
    begin(s, s->X);
    s->r.target_gap = loop_share * s->options.tol;
    return true;
}

/* Iterate until the certificate at exit is at most tol. The reduced gap is believed to a fifth of tol; where the
   certificate disagrees the reduction is refined, then the target lowered, and the method goes on. A reduced gap below
   -1e-9 says that N lost digits and is no progress: the certificate alone decides then. */
static bool iterate(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    struct muon_reduced *const r = &s->r;
    double best = INFINITY;
    size_t improved_at = 0;
    bool concluded = false;
    r->target_gap = loop_share * s->options.tol;
    info->outcome = MUON_max_iter;
    while (info->iterations < s->options.max_iter) {
        s->method->iterate(s->state, r);
        info->iterations++;
        concluded = false;
        if (r->failed)
            return false;
        const double gap = muon_reduced_gap(r);
        if (gap < 0.999 * best && gap > -1e-9) {
            best = gap;
            improved_at = info->iterations;
        }
        r->stalled = r->stalled || info->iterations - improved_at >= 50;
        if (gap > r->target_gap && !r->stalled)
            continue;
        if (!conclude(s, A, info))
            return false;
        concluded = true;
        if (!certified(s, info) && !one_shot(s) && restart_refined(s)) {
            best = INFINITY;
            improved_at = info->iterations;
            continue;
        }
        if (certified(s, info) || r->stalled) {
            info->outcome = certified(s, info) ? MUON_converged : MUON_stalled;
            return true;
        }
        r->target_gap = 0.25 * fmin(r->target_gap, fabs(gap));
    }
    if (!concluded && !conclude(s, A, info))
        return false;
    if (certified(s, info))
        info->outcome = MUON_converged;
    return true;
}

static enum trm_status refuse(struct muon_info *info, enum trm_status status, const char *reason) {
    info->outcome = MUON_failed;
    if (info->reason[0] == '\0')
        snprintf(info->reason, sizeof info->reason, "%s", reason);
    return status;
}

/* A = 0 and X = -sym(S), optimal where Gamma = 0 */
static bool answer_zero(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    const size_t nn = s->n * s->n;
    memset(s->r.X_best, 0, nn * sizeof *s->r.X_best);
    memset(s->r.B_best, 0, nn * sizeof *s->r.B_best);
    memset(s->r.C_best, 0, nn * sizeof *s->r.C_best);
    const bool done = conclude(s, A, info);
    info->outcome = MUON_zero;
    info->gap = info->gap_tangent = info->gap_full = 0.0;
    return done;
}

/* A step that goes uphill, by its rounding, is worse than A = 0. */
static bool stay(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    const struct muon_problem *const p = s->r.problem;
    memset(s->A, 0, s->m * s->n * sizeof *s->A);
    muon_matrix_write(s->A, A);
    return muon_certify(&p->W_given, &p->G_given, A, s->X, s->r.radius, s->r.k, s->certificate_work, info);
}

/* The unconstrained control: A = -b msign(G), X = 0. */
static bool plain_muon(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    memset(s->X, 0, s->n * s->n * sizeof *s->X);
    const struct muon_problem *const p = s->r.problem;
    if (!muon_primal_step_msign(p, s->r.radius, s->A, s->step_work))
        return false;
    muon_matrix_write(s->A, A);
    info->iterations = 1;
    const bool done =
        muon_certify(&p->W_given, &p->G_given, A, s->X, s->r.radius, s->n, s->certificate_work, info);
    info->outcome = info->gap <= s->options.tol ? MUON_converged : MUON_stalled;
    return done;
}

/* p and d bound one another: a gap below 0 is rounding, most of it that of A, without which gap_tangent is. */
static void take_rounding_off(struct muon_info *info) {
    info->gap_tangent = fmax(info->gap_tangent, 0.0);
    if (info->gap < 0.0)
        info->gap = info->gap_tangent;
    if (info->gap_full < 0.0)
        info->gap_full = info->gap;
}

enum trm_status muon_solver_solve_loaded(struct muon_solver *s, const struct muon_problem *problem,
                                         double radius, const double *start, struct muon_matrix *A, double *X,
                                         struct muon_info *info) {
    const double began = clock_seconds();
    *info = (struct muon_info){.outcome = MUON_failed};
    if (!(radius > 0.0 && radius <= 1e100))
        return refuse(info, TRM_INVALID, "the radius must be positive and finite");
    if (A->dtype == MUON_F32 && !(radius >= 1e-30 && radius <= 1e30))
        return refuse(info, TRM_INVALID, "the radius must be 1e-30 to 1e30 for a step in float32");
    if (A->data == NULL)
        return refuse(info, TRM_INVALID, "A has no data");
    if (A->rows != s->m || A->cols != s->n)
        return refuse(info, TRM_SHAPE, "A has another shape than W");
    s->r.radius = radius;
    s->r.problem = problem;
    s->r.reduction = &problem->reduction;
    if (s->id != MUON_SOLVER_muon &&
        muon_reduction_error(problem, s->r.reduction) * refine_below > s->options.tol) {
        muon_problem_refine(problem, &s->refined, s->r.T);
        s->r.reduction = &s->refined;
    }
    bool done;
    s->searched = false;
    if (s->id == MUON_SOLVER_muon) {
        done = plain_muon(s, A, info);
    } else if (muon_problem_is_zero(problem, s->r.reduction)) {
        done = answer_zero(s, A, info);
    } else {
        if (one_shot(s))
            s->r.reduction = &problem->reduction; /* which they read as it is (one_shot.c) */
        s->searched = !one_shot(s);
        begin(s, one_shot(s) ? NULL : start);
        done = iterate(s, A, info) && (info->primal >= 0.0 || stay(s, A, info));
    }
    if (!done)
        return refuse(info, TRM_NUMERIC, "a number overflows, or LAPACK did not converge");
    take_rounding_off(info);
    if (X != NULL)
        memcpy(X, s->X, s->n * s->n * sizeof *X);
    info->seconds = clock_seconds() - began;
    return TRM_OK;
}

/* X' = X / scale + sym(S), the inverse of X = scale (X' - sym(S)); in s->X */
static const double *reduced(struct muon_solver *s, const double *X) {
    const struct muon_problem *const p = s->own_problem;
    for (size_t i = 0; i < s->n * s->n; i++)
        s->X[i] = X[i] / p->scale + p->reduction.S[i];
    return s->X;
}

const double *muon_solver_dual_point(const struct muon_solver *s) {
    return s->searched ? s->r.X_best : NULL;
}

/* A second thread gains a tenth at n = 128, and beside other work on the same processors costs many times the whole:
   every product waits for the slower thread. */
static size_t threads_worth(const struct muon_solver *s) {
    return s->n <= 192 ? 1 : 0;
}

enum trm_status muon_solver_solve(struct muon_solver *s, const struct muon_matrix *W,
                                  const struct muon_matrix *G, double radius, const double *warm,
                                  struct muon_matrix *A, double *X, struct muon_info *info) {
    const double began = clock_seconds();
    *info = (struct muon_info){.outcome = MUON_failed};
    const struct threads_before before = threads_enter(threads_worth(s));
    enum trm_status status =
        muon_problem_load(s->own_problem, W, G, s->id != MUON_SOLVER_muon, info->reason, sizeof info->reason);
    if (status != TRM_OK) {
        refuse(info, status, trm_status_text(status));
    } else {
        const double *const start = warm != NULL && s->own_problem->scale > 0.0 ? reduced(s, warm) : NULL;
        status = muon_solver_solve_loaded(s, s->own_problem, radius, start, A, X, info);
        info->seconds = clock_seconds() - began;
    }
    threads_leave(before);
    return status;
}
