/* A solver that has solved other problems gives the bits of a fresh one: on every route through the solvers, whatever
   route the solve before took. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* How G is made. FLOATS: W'W is told from I where tol is small. NORMAL: W symmetric, so that A = 0. */
enum kind { PLAIN, FLOATS, RANK_ONE, NORMAL, KINDS };

static const size_t shapes[][2] = {{24, 8}, {12, 10}, {6, 1}};
enum { shape_count = sizeof shapes / sizeof *shapes };

static struct support_problem make(enum kind kind, size_t m, size_t n) {
    struct rng r = support_rng(70 + (uint64_t)kind);
    double *const W = support_orthonormal(&r, m, n, NULL, 0), *G;
    if (kind == RANK_ONE) {
        double *const u = support_normal(&r, m), *const v = support_normal(&r, n);
        G = support_mul(m, 1, n, u, v);
        free(u), free(v);
    } else if (kind == NORMAL) {
        double *const X = support_symmetric(&r, n);
        G = support_mul(m, n, n, W, X);
        free(X);
    } else {
        G = support_normal(&r, m * n);
    }
    const struct support_problem p =
        support_problem_from(m, n, W, G, kind == FLOATS ? SUPPORT_F32_ROWS : SUPPORT_F64_COLUMNS);
    free(W), free(G);
    return p;
}

struct answer {
    double *A, *X;
    struct muon_info info;
};

static struct answer solve(struct muon_solver *solver, struct support_problem *p, const double *warm) {
    struct answer a;
    assert_int_equal(muon_solver_solve(solver, &p->W, &p->G, 0.1, warm, &p->A, p->X, &a.info), TRM_OK);
    a.A = support_read(&p->A), a.X = support_copy(p->X, p->n * p->n);
    return a;
}

static struct answer solve_afresh(int id, const struct muon_options *options, struct support_problem *p,
                                  const double *warm) {
    struct muon_solver *solver;
    assert_int_equal(muon_solver_create(&solver, muon_solver_name(id), p->m, p->n, options, NULL), TRM_OK);
    const struct answer a = solve(solver, p, warm);
    muon_solver_destroy(solver);
    return a;
}

static void check_same(const struct support_problem *p, struct answer *a, const struct answer *b) {
    assert_memory_equal(a->A, b->A, p->m * p->n * sizeof *a->A);
    assert_memory_equal(a->X, b->X, p->n * p->n * sizeof *a->X);
    assert_int_equal(a->info.outcome, b->info.outcome);
    assert_int_equal(a->info.iterations, b->info.iterations);
    assert_true(a->info.gap == b->info.gap);
    free(a->A), free(a->X);
}

/* Every problem after every other one; then again from a warm start, and after a solve that was refused. */
static void check(int id, const struct muon_options *options, size_t m, size_t n) {
    struct support_problem problems[KINDS];
    struct muon_solver *used;
    for (int kind = 0; kind < KINDS; kind++)
        problems[kind] = make((enum kind)kind, m, n);
    assert_int_equal(muon_solver_create(&used, muon_solver_name(id), m, n, options, NULL), TRM_OK);
    for (size_t i = 0; i < KINDS; i++) {
        struct support_problem *const p = &problems[i];
        struct answer fresh = solve_afresh(id, options, p, NULL);
        for (size_t before = 0; before < KINDS; before++) {
            struct answer other = solve(used, &problems[before], NULL), same = solve(used, p, NULL);
            check_same(p, &same, &fresh);
            free(other.A), free(other.X);
        }
        struct answer warm = solve_afresh(id, options, p, fresh.X);
        assert_int_equal(muon_solver_solve(used, &p->W, &p->G, -1, NULL, &p->A, p->X, &fresh.info),
                         TRM_INVALID);
        struct answer same = solve(used, p, fresh.X);
        check_same(p, &same, &warm);
        free(fresh.A), free(fresh.X), free(warm.A), free(warm.X);
    }
    muon_solver_destroy(used);
    for (size_t i = 0; i < KINDS; i++)
        support_problem_free(&problems[i]);
}

static void at_the_default_budget(void **state) {
    (void)state;
    for (int id = 0; id < MUON_SOLVER_COUNT; id++)
        for (size_t s = 0; s < shape_count; s++)
            check(id, NULL, shapes[s][0], shapes[s][1]);
}

/* Newton's method on the stacked matrix, and the exact reduction; then solves that end at the limit or stall. */
static void at_tight_budgets(void **state) {
    (void)state;
    static const double tols[] = {1e-7, 1e-14};
    for (int id = MUON_SOLVER_dual_ascent; id <= MUON_SOLVER_admm; id++)
        for (size_t s = 0; s < shape_count; s++)
            for (size_t t = 0; t < 2; t++) {
                struct muon_options options = muon_options_default(id);
                options.tol = tols[t], options.max_iter = 90;
                check(id, &options, shapes[s][0], shapes[s][1]);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_default_budget),
        cmocka_unit_test(at_tight_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
