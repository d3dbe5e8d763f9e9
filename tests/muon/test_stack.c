/* A stack of problems: the answers of one solve after another, to the bit; a bad one does no harm to the others. */
#include "support.h"

#include "muon/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { M = 48, N = 12, COUNT = 7 };

struct set {
    struct support_problem p[COUNT];
    struct muon_matrix W[COUNT], G[COUNT], A[COUNT];
    double radii[COUNT], X[COUNT * N * N];
    struct muon_info info[COUNT];
};

static void make(struct set *s) {
    for (size_t i = 0; i < COUNT; i++) {
        s->p[i] = support_problem_random(i, M, N, SUPPORT_F32_ROWS);
        s->W[i] = s->p[i].W, s->G[i] = s->p[i].G, s->A[i] = s->p[i].A;
        s->radii[i] = 0.1 * (double)(i + 1);
    }
}

static void destroy(struct set *s) {
    for (size_t i = 0; i < COUNT; i++)
        support_problem_free(&s->p[i]);
}

static void a_stack_is_one_solve_after_another(void **state) {
    (void)state;
    static struct set s;
    make(&s);
    struct muon_options options = muon_options_default(MUON_SOLVER_quasi_newton);
    options.tol = 1e-5;
    struct muon_stack *stack;
    struct muon_solver *solver;
    assert_int_equal(muon_stack_create(&stack, "quasi_newton", M, N, &options, 2, NULL), TRM_OK);
    assert_int_equal(muon_solver_create(&solver, "quasi_newton", M, N, &options, NULL), TRM_OK);
    for (int round = 0; round < 2; round++) { /* cold, then from what came out */
        static double before[COUNT * N * N];
        memcpy(before, s.X, sizeof before);
        assert_int_equal(
            muon_stack_solve(stack, COUNT, s.W, s.G, s.radii, round > 0 ? s.X : NULL, s.A, s.X, s.info),
            TRM_OK);
        for (size_t i = 0; i < COUNT; i++) {
            float *const found = s.A[i].data, alone[M * N];
            struct muon_matrix A = s.A[i];
            double X[N * N];
            struct muon_info info;
            A.data = alone;
            assert_int_equal(muon_solver_solve(solver, &s.W[i], &s.G[i], s.radii[i],
                                               round > 0 ? before + i * N * N : NULL, &A, X, &info),
                             TRM_OK);
            assert_memory_equal(found, alone, sizeof alone);
            assert_memory_equal(X, s.X + i * N * N, sizeof X);
            assert_true(info.gap == s.info[i].gap && info.iterations == s.info[i].iterations);
            assert_int_equal(info.outcome, MUON_converged);
        }
    }
    muon_solver_destroy(solver);
    muon_stack_destroy(stack);
    destroy(&s);
}

static void a_bad_problem_is_named(void **state) {
    (void)state;
    static struct set s;
    make(&s);
    ((float *)s.G[3].data)[5] = NAN;
    s.radii[5] = -1;
    struct muon_stack *stack;
    assert_int_equal(muon_stack_create(&stack, "admm", M, N, NULL, 0, NULL), TRM_OK);
    assert_int_equal(muon_stack_solve(stack, COUNT, s.W, s.G, s.radii, NULL, s.A, NULL, s.info),
                     TRM_NOT_FINITE);
    for (size_t i = 0; i < COUNT; i++)
        assert_true((s.info[i].outcome == MUON_failed) == (i == 3 || i == 5));
    assert_string_equal(s.info[3].reason, "G holds NaN or infinity");
    muon_stack_destroy(stack);
    destroy(&s);
}

static void no_stack_without_a_solver(void **state) {
    (void)state;
    struct trm_error error;
    struct muon_stack *stack;
    assert_int_equal(muon_stack_create(&stack, "newton", M, N, NULL, 2, &error), TRM_NOT_FOUND);
    assert_null(stack);
    assert_int_equal(muon_stack_create(&stack, "admm", N, M, NULL, 2, &error), TRM_SHAPE);
    muon_stack_destroy(NULL);
}

/* Which problems are certified goes by their place, not by the thread that takes them. */
static void certificates_of_a_stack(void **state) {
    (void)state;
    static struct set s;
    make(&s);
    struct muon_options options = muon_options_default(MUON_SOLVER_quasi_newton);
    options.uncertified = 2;
    struct muon_stack *stack;
    assert_int_equal(muon_stack_create(&stack, "quasi_newton", M, N, &options, 2, NULL), TRM_OK);
    assert_int_equal(muon_stack_solve(stack, COUNT, s.W, s.G, s.radii, NULL, s.A, NULL, s.info), TRM_OK);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(s.info[i].outcome, i % 3 == 0 ? MUON_converged : MUON_uncertified);
        assert_true(isnan(s.info[i].gap) == (i % 3 != 0));
    }
    muon_stack_destroy(stack);
    destroy(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_is_one_solve_after_another),
        cmocka_unit_test(a_bad_problem_is_named),
        cmocka_unit_test(no_stack_without_a_solver),
        cmocka_unit_test(certificates_of_a_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
