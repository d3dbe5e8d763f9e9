#include "muon/sgd.h"
#include "muon/stiefel_step.h"

#include "base/statistics.h"
#include "base/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct muon_sgd {
    struct muon_sgd_options options;
    struct muon_parameter *parameters;
    size_t count;
    float **momentum;  /* a buffer for each parameter */
    float **lookahead; /* nesterov: grad + momentum buf, of parameters on the manifold; else NULL */
    float *pool;
    struct stiefel_step *steps; /* of parameters on the manifold, the costliest first */
    size_t step_count;
    double *step;     /* steps done; a double, since it is part of the saved state */
    bool constrained; /* false for the control `muon` */
    bool accumulated; /* the first half of a step is done, the second not yet */
};

static bool allocate(struct muon_sgd *s) {
    size_t floats = 0, on_manifold = 0;
    for (size_t i = 0; i < s->count; i++) {
        floats += s->parameters[i].count * (s->parameters[i].manifold && s->options.nesterov ? 2 : 1);
        on_manifold += s->parameters[i].manifold;
    }
    s->momentum = calloc(s->count, sizeof *s->momentum);
    s->lookahead = calloc(s->count, sizeof *s->lookahead);
    s->pool = calloc(floats + 1, sizeof *s->pool);
    s->steps = calloc(on_manifold + 1, sizeof *s->steps);
    s->step = calloc(1, sizeof *s->step);
    if (!s->momentum || !s->lookahead || !s->pool || !s->steps || !s->step)
        return false;
    float *next = s->pool;
    for (size_t i = 0; i < s->count; i++) {
        s->momentum[i] = next;
        next += s->parameters[i].count;
        s->lookahead[i] = s->momentum[i];
        if (s->parameters[i].manifold && s->options.nesterov) {
            s->lookahead[i] = next;
            next += s->parameters[i].count;
        }
    }
    return true;
}

static int costlier(const void *a, const void *b) {
    const struct stiefel_step *const x = a, *const y = b;
    const size_t cx = x->n * x->n * x->n, cy = y->n * y->n * y->n;
    return cx != cy ? (cx < cy) - (cx > cy) : (x->index > y->index) - (x->index < y->index);
}

static enum trm_status create_steps(struct muon_sgd *s, struct trm_error *error) {
    for (size_t i = 0; i < s->count; i++) {
        const struct muon_parameter *const p = &s->parameters[i];
        if (!p->manifold)
            continue;
        if (p->rows == 0 || p->cols == 0 || p->rows * p->cols != p->count)
            return trm_fail(error, TRM_SHAPE, "parameter %s: %zu x %zu is not its %zu elements", p->name,
                            p->rows, p->cols, p->count);
        struct stiefel_step *const step = &s->steps[s->step_count++];
        step->index = i;
        const enum trm_status status = stiefel_step_create(
            step, muon_matrix_transposed_if_wide(p->value, MUON_F32, p->rows, p->cols),
            muon_matrix_transposed_if_wide(s->lookahead[i], MUON_F32, p->rows, p->cols), &s->options, error);
        if (status != TRM_OK)
            return status;
    }
    qsort(s->steps, s->step_count, sizeof *s->steps, costlier);
    return TRM_OK;
}

enum trm_status muon_sgd_create(struct muon_sgd **out, const struct muon_parameter *parameters, size_t count,
                                const struct muon_sgd_options *options, struct trm_error *error) {
    *out = NULL;
    const char *const wrong = muon_sgd_options_check(options);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    enum trm_status status = muon_parameters_check(parameters, count, error);
    if (status != TRM_OK)
        return status;
    struct muon_sgd *const s = calloc(1, sizeof *s);
    if (s == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    s->options = *options;
    s->constrained = options->arms[0].solver != MUON_SOLVER_muon;
    s->count = count;
    s->parameters = calloc(count + 1, sizeof *s->parameters);
    if (s->parameters != NULL && count > 0)
        memcpy(s->parameters, parameters, count * sizeof *parameters);
    if (s->parameters == NULL || !allocate(s))
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    else
        status = create_steps(s, error);
    if (status != TRM_OK) {
        muon_sgd_destroy(s);
        return status;
    }
    *out = s;
    return TRM_OK;
}

void muon_sgd_destroy(struct muon_sgd *s) {
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->step_count; i++)
        stiefel_step_destroy(&s->steps[i]);
    free(s->steps);
    free(s->pool);
    free(s->momentum);
    free(s->lookahead);
    free(s->parameters);
    free(s->step);
    free(s);
}

