/* The second-order repair: what it makes is feasible, and what it loses is of second order. */
#include "support_reduced.h"

#include "linalg/linalg.h"
#include "muon/inner/repair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* X' of a nearly optimal point by the plain fixed point (method.md, section 4), which test_optimum.c checks. */
static void approach(struct support_fixture *f, double *X, int steps) {
    const size_t n = f->p.n;
    struct muon_reduced *const r = &f->r;
    double *const q = support_zeros(n);
    memset(X, 0, n * n * sizeof *X);
    for (int k = 0; k < steps; k++) {
        muon_reduced_decompose(r, X);
        muon_reduced_inverse_roots(r, 0, q);
        double *const OV = support_mul(n, n, n, f->problem->reduction.Omega, r->V), *const F = support_mul_tn(
                                                                                        n, n, n, r->V, OV);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                F[i + j * n] *= (q[i] - q[j]) / (q[i] + q[j]);
        double *const VF = support_mul(n, n, n, r->V, F);
        lin_mul_nt(n, VF, r->V, X);
        lin_sym(n, X);
        free(OV), free(F), free(VF);
    }
    free(q);
}

/* d - p after repair at X* + t D, relative to d at X*; *plain: without the repair, scaled only. */
static double loss(struct support_fixture *f, const double *optimal, const double *D, double t, double best,
                   double *plain) {
    const size_t n = f->p.n;
    struct muon_reduced *const r = &f->r;
    double *const X = support_copy(optimal, n * n), *const q = support_zeros(n);
    support_add(n * n, X, t, D);
    muon_reduced_decompose(r, X);
    muon_reduced_inverse_roots(r, 0, q);
    muon_reduced_polar_step(r, q, r->B, r->C);
    r->primal = 0;
    muon_reduced_update_primal(r, r->B, r->C);
    *plain = (best - r->primal) / best;
    muon_reduced_polar_step(r, q, r->B, r->C);
    r->primal = 0, r->target_gap = 1e-9;
    muon_repair_try(r, r->B, r->C);
    free(X), free(q);
    return (best - r->primal) / best;
}

static void a_repaired_step_loses_the_square_of_its_distance(void **state) {
    (void)state;
    const size_t shapes[][2] = {{20, 8}, {50, 21}, {60, 12}};
    struct rng r = support_rng(50);
    for (size_t s = 0; s < 3; s++) {
        struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
        const size_t m = f.p.m, n = f.p.n;
        double *const X = support_zeros(n * n), *const D = support_symmetric(&r, n), plain[3], repaired[3];
        approach(&f, X, 200);
        const double best = muon_reduced_decompose(&f.r, X);
        for (int k = 0; k < 3; k++)
            repaired[k] = loss(&f, X, D, 1e-2 * pow(0.25, k), best, &plain[k]);
        for (int k = 0; k < 2; k++) {
            assert_true(plain[k + 1] > 0.15 * plain[k]);      /* first order: a quarter */
            assert_true(repaired[k + 1] < 0.1 * repaired[k]); /* second order: a sixteenth */
        }
        assert_true(repaired[0] < 0.2 * plain[0] && repaired[2] > -1e-9);
        double *const A = support_full(&f, f.r.B_best, f.r.C_best), *const T =
                                                                        support_mul_tn(n, m, n, f.W, A);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                assert_true(fabs(T[i + j * n] + T[j + i * n]) < 1e-12);
        double *const sigma = support_zeros(n);
        support_svd(m, n, A, sigma, NULL);
        assert_true(sigma[0] <= 1 + 1e-12 && sigma[n - 1] > 1 - 1e-6);
        free(X), free(D), free(A), free(T), free(sigma);
        support_fixture_free(&f);
    }
}

/* Far from the optimum, and where singular values cannot all be 1, what is kept is feasible all the same. */
static void whatever_comes_out_is_feasible(void **state) {
    (void)state;
    const size_t shapes[][2] = {{20, 8}, {9, 7}, {4, 4}, {5, 1}};
    for (size_t s = 0; s < 4; s++)
        for (int clip = 0; clip < 2; clip++) {
            struct rng r = support_rng(60 + s);
            struct support_fixture f = support_fixture_make(s, shapes[s][0], shapes[s][1]);
            const size_t m = f.p.m, n = f.p.n;
            double *const X = support_symmetric(&r, n), *const q = support_zeros(n),
                          *const sigma = support_zeros(n);
            muon_reduced_decompose(&f.r, X);
            muon_reduced_inverse_roots(&f.r, 1e-2, q);
            muon_reduced_polar_step(&f.r, q, f.r.B, f.r.C);
            if (clip)
                muon_reduced_update_primal(&f.r, f.r.B, f.r.C);
            (clip ? muon_repair_try_clipped : muon_repair_try)(&f.r, f.r.B, f.r.C);
            double *const A = support_full(&f, f.r.B_best, f.r.C_best);
            assert_true(f.r.primal > 0 && fabs(support_dot(m * n, f.G, A) - f.r.primal) < 1e-12);
            support_svd(m, n, A, sigma, NULL);
            assert_true(sigma[0] <= 1 + 1e-12);
            free(X), free(q), free(sigma), free(A);
            support_fixture_free(&f);
        }
}

/* What a trial left decides about the next. */
static void a_trial_is_made_where_it_promises_the_goal(void **state) {
    (void)state;
    const struct muon_options options = {.max_iter = 30};
    struct muon_reduced r = {
        .options = &options, .target_gap = 1e-3, .gap_per_square = 10, .dual = 1, .primal = 0.9};
    assert_false(muon_repair_promises(&r, 0.02, 1));
    assert_true(muon_repair_promises(&r, 0.005, 1));
    assert_true(muon_repair_promises(&r, 0.02, 30)); /* the last iteration */
    muon_repair_learn(&r, 0.02);                     /* a gap of 0.1 at 4e-4: some 200 of it */
    assert_true(r.gap_per_square > 100 && r.gap_per_square < 300);
    assert_false(muon_repair_promises(&r, 0.005, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repaired_step_loses_the_square_of_its_distance),
        cmocka_unit_test(whatever_comes_out_is_feasible),
        cmocka_unit_test(a_trial_is_made_where_it_promises_the_goal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
