/* How near the solvers come: to closed forms, to problems made from their optimum, by their own gaps. */
#include "support.h"

#include <math.h>
#include <stdlib.h>

static const double radius = 0.2;

/* n = 2: A = W K + Q C with K = (0 -t; t 0) has ||A||_2^2 = t^2 + ||C||_2^2, so the optimum of (P) is
   b sqrt(4 w^2 + ||Gp||_*^2), where Omega = (0 -w; w 0). */
static double optimum_of_two_columns(const struct support_problem *p, double *w, double *normal) {
    double *const W = support_read(&p->W), *const G = support_read(&p->G);
    double *const S = support_mul_tn(2, p->m, 2, W, G), *const WS = support_mul(p->m, 2, 2, W, S), sigma[2];
    *w = 0.5 * (S[1] - S[2]);
    support_add(p->m * 2, G, -1, WS);
    support_svd(p->m, 2, G, sigma, NULL);
    *normal = sigma[0] + sigma[1];
    free(W), free(G), free(S), free(WS);
    return radius * sqrt(4 * *w * *w + *normal * *normal);
}

/* m = 3: every tangent A is W K(t) + q c' with q normal to W; the best <-G, A> over a grid of t and c on the
   sphere t^2 + |c|^2 = b^2, where <G, A> = 2 w t + (G'q)'c. */
static double dense_search(const struct support_problem *p) {
    struct rng r = support_rng(9);
    double *const W = support_read(&p->W), *const G = support_read(&p->G);
    double *const q = support_orthonormal(&r, 3, 1, W, 2), *const S = support_mul_tn(2, 3, 2, W, G);
    double *const g = support_mul_tn(2, 3, 1, G, q), best = 0;
    for (int i = 0; i <= 400; i++)
        for (int j = 0; j < 800; j++) {
            const double height = -1 + i / 200.0, angle = 3.14159265358979 * j / 400,
                         ring = sqrt(fmax(0, 1 - height * height));
            const double value = (S[1] - S[2]) * height + ring * (g[0] * cos(angle) + g[1] * sin(angle));
            best = fmax(best, -radius * value);
        }
    free(W), free(G), free(q), free(S), free(g);
    return best;
}

static void two_columns_against_closed_form_and_search(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++)
        for (size_t m = 2; m <= 5; m++) {
            struct support_problem p = support_problem_random(seed, m, 2, SUPPORT_F64_COLUMNS);
            double w, normal;
            const double optimum = optimum_of_two_columns(&p, &w, &normal);
            if (m == 3) {
                const double found = dense_search(&p);
                assert_true(found <= optimum * (1 + 1e-12) && found > optimum * (1 - 1e-3));
            }
            for (int id = 0; id < MUON_LABEL_COUNT; id++) {
                struct muon_options options = muon_options_default(id);
                options.rank = 2; /* frank_wolfe over the full ball */
                const struct muon_info info = support_solve(&p, muon_solver_name(id), &options, radius, NULL);
                assert_true(info.primal <= optimum * (1 + 1e-12) && info.dual >= optimum * (1 - 1e-12));
                if (id != MUON_SOLVER_spectral_clip && info.gap > options.tol)
                    fail_msg("%s, m = %zu, seed %d: gap %g", muon_solver_name(id), m, (int)seed, info.gap);
            }
            support_problem_free(&p);
        }
}

static void problems_made_from_their_optimum(void **state) {
    (void)state;
    const size_t shapes[][3] = {/* m, n, rank of G + W X */ {4, 2, 2},
                                {20, 10, 10},
                                {30, 8, 8},
                                {20, 10, 5},
                                {15, 10, 10},
                                {16, 16, 16},
                                {64, 20, 20},
                                {40, 12, 1}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const size_t n = shapes[s][1];
        double optimum;
        struct support_problem p = support_problem_known(s, shapes[s][0], n, shapes[s][2], radius, &optimum);
        for (int id = 0; id < MUON_LABEL_COUNT; id++) {
            struct muon_options options = muon_options_default(id);
            options.rank = n;
            const struct muon_info info = support_solve(&p, muon_solver_name(id), &options, radius, NULL);
            assert_true(info.primal <= optimum * (1 + 1e-10) && info.dual >= optimum * (1 - 1e-10));
            if (id == MUON_SOLVER_quasi_newton && info.primal < optimum * (1 - 1e-3))
                fail_msg("%zu x %zu rank %zu: %g of %g", p.m, n, shapes[s][2], info.primal, optimum);
        }
        support_problem_free(&p);
    }
}

static void quasi_newton_converges_on_random_problems(void **state) {
    (void)state;
    const size_t shapes[][2] = {{1, 1},   {7, 1},   {6, 3},   {64, 16}, {48, 24},
                                {36, 24}, {32, 27}, {25, 24}, {24, 24}, {17, 17}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            const size_t m = shapes[s][0], n = shapes[s][1];
            struct support_problem p = support_problem_random(seed, m, n, SUPPORT_F64_COLUMNS);
            const struct muon_info info = support_solve(&p, "quasi_newton", NULL, radius, NULL);
            const double wanted = m < 2 * n && n > 1 ? 1e-3 : 1e-4;
            if (info.gap > wanted)
                fail_msg("%zu x %zu seed %d: gap %g, %s", m, n, (int)seed, info.gap,
                         muon_outcome_name(info.outcome));
            assert_true(info.gap > -1e-9);
            support_problem_free(&p);
        }
}

