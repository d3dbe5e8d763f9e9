/* One solve: load and reduce, iterate a method until the reduced gap is small, build A, certify it. */
#include "muon/solver.h"
#include "muon/answer.h"

#include "base/clock.h"
#include "base/threads.h"
#include "linalg/linalg.h"
#include "muon/matrix.h"
#include "muon/precision.h"
#include "muon/primal_step.h"
#include "muon/solver_float.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The tol, in units of muon_reduction_error, below which W'W is told from I. */
static const double refine_below = 200.0;

void muon_solver_set_lr(struct muon_solver *solver, double lr) {
    solver->options.lr = lr;
}

void muon_solver_set_turn(struct muon_solver *solver, double solves) {
    const double skipped = solver->options.uncertified;
    solver->turn = isfinite(skipped) ? fmod(solves + skipped, skipped + 1.0) : 0.0;
}

bool muon_solver_in_float(const struct muon_solver *solver) {
    return solver->in_float != NULL;
}

static bool one_shot(const struct muon_solver *s) {
    return s->id == MUON_SOLVER_spectral_clip || s->id == MUON_SOLVER_msign_tangent;
}

/* The certificate disagrees: from here on with the W'W that is. X = scale (X' - sym(S)) stays, and S changes. */
static bool restart_refined(struct muon_solver *s) {
    const struct muon_reduction *const plain = s->search.r.reduction;
    if (!(muon_reduction_error(s->search.r.problem, plain) > 1e-12))
        return false;
    muon_problem_refine(s->search.r.problem, &s->refined, s->search.r.T);
    for (size_t i = 0; i < s->n * s->n; i++)
        s->X[i] = s->search.r.X_best[i] + s->refined.S[i] - plain->S[i];
    s->search.r.reduction = &s->refined;
    muon_search_begin(&s->search, s->X);
    s->search.r.target_gap = muon_answer_target(s);
    return true;
}

/* Iterate until the certificate at exit is at most tol. The reduced gap is believed to a fifth of tol; where the
   certificate disagrees the reduction is refined, then the target lowered, and the method goes on. */
static bool iterate(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    struct muon_reduced *const r = &s->search.r;
    r->target_gap = muon_answer_target(s);
    for (;;) {
        muon_search_go_on(&s->search, &info->iterations, s->options.max_iter);
        const double gap = s->loop_gap = muon_reduced_gap(r);
        if (r->failed || !muon_answer_conclude(s, A, info))
            return false;
        const bool ended = gap <= r->target_gap || r->stalled; /* not by max_iter alone */
        if (muon_answer_is_good(s, info)) {
            info->outcome = MUON_converged;
            return true;
        }
        if (ended && !one_shot(s) && info->iterations < s->options.max_iter && restart_refined(s))
            continue;
        if (r->stalled || info->iterations >= s->options.max_iter) {
            info->outcome = r->stalled ? MUON_stalled : MUON_max_iter;
            return true;
        }
        r->target_gap = 0.25 * fmin(r->target_gap, fabs(gap));
    }
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
    memset(s->search.r.X_best, 0, nn * sizeof *s->search.r.X_best);
    memset(s->search.r.B_best, 0, nn * sizeof *s->search.r.B_best);
    memset(s->search.r.C_best, 0, nn * sizeof *s->search.r.C_best);
    const bool done = muon_answer_conclude(s, A, info);
    info->outcome = MUON_zero;
    info->gap = info->gap_tangent = info->gap_full = 0.0;
    return done;
}

/* A step that goes uphill, by its rounding, is worse than A = 0. */
static bool stay(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    memset(s->A, 0, s->m * s->n * sizeof *s->A);
    memset(s->sigma, 0, s->n * sizeof *s->sigma);
    muon_matrix_write(s->A, A);
    return muon_answer_certify(s, A, info);
}

/* The unconstrained control: A = -b msign(G), X = 0. */
static bool plain_muon(struct muon_solver *s, struct muon_matrix *A, struct muon_info *info) {
    memset(s->X, 0, s->n * s->n * sizeof *s->X);
    const struct muon_problem *const p = s->search.r.problem;
    if (!muon_primal_step_msign(p, s->search.r.radius, s->A, s->sigma, s->step_work))
        return false;
    muon_matrix_write(s->A, A);
    info->iterations = 1;
    const bool done = muon_answer_certify(s, A, info);
    info->outcome = !s->certifying || info->gap <= s->options.tol ? MUON_converged : MUON_stalled;
    return done;
}

/* p and d bound one another: a gap below 0 is rounding, most of it that of A, without which gap_tangent is. */
static void take_rounding_off(struct muon_info *info) {
    if (info->gap_tangent < 0.0)
        info->gap_tangent = 0.0;
    if (info->gap < 0.0)
        info->gap = info->gap_tangent;
    if (info->gap_full < 0.0)
        info->gap_full = info->gap;
}