/* The first failure among the matrices, as this call's. */
static enum trm_status gather(const struct muon_sgd *s, struct trm_error *error) {
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].status != TRM_OK)
            return trm_fail(error, s->steps[i].status, "parameter %s, step %.0f: %s",
                            s->parameters[s->steps[i].index].name, *s->step, s->steps[i].reason);
    return TRM_OK;
}

enum trm_status muon_sgd_project(struct muon_sgd *s, struct trm_error *error) {
    const struct threads_before before = threads_enter(0);
    for (size_t i = 0; s->constrained && i < s->step_count; i++)
        stiefel_step_project(&s->steps[i]);
    threads_leave(before);
    return gather(s, error);
}

static void accumulate_one(const struct muon_sgd *s, size_t i) {
    const struct muon_parameter *const p = &s->parameters[i];
    const float mu = (float)s->options.momentum;
    const float decay = p->manifold ? 0.0f : (float)s->options.weight_decay;
    float *const buf = s->momentum[i];
    for (size_t k = 0; k < p->count; k++)
        buf[k] = mu * buf[k] + (p->grad[k] + decay * p->value[k]);
    if (s->lookahead[i] != buf)
        for (size_t k = 0; k < p->count; k++)
            s->lookahead[i][k] = p->grad[k] + mu * buf[k];
}

enum trm_status muon_sgd_accumulate(struct muon_sgd *s, struct trm_error *error) {
    s->accumulated = false;
    for (size_t i = 0; i < s->count; i++)
        if (!statistics_finite_float(s->parameters[i].count, s->parameters[i].grad))
            return trm_fail(error, TRM_NOT_FINITE,
                            "parameter %s, step %.0f: the gradient holds NaN or infinity",
                            s->parameters[i].name, *s->step);
    for (size_t i = 0; i < s->count; i++)
        accumulate_one(s, i);
    const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < s->step_count; i++)
        stiefel_step_load(&s->steps[i], s->constrained);
    threads_leave(before);
    const enum trm_status status = gather(s, error);
    s->accumulated = status == TRM_OK;
    return status;
}

static double factor(const struct muon_sgd *s) {
    return muon_schedule_factor(s->options.schedule, (size_t)*s->step, s->options.total_steps,
                                s->options.warmup_steps);
}

double muon_sgd_radius(const struct muon_sgd *s) {
    return s->options.spectral_budget * factor(s);
}

static void update_rest(const struct muon_sgd *s, size_t i, float lr) {
    const struct muon_parameter *const p = &s->parameters[i];
    const float mu = (float)s->options.momentum, decay = (float)s->options.weight_decay;
    const float *const buf = s->momentum[i];
    for (size_t k = 0; k < p->count; k++) {
        const float direction = s->options.nesterov ? p->grad[k] + decay * p->value[k] + mu * buf[k] : buf[k];
        p->value[k] -= lr * direction;
    }
}

enum trm_status muon_sgd_update(struct muon_sgd *s, size_t arm, struct trm_error *error) {
    return muon_sgd_update_by(s, arm, factor(s), error);
}

enum trm_status muon_sgd_update_by(struct muon_sgd *s, size_t arm, double f, struct trm_error *error) {
    const double radius = s->options.spectral_budget * f;
    if (!(f >= 0.0 && f <= 1e100))
        return trm_fail(error, TRM_INVALID, "the factor of a step must be 0 to 1e100, not %g", f);
    if (arm >= s->options.arm_count)
        return trm_fail(error, TRM_INVALID, "arm %zu of %zu", arm, s->options.arm_count);
    if (!s->accumulated)
        return trm_fail(error, TRM_INVALID,
                        "an update needs the first half of its step, muon_sgd_accumulate");
    s->accumulated = false;
    if (radius > 0.0) {
        const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
        for (size_t i = 0; i < s->step_count; i++) {
            stiefel_step_solve(&s->steps[i], arm, radius, f);
            if (s->steps[i].status != TRM_OK)
                continue;
            if (s->constrained)
                stiefel_step_retract(&s->steps[i]);
            else
                stiefel_step_add(&s->steps[i], 1.0 - radius * s->options.weight_decay);
        }
        threads_leave(before);
    }
    const enum trm_status status = gather(s, error);
    if (status != TRM_OK)
        return status;
    for (size_t i = 0; i < s->count; i++)
        if (!s->parameters[i].manifold)
            update_rest(s, i, (float)(s->options.lr * f));
    *s->step += 1.0;
    return TRM_OK;
}

static struct stiefel_step *find(const struct muon_sgd *s, size_t index) {
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].index == index)
            return &s->steps[i];
    return NULL;
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
