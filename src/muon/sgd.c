#include "muon/sgd.h"

#include "base/statistics.h"
#include "base/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool allocate(struct muon_sgd *s) {
    size_t floats = 0, on_manifold = 0;
    for (size_t i = 0; i < s->count; i++) {
        floats += s->parameters[i].count * (s->parameters[i].manifold && s->options.nesterov ? 2 : 1);
        on_manifold += s->parameters[i].manifold;
    }
    s->momentum = calloc(s->count + 1, sizeof *s->momentum);
    s->lookahead = calloc(s->count + 1, sizeof *s->lookahead);
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
    muon_sgd_options_take(&s->options, options);
    s->constrained = s->options.arms[0].solver != MUON_SOLVER_muon;
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

/* Has matrix i a gradient? */
static bool moves(const struct muon_sgd *s, size_t i) {
    return s->parameters[s->steps[i].index].grad != NULL;
}

/* The first failure among the matrices, as this call's. */
static enum trm_status gather(const struct muon_sgd *s, struct trm_error *error) {
    for (size_t i = 0; i < s->step_count; i++)
        if (s->steps[i].status != TRM_OK)
            return trm_fail(error, s->steps[i].status, "parameter %s, step %.0f: %s",
                            s->parameters[s->steps[i].index].name, *s->step, s->steps[i].reason);
    return TRM_OK;
}

void muon_sgd_set_grad(struct muon_sgd *s, size_t index, const float *grad) {
    s->parameters[index].grad = grad;
    s->accumulated = false;
}

enum trm_status muon_sgd_project(struct muon_sgd *s, struct trm_error *error) {
    const struct threads_before before = threads_enter(0);
    for (size_t i = 0; s->constrained && i < s->step_count; i++)
        stiefel_step_project(&s->steps[i]);
    threads_leave(before);
    return gather(s, error);
}

static void look_ahead(const struct muon_sgd *s, size_t i) {
    const struct muon_parameter *const p = &s->parameters[i];
    const float mu = (float)s->options.momentum;
    const float *const buf = s->momentum[i];
    if (s->lookahead[i] != buf)
        for (size_t k = 0; k < p->count; k++)
            s->lookahead[i][k] = p->grad[k] + mu * buf[k];
}

static void accumulate_one(const struct muon_sgd *s, size_t i) {
    const struct muon_parameter *const p = &s->parameters[i];
    const float mu = (float)s->options.momentum;
    const float decay = p->manifold ? 0.0f : (float)s->options.weight_decay;
    float *const buf = s->momentum[i];
    for (size_t k = 0; k < p->count; k++)
        buf[k] = mu * buf[k] + (p->grad[k] + decay * p->value[k]);
    look_ahead(s, i);
}

/* The inner problems of W and the momentum as they are. */
static enum trm_status load(struct muon_sgd *s, struct trm_error *error) {
    const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < s->step_count; i++)
        if (moves(s, i))
            stiefel_step_load(&s->steps[i], s->constrained);
        else
            s->steps[i].status = TRM_OK;
    threads_leave(before);
    return gather(s, error);
}

enum trm_status muon_sgd_accumulate(struct muon_sgd *s, struct trm_error *error) {
    s->accumulated = false;
    for (size_t i = 0; i < s->count; i++)
        if (s->parameters[i].grad != NULL &&
            !statistics_finite_float(s->parameters[i].count, s->parameters[i].grad))
            return trm_fail(error, TRM_NOT_FINITE,
                            "parameter %s, step %.0f: the gradient holds NaN or infinity",
                            s->parameters[i].name, *s->step);
    for (size_t i = 0; i < s->count; i++)
        if (s->parameters[i].grad != NULL)
            accumulate_one(s, i);
    const enum trm_status status = load(s, error);
    s->accumulated = status == TRM_OK, s->solved = false;
    return status;
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
    return muon_sgd_update_by(s, arm, muon_sgd_factor(s), error);
}