/* Where m >= 3 n the accelerated fixed point alone does it: 5 to 9 iterations to 1e-4. */
static void quasi_newton_is_fast_on_easy_shapes(void **state) {
    (void)state;
    const size_t shapes[][2] = {{64, 16}, {96, 16}, {90, 30}};
    for (size_t s = 0; s < 3; s++)
        for (int digits = 4; digits <= 8; digits += 4) {
            struct support_problem p =
                support_problem_random(7, shapes[s][0], shapes[s][1], SUPPORT_F64_COLUMNS);
            const struct muon_options options = support_options(pow(10, -digits), 100);
            const struct muon_info info = support_solve(&p, "quasi_newton", &options, radius, NULL);
            if (info.outcome != MUON_converged || info.iterations > (digits == 4 ? 12 : 24))
                fail_msg("%zu x %zu, 1e-%d: %zu iterations", p.m, p.n, digits, info.iterations);
            support_problem_free(&p);
        }
}

/* Down to where double ends, on an easy shape. */
static void quasi_newton_reaches_small_gaps(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(1, 40, 12, SUPPORT_F64_COLUMNS);
    const struct muon_options options = support_options(1e-8, 200);
    const struct muon_info info = support_solve(&p, "quasi_newton", &options, radius, NULL);
    assert_true(info.outcome == MUON_converged && info.gap <= 1e-8 && info.gap > -1e-10);
    support_problem_free(&p);
}

static void first_order_methods_reach_their_percent(void **state) {
    (void)state;
    const size_t shapes[][2] = {{24, 8}, {40, 10}, {64, 20}, {90, 30}};
    const char *const names[] = {"dual_ascent", "admm"};
    for (size_t s = 0; s < 4; s++)
        for (uint64_t seed = 0; seed < 3; seed++)
            for (size_t k = 0; k < 2; k++) {
                struct support_problem p =
                    support_problem_random(seed, shapes[s][0], shapes[s][1], SUPPORT_F32_WIDE);
                const struct muon_info info = support_solve(&p, names[k], NULL, radius, NULL);
                if (info.gap > 3e-2)
                    fail_msg("%s, %zu x %zu: gap %g", names[k], p.m, p.n, info.gap);
                support_problem_free(&p);
            }
}

static void frank_wolfe_is_low_rank(void **state) {
    (void)state;
    const size_t shapes[][2] = {{24, 8}, {40, 10}, {64, 20}, {64, 32}};
    for (size_t s = 0; s < 4; s++)
        for (size_t rank = 0; rank <= shapes[s][1]; rank += shapes[s][1] / 2) {
            const size_t n = shapes[s][1], k = rank > 0 ? rank : n / 4;
            struct muon_options options = muon_options_default(MUON_SOLVER_frank_wolfe);
            options.rank = rank;
            struct support_problem p = support_problem_random(s, shapes[s][0], n, SUPPORT_F64_ROWS);
            const struct muon_info info = support_solve(&p, "frank_wolfe", &options, radius, NULL);
            if (info.gap > 0.1)
                fail_msg("%zu x %zu, k = %zu: gap %g", p.m, n, k, info.gap);
            assert_true(info.rank <= (k > n / 2 ? k : n / 2));
            assert_true(info.nuclear <= (double)k * radius * (1 + 1e-6));
            assert_true(rank == n ? info.gap_full == info.gap : info.gap_full > info.gap);
            support_check_info(&p, radius, k, &info);
            support_problem_free(&p);
        }
}

static void frank_wolfe_of_rank_one(void **state) {
    (void)state;
    struct muon_options options = muon_options_default(MUON_SOLVER_frank_wolfe);
    options.rank = 1;
    struct support_problem p = support_problem_random(1, 40, 10, SUPPORT_F64_ROWS);
    const struct muon_info info = support_solve(&p, "frank_wolfe", &options, radius, NULL);
    assert_true(info.nuclear <= radius * (1 + 1e-6) && info.rank <= 5 && info.primal > 0);
    support_check_info(&p, radius, 1, &info);
    support_problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_columns_against_closed_form_and_search),
        cmocka_unit_test(problems_made_from_their_optimum),
        cmocka_unit_test(quasi_newton_converges_on_random_problems),
        cmocka_unit_test(quasi_newton_is_fast_on_easy_shapes),
        cmocka_unit_test(quasi_newton_reaches_small_gaps),
        cmocka_unit_test(first_order_methods_reach_their_percent),
        cmocka_unit_test(frank_wolfe_is_low_rank),
        cmocka_unit_test(frank_wolfe_of_rank_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
