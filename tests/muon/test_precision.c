/* Answers at the edge of precision: gradients that are nearly or wholly normal, and numbers at the ends of their types. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double radius = 0.1;

/* G = W X / ||W X|| + share T / ||T||, X symmetric and T tangent */
static struct support_problem nearly_normal(uint64_t seed, size_t m, size_t n, double share,
                                            enum support_layout layout) {
    struct support_problem p = support_problem_random(seed, m, n, layout);
    struct rng r = support_rng(seed + 1000);
    double *const W = support_read(&p.W), *const X = support_symmetric(&r, n),
                  *const T = support_normal(&r, m * n), *const G = support_mul(m, n, n, W, X);
    for (int pass = 0; pass < 3; pass++)
        support_make_tangent(m, n, W, T);
    const double normal = sqrt(support_dot(m * n, G, G)), tangent = sqrt(support_dot(m * n, T, T));
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            support_set(&p.G, i, j, G[i + j * m] / normal + share * T[i + j * m] / tangent);
    free(W), free(X), free(T), free(G);
    return p;
}

/* W'W = I to 1e-7 only, which the normal part shows 1e3 to 1e5 times as large. */
static void a_nearly_normal_gradient_is_solved_at_every_tol(void **state) {
    (void)state;
    const size_t shapes[][2] = {{128, 64}, {60, 20}, {48, 6}};
    for (size_t s = 0; s < 3; s++)
        for (double share = 1e-3; share > 5e-6; share /= 10)
            for (double tol = 1e-1; tol > 5e-7; tol /= 10) {
                struct support_problem p =
                    nearly_normal(s, shapes[s][0], shapes[s][1], share, SUPPORT_F32_ROWS);
                struct muon_options options = muon_options_default(MUON_SOLVER_quasi_newton);
                options.tol = tol;
                const struct muon_info info = support_solve(&p, "quasi_newton", &options, radius, NULL);
                if (info.outcome != MUON_converged || !(info.gap_tangent <= tol && info.gap >= 0) ||
                    info.primal > info.dual * (1 + 0x1p-23)) /* A is longer than b by its rounding at most */
                    fail_msg("%zu x %zu, share %g, tol %g: %s after %zu iterations, gap %g, p / d - 1 %g",
                             p.m, p.n, share, tol, muon_outcome_name(info.outcome), info.iterations, info.gap,
                             info.primal / info.dual - 1);
                support_problem_free(&p);
            }
}

/* Other solvers, with a budget that reaches a tol at which E shows. */
static void a_nearly_normal_gradient_is_solved_by_other_solvers(void **state) {
    (void)state;
    const int ids[] = {MUON_SOLVER_dual_ascent, MUON_SOLVER_admm};
    for (size_t k = 0; k < 2; k++)
        for (double share = 1e-4; share > 1e-6; share /= 10) {
            struct support_problem p = nearly_normal(k, 60, 20, share, SUPPORT_F32_ROWS);
            const struct muon_options options = support_options(1e-4, 1000);
            const struct muon_info info = support_solve(&p, muon_solver_name(ids[k]), &options, radius, NULL);
            if (info.outcome != MUON_converged)
                fail_msg("%s, share %g: %s, gap %g", muon_solver_name(ids[k]), share,
                         muon_outcome_name(info.outcome), info.gap);
            support_problem_free(&p);
        }
}

static void plus_or_minus_w_needs_no_step(void **state) {
    (void)state;
    const size_t shapes[][2] = {{20, 8}, {128, 64}, {9, 9}, {7, 1}};
    for (size_t s = 0; s < 4; s++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++)
            for (int sign = -1; sign <= 1; sign += 2)
                for (int id = 0; id < MUON_SOLVER_muon; id++) {
                    struct support_problem p = support_problem_random(s, shapes[s][0], shapes[s][1], layout);
                    for (size_t j = 0; j < p.n; j++)
                        for (size_t i = 0; i < p.m; i++)
                            support_set(&p.G, i, j, sign * support_at(&p.W, i, j));
                    const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
                    if (info.outcome != MUON_zero)
                        fail_msg("%s, layout %d: %s, gap %g", muon_solver_name(id), (int)layout,
                                 muon_outcome_name(info.outcome), info.gap);
                    assert_true(info.norm == 0 && info.gap == 0 && info.primal == 0);
                    support_problem_free(&p);
                }
}