/* What the second half of a step does to one matrix. */
static void solve_one(const struct muon_sgd *s, struct stiefel_step *step, size_t arm, double factor,
                      double multiplier) {
    stiefel_step_solve(step, arm, s->options.spectral_budget * factor * multiplier, factor * multiplier);
}

static void finish_one(const struct muon_sgd *s, struct stiefel_step *step, double radius) {
    if (s->constrained)
        stiefel_step_retract(step);
    else
        stiefel_step_add(step, 1.0 - radius * s->options.weight_decay);
}

static enum trm_status check_second_half(const struct muon_sgd *s, size_t arm, double factor,
                                         struct trm_error *error) {
    if (!(factor >= 0.0 && factor <= 1e100))
        return trm_fail(error, TRM_INVALID, "the factor of a step must be 0 to 1e100, not %g", factor);
    if (arm >= s->options.arm_count)
        return trm_fail(error, TRM_INVALID, "arm %zu of %zu", arm, s->options.arm_count);
    if (!s->accumulated)
        return trm_fail(error, TRM_INVALID,
                        "an update needs the first half of its step, muon_sgd_accumulate");
    return TRM_OK;
}

static enum trm_status end_step(struct muon_sgd *s, double factor, struct trm_error *error) {
    const enum trm_status status = gather(s, error);
    if (status != TRM_OK)
        return status;
    for (size_t i = 0; i < s->count; i++)
        if (!s->parameters[i].manifold && s->parameters[i].grad != NULL)
            update_rest(s, i, (float)(s->options.lr * factor));
    *s->step += 1.0;
    return TRM_OK;
}

enum trm_status muon_sgd_update_by(struct muon_sgd *s, size_t arm, double f, struct trm_error *error) {
    const double radius = s->options.spectral_budget * f;
    const enum trm_status status = check_second_half(s, arm, f, error);
    if (status != TRM_OK)
        return status;
    s->accumulated = s->solved = false;
    if (radius > 0.0) {
        const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
        for (size_t i = 0; i < s->step_count; i++) {
            if (!moves(s, i))
                continue;
            solve_one(s, &s->steps[i], arm, f, 1.0);
            if (s->steps[i].status == TRM_OK)
                finish_one(s, &s->steps[i], radius);
        }
        threads_leave(before);
    }
    return end_step(s, f, error);
}

enum trm_status muon_sgd_solve(struct muon_sgd *s, size_t arm, double factor, double multiplier,
                               struct trm_error *error) {
    const enum trm_status status = check_second_half(s, arm, factor, error);
    if (status != TRM_OK)
        return status;
    if (!(multiplier > 0.0 && factor * multiplier > 0.0 && factor * multiplier <= 1e100))
        return trm_fail(error, TRM_INVALID,
                        "the radius of a solve must be positive and at most 1e100 times the budget");
    s->solved = true;
    const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < s->step_count; i++)
        if (moves(s, i))
            solve_one(s, &s->steps[i], arm, factor, multiplier);
    threads_leave(before);
    return gather(s, error);
}

enum trm_status muon_sgd_finish(struct muon_sgd *s, double factor, double multiplier,
                                struct trm_error *error) {
    enum trm_status status = check_second_half(s, 0, factor, error);
    if (status == TRM_OK && !s->solved)
        status = trm_fail(error, TRM_INVALID, "the end of a step needs its solve, muon_sgd_solve");
    if (status != TRM_OK)
        return status;
    s->accumulated = false;
    const double radius = s->options.spectral_budget * factor * multiplier;
    const struct threads_before before = threads_enter(s->step_count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < s->step_count; i++)
        if (moves(s, i))
            finish_one(s, &s->steps[i], radius);
    threads_leave(before);
    return end_step(s, factor, error);
}

enum trm_status muon_sgd_again(struct muon_sgd *s, bool reload, struct trm_error *error) {
    s->accumulated = false;
    if (reload)
        for (size_t i = 0; i < s->count; i++)
            if (s->parameters[i].grad != NULL)
                look_ahead(s, i);
    const enum trm_status status = reload ? load(s, error) : TRM_OK;
    s->accumulated = status == TRM_OK, s->solved = s->solved && !reload;
    return status;
}
