#include "muon/solver_state.h"

#include "linalg/linalg.h"
#include "muon/certificate.h"
#include "muon/certificate_float.h"
#include "muon/one_shot.h"
#include "muon/precision.h"
#include "muon/primal_step.h"
#include "muon/solver.h"

#include <stdio.h>
#include <stdlib.h>

static const struct muon_method *const methods[MUON_SOLVER_COUNT] = {
    [MUON_SOLVER_spectral_clip] = &muon_method_spectral_clip,
    [MUON_SOLVER_dual_ascent] = &muon_method_dual_ascent,
    [MUON_SOLVER_quasi_newton] = &muon_method_quasi_newton,
    [MUON_SOLVER_frank_wolfe] = &muon_method_frank_wolfe,
    [MUON_SOLVER_admm] = &muon_method_admm,
    [MUON_SOLVER_msign_tangent] = &muon_method_msign_tangent,
    [MUON_SOLVER_muon] = NULL, /* no inner problem */
};

static enum trm_status unknown_solver(const char *name, struct trm_error *error) {
    char names[256] = "";
    size_t used = 0;
    for (int id = 0; id < MUON_SOLVER_COUNT; id++)
        used +=
            (size_t)snprintf(names + used, sizeof names - used, "%s%s", id ? ", " : "", muon_solver_name(id));
    return trm_fail(error, TRM_NOT_FOUND, "unknown solver '%s': choose one of %s", name ? name : "", names);
}

/* Where the arrays of s lie. */
static void place(struct muon_solver *s, struct muon_pool *pool) {
    const size_t n = s->n, m = s->m;
    s->A = muon_pool_take(pool, m * n);
    s->X = muon_pool_take(pool, n * n);
    s->X_start = muon_pool_take(pool, n * n);
    s->step_work = muon_pool_take(pool, muon_primal_step_work(m, n));
    s->sigma = muon_pool_take(pool, n);
    const size_t wide = muon_certificate_work(m, n), narrow = s->in_float ? muon_certify_float_work(m, n) : 0;
    s->certificate_work = muon_pool_take(pool, wide > narrow ? wide : narrow);
    muon_reduction_place(&s->refined, m, n, pool);
    muon_search_place(&s->search, pool);
    s->search.r.scratch_mn = s->A;
}

static bool allocate(struct muon_solver *s) {
    struct muon_pool pool = {0};
    struct muon_search *const search = &s->search;
    search->state = calloc(1, search->method != NULL ? search->method->size : 1);
    if (search->state == NULL)
        return false;
    const struct muon_options *const o = &s->options;
    s->begins_in_float = muon_float_begins(s->id, s->m, s->n, o->tol, o->max_iter);
    if (s->begins_in_float || muon_float_allows(s->id, s->m, s->n, o->tol)) {
        s->in_float = muon_float_search_create(s->id, s->m, s->n, search->r.k, &s->options);
        if (s->in_float == NULL)
            return false;
    }
    place(s, &pool);
    pool.memory = s->pool = calloc(pool.used, sizeof *pool.memory);
    pool.used = 0;
    if (s->pool != NULL)
        place(s, &pool);
    return s->pool != NULL;
}

enum trm_status muon_solver_create(struct muon_solver **out, const char *name, size_t m, size_t n,
                                   const struct muon_options *options, struct trm_error *error) {
    *out = NULL;
    const int id = muon_solver_find(name);
    if (id < 0)
        return unknown_solver(name, error);
    const struct muon_options chosen = options != NULL ? *options : muon_options_default(id);
    const char *const wrong = muon_options_check(&chosen, n);
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "solver %s: %s", name, wrong);
    struct muon_solver *const s = calloc(1, sizeof *s);
    if (s == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu problem", m, n);
    s->id = (enum muon_solver_id)id, s->search.method = methods[id], s->m = m, s->n = n, s->options = chosen;
    struct muon_reduced *const r = &s->search.r;
    r->m = m, r->n = r->k = n, r->options = &s->options;
    if (id == MUON_SOLVER_frank_wolfe)
        r->k = chosen.rank > 0 ? chosen.rank : (n >= 4 ? n / 4 : 1);
    const enum trm_status status = muon_problem_create(&s->own_problem, m, n);
    if (status == TRM_SHAPE) {
        muon_solver_destroy(s);
        return trm_fail(error, TRM_SHAPE,
                        "a problem of %zu x %zu cannot be solved: rows must be at least columns, columns "
                        "at least 1, and their product below 2^31",
                        m, n);
    }
    if (status != TRM_OK || !allocate(s)) {
        muon_solver_destroy(s);
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for a %zu x %zu problem", m, n);
    }
    muon_solver_set_turn(s, 0.0);
    *out = s;
    return TRM_OK;
}

void muon_solver_destroy(struct muon_solver *solver) {
    if (solver == NULL)
        return;
    muon_problem_destroy(solver->own_problem);
    free(solver->search.state);
    muon_float_search_destroy(solver->in_float);
    free(solver->pool);
    free(solver);
}
