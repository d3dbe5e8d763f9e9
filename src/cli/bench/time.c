#include "cli/bench/time.h"

#include "base/clock.h"

enum { FIRST_BUDGET = 16 };

/* One solve; *outcome says how it ended. */
static enum trm_status solve_once(const struct bench_problem *p, struct muon_solver *solver, double radius,
                                  struct bench_time *time, enum muon_outcome *outcome,
                                  struct trm_error *error) {
    struct muon_matrix A = p->A;
    struct muon_info info;
    const double began = clock_seconds();
    const enum trm_status status = muon_solver_solve(solver, &p->W, &p->G, radius, NULL, &A, NULL, &info);
    const double ms = 1e3 * (clock_seconds() - began);
    if (status != TRM_OK)
        return trm_fail(error, status, "%s: %s", p->name, info.reason);
    *outcome = info.outcome;
    *time = (struct bench_time){.ms = ms,
                                .gap = info.gap,
                                .iterations = info.iterations,
                                .reached = info.outcome == MUON_converged || info.outcome == MUON_zero};
    return TRM_OK;
}

/* The first solve with this budget and, where it reaches the tolerance, the fastest of its repeats. */
static enum trm_status try_budget(const struct bench_problem *p, int id, const struct muon_options *options,
                                  const struct bench_limits *limits, struct bench_time *time,
                                  enum muon_outcome *outcome, struct trm_error *error) {
    const double began = clock_seconds();
    struct muon_solver *solver;
    enum trm_status status =
        muon_solver_create(&solver, muon_solver_name(id), p->W.rows, p->W.cols, options, error);
    if (status == TRM_OK)
        status = solve_once(p, solver, limits->radius, time, outcome, error);
    for (size_t i = 1; status == TRM_OK && time->reached && i < limits->repeats &&
                       clock_seconds() - began < limits->seconds;
         i++) {
        struct bench_time again;
        status = solve_once(p, solver, limits->radius, &again, outcome, error);
        if (status == TRM_OK && again.reached && again.ms < time->ms)
            *time = again;
    }
    muon_solver_destroy(solver);
    return status;
}

enum trm_status bench_time_solver(const struct bench_problem *problem, int solver,
                                  const struct bench_limits *limits, const double *tolerances, size_t count,
                                  struct bench_time *times, struct trm_error *error) {
    struct muon_options options = muon_options_default(solver);
    options.max_iter = FIRST_BUDGET < limits->max_iter ? FIRST_BUDGET : limits->max_iter;
    for (size_t i = 0; i < count; i++) {
        options.tol = tolerances[i];
        for (;;) {
            enum muon_outcome outcome = MUON_failed;
            const enum trm_status status =
                try_budget(problem, solver, &options, limits, &times[i], &outcome, error);
            if (status != TRM_OK)
                return status;
            if (outcome != MUON_max_iter || options.max_iter == limits->max_iter ||
                2e-3 * times[i].ms > limits->seconds)
                break;
            const bool room = options.max_iter <= limits->max_iter / 2;
            options.max_iter = room ? 2 * options.max_iter : limits->max_iter;
        }
        if (!times[i].reached) {
            for (size_t j = i + 1; j < count; j++)
                times[j] = times[i];
            break;
        }
    }
    for (size_t i = count - 1; i > 0; i--) /* what reached a tighter gap reached the looser one, too */
        if (times[i].reached && times[i].ms < times[i - 1].ms)
            times[i - 1] = times[i];
    return TRM_OK;
}
