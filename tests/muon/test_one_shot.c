/* spectral_clip and the two controls against their formulas, by singular values of the full matrices. */
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{6, 1}, {7, 7}, {12, 8}, {40, 10}, {70, 16}};
enum { shape_count = sizeof shapes / sizeof *shapes };
static const double radius = 0.1;

static double largest_singular_value(size_t m, size_t n, const double *A) {
    double *const U = support_copy(A, m * n), *const sigma = support_zeros(n);
    support_svd(m, n, U, sigma, NULL);
    const double largest = sigma[0];
    free(U), free(sigma);
    return largest;
}

/* Gamma = G - W sym(W'G) */
static double *riemannian_gradient(const struct support_problem *p) {
    double *const Gamma = support_read(&p->G), *const W = support_read(&p->W);
    support_make_tangent(p->m, p->n, W, Gamma);
    free(W);
    return Gamma;
}

/* A <- -A, tangent, then scaled by min(1, b / ||A||_2) */
static void repair(const struct support_problem *p, double *A) {
    double *const W = support_read(&p->W);
    for (int pass = 0; pass < 3; pass++) /* a float W is orthonormal to 1e-6 only */
        support_make_tangent(p->m, p->n, W, A);
    const double norm = largest_singular_value(p->m, p->n, A);
    for (size_t i = 0; i < p->m * p->n; i++)
        A[i] *= -fmin(1, radius / norm);
    free(W);
}

static void compare(const struct support_problem *p, const double *A, double tolerance) {
    double *const found = support_read(&p->A);
    const double difference = support_max_difference(p->m * p->n, A, found);
    if (difference > tolerance * radius)
        fail_msg("%zu x %zu: off by %g", p->m, p->n, difference / radius);
    free(found);
}

/* G such that the largest singular value of lr Gamma is gain b. */
static void scale_gradient(struct support_problem *p, double lr, double gain) {
    double *const Gamma = riemannian_gradient(p), *const G = support_read(&p->G);
    const double largest = largest_singular_value(p->m, p->n, Gamma);
    for (size_t j = 0; j < p->n; j++)
        for (size_t i = 0; i < p->m; i++)
            support_set(&p->G, i, j, G[i + j * p->m] * gain * radius / (lr * largest));
    free(Gamma), free(G);
}

static void spectral_clip_is_its_formula(void **state) {
    (void)state;
    const double gains[] = {0.5, 1.5, 50, 1e6}; /* none, some, nearly all, all clipped */
    for (size_t s = 0; s < shape_count; s++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++)
            for (size_t k = 0; k < sizeof gains / sizeof *gains; k++) {
                const size_t m = shapes[s][0], n = shapes[s][1];
                struct muon_options options = muon_options_default(MUON_SOLVER_spectral_clip);
                options.lr = 0.03;
                struct support_problem p = support_problem_random(s, m, n, layout);
                scale_gradient(&p, options.lr, gains[k]);
                const struct muon_info info = support_solve(&p, "spectral_clip", &options, radius, NULL);
                double *const Gamma = riemannian_gradient(&p);
                for (size_t i = 0; i < m * n; i++)
                    Gamma[i] *= options.lr;
                double *const A = support_svd_function(m, n, Gamma, support_clip, radius);
                repair(&p, A);
                compare(&p, A, layout <= SUPPORT_F64_ROWS ? 1e-9 : 2e-7); /* a float W included */
                assert_int_equal(info.iterations, 1);
                support_check_info(&p, radius, n, &info);
                free(Gamma), free(A);
                support_problem_free(&p);
            }
}

/* Below the clip it is Riemannian gradient descent, in length too. */
static void below_the_clip_nothing_is_scaled(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(2, 40, 10, SUPPORT_F64_COLUMNS);
    scale_gradient(&p, 0.1, 0.01);
    const struct muon_info info = support_solve(&p, "spectral_clip", NULL, radius, NULL);
    double *const Gamma = riemannian_gradient(&p);
    for (size_t i = 0; i < 400; i++)
        Gamma[i] *= -0.1;
    assert_true(support_max_difference(400, Gamma, p.A.data) < 1e-12 * radius);
    assert_true(fabs(info.norm - 0.01 * radius) < 1e-12);
    free(Gamma);
    support_problem_free(&p);
}

/* Both report the multiplier X = -sym(W'G). */
static void one_shot_multiplier(void **state) {
    (void)state;
    const char *const names[] = {"spectral_clip", "msign_tangent"};
    for (size_t k = 0; k < 2; k++) {
        struct support_problem p = support_problem_random(3, 30, 6, SUPPORT_F64_ROWS);
        support_solve(&p, names[k], NULL, radius, NULL);
        double *const W = support_read(&p.W), *const G = support_read(&p.G),
                      *const S = support_mul_tn(6, 30, 6, W, G);
        for (size_t j = 0; j < 6; j++)
            for (size_t i = 0; i < 6; i++)
                assert_true(fabs(p.X[i + j * 6] + 0.5 * (S[i + j * 6] + S[j + i * 6])) < 1e-12);
        free(W), free(G), free(S);
        support_problem_free(&p);
    }
}

static void msign_tangent_is_its_formula(void **state) {
    (void)state;
    for (size_t s = 0; s < shape_count; s++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
            const size_t m = shapes[s][0],
                         n = shapes[s][1] - (shapes[s][0] == shapes[s][1]); /* 7 x 7: odd, singular */
            struct support_problem p = support_problem_random(s, m, n, layout);
            const struct muon_info info = support_solve(&p, "msign_tangent", NULL, radius, NULL);
            double *const Gamma = riemannian_gradient(&p);
            double *const A = support_svd_function(m, n, Gamma, support_one, 0);
            for (size_t i = 0; i < m * n; i++)
                A[i] *= radius;
            repair(&p, A);
            compare(&p, A, layout <= SUPPORT_F64_ROWS ? 1e-9 : 2e-7);
            support_check_info(&p, radius, n, &info);
            free(Gamma), free(A);
            support_problem_free(&p);
        }
}

static void muon_is_its_formula(void **state) {
    (void)state;
    for (size_t s = 0; s < shape_count; s++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++) {
            const size_t m = shapes[s][0], n = shapes[s][1];
            struct support_problem p = support_problem_random(s, m, n, layout);
            for (size_t j = 0; j < n; j++) /* any W: there is no manifold */
                for (size_t i = 0; i < m; i++)
                    support_set(&p.W, i, j, 3 * support_at(&p.W, i, j) + 1);
            const struct muon_info info = support_solve(&p, "muon", NULL, radius, NULL);
            double *const G = support_read(&p.G), *const A = support_svd_function(m, n, G, support_one, 0);
            for (size_t i = 0; i < m * n; i++)
                A[i] *= -radius;
            compare(&p, A, layout <= SUPPORT_F64_ROWS ? 1e-9 : 2e-7);
            for (size_t i = 0; i < n * n; i++)
                assert_true(p.X[i] == 0);
            assert_true(info.outcome == MUON_converged &&
                        fabs(info.gap) < 1e-6); /* the optimum of its ball */
            free(G), free(A);
            support_problem_free(&p);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectral_clip_is_its_formula), cmocka_unit_test(below_the_clip_nothing_is_scaled),
        cmocka_unit_test(one_shot_multiplier),          cmocka_unit_test(msign_tangent_is_its_formula),
        cmocka_unit_test(muon_is_its_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
