#include "steps.h"

#include "base/threads.h"
#include "muon/stiefel_step.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)STEPS_LAST == (int)STIEFEL_UPDATE_DOUBLES, "what is kept of an update");

struct stiefel_step *steps_create(size_t m, size_t n, const struct muon_sgd_options *options,
                                  struct trm_error *error) {
    const struct muon_matrix shape = {.rows = m, .cols = n};
    struct stiefel_step *const workspace = calloc(1, sizeof *workspace);
    const char *const wrong = muon_sgd_options_check(options);
    enum trm_status status = TRM_OK;
    if (workspace == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu weight", m, n);
    else if (wrong != NULL)
        status = trm_fail(error, TRM_INVALID, "%s", wrong);
    else
        status = stiefel_step_create(workspace, shape, shape, options, error);
    if (status == TRM_OK)
        return workspace;
    steps_destroy(workspace);
    return NULL;
}

void steps_destroy(struct stiefel_step *workspace) {
    if (workspace != NULL)
        stiefel_step_destroy(workspace);
    free(workspace);
}

static void begin(struct steps_turn *turn) {
    struct stiefel_step *const step = turn->workspace;
    step->W = turn->W, step->G = turn->G;
    memcpy(step->warm, turn->warm, step->n * step->n * sizeof *step->warm);
    memcpy(&step->last, turn->last, sizeof step->last);
    stiefel_step_load(step, turn->constrained);
}

static void finish(struct steps_turn *turn) {
    struct stiefel_step *const step = turn->workspace;
    if (!(turn->radius > 0.0 && turn->factor > 0.0))
        return;
    stiefel_step_solve(step, turn->arm, turn->radius, turn->factor);
    if (step->status == TRM_OK && turn->constrained)
        stiefel_step_retract(step);
    else if (step->status == TRM_OK)
        stiefel_step_add(step, turn->shrink);
    memcpy(turn->warm, step->warm, step->n * step->n * sizeof *step->warm);
    memcpy(turn->last, &step->last, sizeof step->last);
}

static enum trm_status each(struct steps_turn *turns, size_t count, void (*half)(struct steps_turn *),
                            size_t *failed, struct trm_error *error) {
    const struct threads_before before = threads_enter(count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < count; i++)
        half(&turns[i]);
    threads_leave(before);
    for (size_t i = 0; i < count; i++)
        if (turns[i].workspace->status != TRM_OK) {
            *failed = i;
            return trm_fail(error, turns[i].workspace->status, "%s", turns[i].workspace->reason);
        }
    return TRM_OK;
}

enum trm_status steps_take(struct steps_turn *turns, size_t count, size_t *failed, struct trm_error *error) {
    const enum trm_status status = each(turns, count, begin, failed, error);
    return status == TRM_OK ? each(turns, count, finish, failed, error) : status;
}

enum trm_status steps_project(struct steps_turn *turn, struct trm_error *error) {
    return muon_project(&turn->W, NULL, error);
}

void steps_drift(struct steps_turn *turn) {
    const struct threads_before before = threads_enter(0);
    turn->workspace->W = turn->W;
    turn->result = stiefel_step_drift(turn->workspace);
    threads_leave(before);
}

enum trm_status steps_gamma(struct steps_turn *turn, double *sigma, struct trm_error *error) {
    struct stiefel_step *const step = turn->workspace;
    const struct threads_before before = threads_enter(1); /* as muon_sgd_gamma */
    begin(turn);
    if (step->status == TRM_OK)
        stiefel_step_gamma(step, sigma);
    threads_leave(before);
    return step->status == TRM_OK ? TRM_OK : trm_fail(error, step->status, "%s", step->reason);
}

const struct muon_sgd_report *steps_report(const struct stiefel_step *workspace) {
    return &workspace->report;
}
