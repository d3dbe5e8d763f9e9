/* A rule in the place of the inner solves: muon_sgd has the momentum, the schedule, the retraction and the other
   parameters. */
#include "experiment/rule.h"

#include "base/threads.h"

#include <stdio.h>
#include <stdlib.h>

struct rule_state {
    const struct rule *rule;
    struct muon_sgd *sgd;                    /* not owned */
    const struct muon_parameter *parameters; /* (count), not owned */
    size_t count;
    double rate, momentum, pull, decay; /* rate: before the schedule */
    bool pull_to_rows;
    float **second; /* (count): of the matrices, where the rule keeps it; else NULL */
    float *pool;
    double *work;
};

static size_t squares_of(const struct rule_state *s, size_t i) {
    return s->rule->squares && s->parameters[i].manifold ? s->parameters[i].count : 0;
}

static bool allocate(struct rule_state *s) {
    size_t floats = 0, work = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct muon_matrix A = muon_sgd_step(s->sgd, i);
        const size_t needs = A.data != NULL ? rule_work(A.rows, A.cols) : 0;
        work = needs > work ? needs : work;
        floats += squares_of(s, i);
    }
    s->second = calloc(s->count + 1, sizeof *s->second);
    s->pool = calloc(floats + 1, sizeof *s->pool);
    s->work = calloc(work + 1, sizeof *s->work);
    if (s->second == NULL || s->pool == NULL || s->work == NULL)
        return false;
    float *next = s->pool;
    for (size_t i = 0; i < s->count; i++)
        if (squares_of(s, i) > 0)
            s->second[i] = next, next += squares_of(s, i);
    return true;
}

enum trm_status rule_create(struct rule_state **out, const struct run_settings *settings,
                            struct muon_sgd *sgd, const struct muon_parameter *parameters, size_t count,
                            struct trm_error *error) {
    const struct rule *const rule = rule_of(settings);
    *out = NULL;
    if (rule->direction == NULL)
        return TRM_OK;
    struct rule_state *const s = calloc(1, sizeof *s);
    if (s == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    s->rule = rule, s->sgd = sgd, s->parameters = parameters, s->count = count;
    s->rate = rule->radius ? settings->sgd.spectral_budget : settings->budget.lr;
    s->momentum = settings->sgd.momentum, s->pull = settings->pull,
    s->pull_to_rows = settings->pull_to == PULL_ROWS, s->decay = settings->sgd.weight_decay;
    if (!allocate(s)) {
        rule_destroy(s);
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for the optimiser");
    }
    *out = s;
    return TRM_OK;
}

void rule_destroy(struct rule_state *s) {
    if (s == NULL)
        return;
    free(s->second);
    free(s->pool);
    free(s->work);
    free(s);
}

static enum trm_status directions(struct rule_state *s, double factor, struct trm_error *error) {
    for (size_t i = 0; i < s->count; i++) {
        const struct muon_parameter *const p = &s->parameters[i];
        const struct muon_matrix A = muon_sgd_step(s->sgd, i);
        if (A.data == NULL)
            continue;
        const struct rule_matrix x = {
            .m = A.rows,
            .n = A.cols,
            .out = p->rows,
            .in = p->cols,
            .W = muon_matrix_transposed_if_wide(p->value, MUON_F32, p->rows, p->cols),
            .gradient = muon_matrix_transposed_if_wide(p->grad, MUON_F32, p->rows, p->cols),
            .G = muon_sgd_momentum(s->sgd, i),
            .second = muon_matrix_transposed_if_wide(s->second[i], MUON_F32, p->rows, p->cols),
            .A = A.data,
            .work = s->work,
            .rate = s->rate * factor,
            .momentum = s->momentum,
            .pull = s->pull,
            .pull_to_rows = s->pull_to_rows,
            .kept = 1.0 - s->rate * factor * s->decay,
            .step = *muon_sgd_state(s->sgd, 0).doubles + 1.0};
        if (!s->rule->direction(&x))
            return trm_fail(error, TRM_NUMERIC, "parameter %s: the spectrum of the momentum was not found",
                            p->name);
    }
    return TRM_OK;
}

enum trm_status rule_step(struct rule_state *s, double factor, struct trm_error *error) {
    const struct threads_before before = threads_enter(1);
    const enum trm_status status = directions(s, factor, error);
    threads_leave(before);
    return status == TRM_OK ? muon_sgd_update_with(s->sgd, factor, error) : status;
}

size_t rule_state_count(const struct rule_state *s) {
    size_t count = 0;
    for (size_t i = 0; s != NULL && i < s->count; i++)
        count += s->second[i] != NULL;
    return count;
}

struct muon_state rule_state_at(const struct rule_state *s, size_t index) {
    size_t i = 0;
    for (; s->second[i] == NULL || index-- > 0; i++)
        ;
    struct muon_state state = {.floats = s->second[i], .count = s->parameters[i].count};
    snprintf(state.name, sizeof state.name, "squares.%s", s->parameters[i].name);
    return state;
}