static const char *wrong_call(const struct muon_solver *s, double radius, const struct muon_matrix *A) {
    if (!(radius > 0.0 && radius <= 1e100))
        return "the radius must be positive and finite";
    if (A->dtype == MUON_F32 && !(radius >= 1e-30 && radius <= 1e30))
        return "the radius must be 1e-30 to 1e30 for a step in float32";
    if (A->data == NULL)
        return "A has no data";
    return A->rows != s->m || A->cols != s->n ? "A has another shape than W" : NULL;
}

/* In double, where `start` may be the X' that float found. */
static bool solve_in_double(struct muon_solver *s, const double *start, struct muon_matrix *A,
                            struct muon_info *info) {
    const struct muon_problem *const problem = s->search.r.problem;
    s->search.r.reduction = &problem->reduction;
    if (s->id == MUON_SOLVER_muon)
        return plain_muon(s, A, info);
    if (muon_reduction_error(problem, s->search.r.reduction) * refine_below > s->options.tol) {
        muon_problem_refine(problem, &s->refined, s->search.r.T);
        s->search.r.reduction = &s->refined;
    }
    if (muon_problem_is_zero(problem, s->search.r.reduction))
        return answer_zero(s, A, info);
    if (one_shot(s))
        s->search.r.reduction = &problem->reduction; /* which they read as it is (one_shot.c) */
    s->searched = !one_shot(s);
    if (info->iterations > 0 && s->begins_in_float)
        muon_solver_float_resume(s, info->iterations);
    else
        muon_search_begin(&s->search, one_shot(s) ? NULL : start);
    return iterate(s, A, info) && (info->primal >= 0.0 || stay(s, A, info));
}

enum trm_status muon_solver_solve_loaded(struct muon_solver *s, struct muon_problem *problem, double radius,
                                         const double *start, struct muon_matrix *A, double *X,
                                         struct muon_info *info) {
    const double began = clock_seconds();
    const char *const wrong = wrong_call(s, radius, A);
    *info = (struct muon_info){.outcome = MUON_failed};
    if (wrong != NULL)
        return refuse(info, A->data != NULL && (A->rows != s->m || A->cols != s->n) ? TRM_SHAPE : TRM_INVALID,
                      wrong);
    s->search.r.radius = radius;
    s->search.r.problem = problem;
    s->certifying = !(s->turn < s->options.uncertified);
    s->turn = s->certifying ? 0.0 : s->turn + 1.0;
    const double wanted = s->begins_in_float ? muon_float_rough : s->options.tol;
    const bool in_float =
        s->in_float != NULL && problem->in_float && muon_float_suffices(&problem->panel, wanted);
    s->searched = in_float;
    if (in_float && s->begins_in_float)
        muon_solver_float_begin(s, start, info);
    if (!in_float || s->begins_in_float || !muon_solver_float_solve(s, start, A, info)) {
        const enum trm_status status = muon_problem_widen(problem, info->reason, sizeof info->reason);
        if (status != TRM_OK)
            return refuse(info, status, trm_status_text(status));
        if (!solve_in_double(s, in_float && !s->begins_in_float ? s->X_start : start, A, info))
            return refuse(info, TRM_NUMERIC, "a number overflows, or LAPACK did not converge");
    }
    take_rounding_off(info);
    if (!s->certifying && info->outcome == MUON_converged)
        info->outcome = MUON_uncertified;
    if (X != NULL)
        memcpy(X, s->X, s->n * s->n * sizeof *X);
    info->seconds = clock_seconds() - began;
    return TRM_OK;
}

/* X' = X / scale + sym(S), the inverse of X = scale (X' - sym(S)); in s->X */
static const double *reduced(struct muon_solver *s, const double *X) {
    const struct muon_problem *const p = s->own_problem;
    muon_problem_normal_part(p, s->X);
    for (size_t i = 0; i < s->n * s->n; i++)
        s->X[i] += X[i] / p->scale;
    return s->X;
}

const double *muon_solver_dual_point(const struct muon_solver *s) {
    return s->searched ? s->search.r.X_best : NULL;
}

/* A second thread gains a tenth at n = 128, and beside other work on the same processors costs many times the whole:
   every product waits for the slower thread. What float saves pays for doing without one further on. */
static size_t threads_worth(const struct muon_solver *s) {
    return s->n <= (s->in_float != NULL && !s->begins_in_float ? 512 : 192) ? 1 : 0;
}

enum trm_status muon_solver_solve(struct muon_solver *s, const struct muon_matrix *W,
                                  const struct muon_matrix *G, double radius, const double *warm,
                                  struct muon_matrix *A, double *X, struct muon_info *info) {
    const double began = clock_seconds();
    *info = (struct muon_info){.outcome = MUON_failed};
    const struct threads_before before = threads_enter(threads_worth(s));
    enum trm_status status =
        s->in_float != NULL ? muon_problem_load_float(s->own_problem, W, G, info->reason, sizeof info->reason)
                            : muon_problem_load(s->own_problem, W, G, s->id != MUON_SOLVER_muon, info->reason,
                                                sizeof info->reason);
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