/* A float step for a gradient in doubles, whose tangent part is below the step's rounding: a step uphill is not returned,
   nor a gap below 0. */
static void no_step_goes_uphill(void **state) {
    (void)state;
    size_t stayed = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        for (int id = 0; id <= MUON_SOLVER_msign_tangent; id++) {
            struct support_problem p = nearly_normal(seed, 40, 12, 1e-9, SUPPORT_F64_ROWS),
                                   f = support_problem_random(seed, 40, 12, SUPPORT_F32_ROWS);
            const struct muon_matrix held = p.A;
            p.A = f.A, f.A = held;
            const struct muon_info info = support_solve(&p, muon_solver_name(id), NULL, radius, NULL);
            if (!(info.primal >= 0 && info.gap >= 0 && info.gap_tangent >= 0 && info.gap_full >= 0))
                fail_msg("%s: p %g, gap %g", muon_solver_name(id), info.primal, info.gap);
            stayed += info.norm == 0;
            support_problem_free(&p), support_problem_free(&f);
        }
    assert_true(stayed > 0);
}

/* The same problem, in numbers up to the ends of the type: the same answer. */
static void scales_up_to_the_ends_of_the_types(void **state) {
    (void)state;
    const struct {
        double gradient, radius; /* products with one another leave the range of a double */
        enum support_layout layout;
    } scales[] = {
        {1e-200, 1e-130, SUPPORT_F64_ROWS}, {1e-300, 1e-300, SUPPORT_F64_ROWS},
        {1e-306, 0.1, SUPPORT_F64_ROWS},    {1e-160, 1e-160, SUPPORT_F64_ROWS},
        {1e-300, 1e100, SUPPORT_F64_ROWS},  {1e200, 1e-250, SUPPORT_F64_ROWS},
        {1e200, 1e100, SUPPORT_F64_ROWS},   {1e305, 1e-3, SUPPORT_F64_ROWS},
        {1e-37, 1e-30, SUPPORT_F32_ROWS},   {1e37, 1e30, SUPPORT_F32_ROWS},
    };
    for (size_t k = 0; k < sizeof scales / sizeof *scales; k++)
        for (int id = MUON_SOLVER_dual_ascent; id <= MUON_SOLVER_msign_tangent; id++) {
            const char *const name = muon_solver_name(id);
            struct support_problem plain = support_problem_random(7, 24, 8, scales[k].layout),
                                   scaled = support_problem_random(7, 24, 8, scales[k].layout);
            for (size_t i = 0; i < 24; i++)
                for (size_t j = 0; j < 8; j++)
                    support_set(&scaled.G, i, j, scales[k].gradient * support_at(&plain.G, i, j));
            const struct muon_info expected = support_solve(&plain, name, NULL, radius, NULL),
                                   info = support_solve(&scaled, name, NULL, scales[k].radius, NULL);
            if (info.outcome != expected.outcome || fabs(info.gap - expected.gap) > 1e-4)
                fail_msg("%s, G times %g, radius %g: %s, gap %g, not %g", name, scales[k].gradient,
                         scales[k].radius, muon_outcome_name(info.outcome), info.gap, expected.gap);
            assert_true(fabs(info.norm / scales[k].radius - expected.norm / radius) < 1e-5);
            support_problem_free(&plain), support_problem_free(&scaled);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nearly_normal_gradient_is_solved_at_every_tol),
        cmocka_unit_test(a_nearly_normal_gradient_is_solved_by_other_solvers),
        cmocka_unit_test(plus_or_minus_w_needs_no_step),
        cmocka_unit_test(no_step_goes_uphill),
        cmocka_unit_test(scales_up_to_the_ends_of_the_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
