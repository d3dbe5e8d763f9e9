/* What is known of an optimiser: its matrices, and the state that a checkpoint holds; and a step whose direction is the
   caller's. */
#include "muon/sgd.h"

#include "base/threads.h"

#include <stdio.h>

static struct stiefel_step *find(const struct muon_sgd *s, size_t index) {
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].index == index)
            return &s->steps[i];
    return NULL;
}

double muon_sgd_factor(const struct muon_sgd *s) {
    return muon_schedule_factor(s->options.schedule, (size_t)*s->step, s->options.total_steps,
                                s->options.warmup_steps);
}

double muon_sgd_radius(const struct muon_sgd *s) {
    return s->options.spectral_budget * muon_sgd_factor(s);
}

size_t muon_sgd_gamma(struct muon_sgd *s, size_t index, double *sigma) {
    struct stiefel_step *const step = find(s, index);
    if (step == NULL)
        return 0;
    const struct threads_before before = threads_enter(1); /* so small a spectrum is faster on one */
    stiefel_step_gamma(step, sigma);
    threads_leave(before);
    return step->n;
}

struct muon_matrix muon_sgd_step(const struct muon_sgd *s, size_t index) {
    const struct stiefel_step *const step = find(s, index);
    return step == NULL ? (struct muon_matrix){.data = NULL}
                        : (struct muon_matrix){.data = step->A,
                                               .dtype = MUON_F64,
                                               .rows = step->m,
                                               .cols = step->n,
                                               .row_stride = 1,
                                               .col_stride = step->m};
}

struct muon_matrix muon_sgd_momentum(const struct muon_sgd *s, size_t index) {
    const struct stiefel_step *const step = find(s, index);
    return step == NULL ? (struct muon_matrix){.data = NULL} : step->G;
}

const struct muon_sgd_report *muon_sgd_report(const struct muon_sgd *s, size_t index) {
    const struct stiefel_step *const step = find(s, index);
    return step != NULL ? &step->report : NULL;
}

bool muon_sgd_last_update(const struct muon_sgd *s, size_t index, double *effective_rank,
                          double *orthogonality) {
    const struct stiefel_step *const step = find(s, index);
    if (step == NULL || step->last.solved == 0.0)
        return false;
    *effective_rank = step->last.effective_rank;
    *orthogonality = step->last.orthogonality;
    return true;
}

size_t muon_sgd_columns(const struct muon_sgd *s, size_t index) {
    const struct stiefel_step *const step = find(s, index);
    return step != NULL ? step->n : 0;
}

double muon_sgd_drift(struct muon_sgd *s, size_t index) {
    struct stiefel_step *const step = find(s, index);
    const struct threads_before before = threads_enter(0);
    const double drift = step != NULL ? stiefel_step_drift(step) : 0.0;
    threads_leave(before);
    return drift;
}

/* steps done; momentum of each parameter; warm start and last update of each matrix */
size_t muon_sgd_state_count(const struct muon_sgd *s) {
    return 1 + s->count + 2 * s->step_count;
}

struct muon_state muon_sgd_state(struct muon_sgd *s, size_t index) {
    struct muon_state state = {.name = "optimiser.step", .doubles = s->step, .count = 1};
    if (index == 0)
        return state;
    index -= 1;
    if (index < s->count) {
        snprintf(state.name, sizeof state.name, "momentum.%s", s->parameters[index].name);
        state.floats = s->momentum[index], state.doubles = NULL, state.count = s->parameters[index].count;
        return state;
    }
    index -= s->count;
    struct stiefel_step *const step = &s->steps[index / 2];
    const char *const name = s->parameters[step->index].name;
    if (index % 2 == 0) {
        snprintf(state.name, sizeof state.name, "warm.%s", name);
        state.doubles = step->warm, state.count = step->n * step->n;
    } else {
        snprintf(state.name, sizeof state.name, "last.%s", name);
        state.doubles = &step->last.solved, state.count = STIEFEL_UPDATE_DOUBLES;
    }
    return state;
}

enum trm_status muon_sgd_update_with(struct muon_sgd *s, double factor, struct trm_error *error) {
    if (!s->accumulated)
        return trm_fail(error, TRM_INVALID,
                        "an update needs the first half of its step, muon_sgd_accumulate");
    const double radius = s->options.spectral_budget * factor;
    s->solved = true;
    const struct threads_before before = threads_enter(1);
    for (size_t i = 0; i < s->step_count; i++) {
        struct stiefel_step *const step = &s->steps[i];
        if (s->parameters[step->index].grad != NULL)
            stiefel_step_measure(step, radius);
        if (step->status != TRM_OK) {
            threads_leave(before);
            s->accumulated = false;
            return trm_fail(error, step->status, "parameter %s, step %.0f: %s",
                            s->parameters[step->index].name, *s->step, step->reason);
        }
    }
    threads_leave(before);
    return muon_sgd_finish(s, factor, 1.0, error);
}
