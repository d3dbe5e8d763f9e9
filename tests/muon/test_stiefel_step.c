/* Steps on the manifold: against a solver of its own and singular values; drift; threads; arms; the control muon. */
#include "support_sgd.h"

#include "muon/stiefel_step.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { on_manifold = 4 };

/* The m >= n view of a parameter's data. */
static struct muon_matrix view(const struct muon_parameter *p, const void *data) {
    return muon_matrix_transposed_if_wide(data, MUON_F32, p->rows, p->cols);
}

static void *copy(const void *data, size_t bytes) {
    void *const out = malloc(bytes);
    assert_non_null(out);
    return memcpy(out, data, bytes);
}

/* ||W'W - I||_F / sqrt(n) by loops */
static double drift(const struct muon_parameter *p) {
    const struct muon_matrix w = view(p, p->value);
    double *const W = support_read(&w), *const E = support_mul_tn(w.cols, w.rows, w.cols, W, W);
    for (size_t i = 0; i < w.cols; i++)
        E[i + i * w.cols] -= 1;
    const double error = sqrt(support_dot(w.cols * w.cols, E, E) / (double)w.cols);
    free(W), free(E);
    return error;
}

static void projection_is_the_polar_factor(void **state) {
    (void)state;
    struct support_network net = support_network_make(2);
    double *expected[on_manifold];
    for (size_t i = 0; i < on_manifold; i++) {
        const struct muon_matrix w = view(&net.parameters[i], net.parameters[i].value);
        double *const W = support_read(&w);
        expected[i] = support_svd_function(w.rows, w.cols, W, support_one, 0);
        free(W);
    }
    float head[80];
    memcpy(head, net.parameters[SUPPORT_HEAD].value, sizeof head);
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    for (size_t i = 0; i < on_manifold; i++) {
        const struct muon_matrix w = view(&net.parameters[i], net.parameters[i].value);
        double *const W = support_read(&w);
        assert_true(support_max_difference(w.rows * w.cols, expected[i], W) < 1e-7);
        assert_int_equal(muon_sgd_columns(sgd, i), w.cols);
        assert_true(fabs(muon_sgd_drift(sgd, i) - drift(&net.parameters[i])) < 1e-12);
        free(W), free(expected[i]);
    }
    assert_memory_equal(head, net.parameters[SUPPORT_HEAD].value, sizeof head);
    assert_int_equal(muon_sgd_columns(sgd, SUPPORT_HEAD), 0);
    assert_true(muon_sgd_drift(sgd, SUPPORT_HEAD) == 0);
    assert_null(muon_sgd_report(sgd, SUPPORT_HEAD));
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

/* polar(W + A) with A from a solver on (W, G) alone, and ||W^'W^ - I||_F. */
static double *expected_weight(const char *solver, const struct muon_matrix *w, const struct muon_matrix *g,
                               double radius, double *orthogonality) {
    const size_t m = w->rows, n = w->cols;
    double *const W = support_read(w), *const G = support_read(g);
    struct support_problem p = support_problem_from(m, n, W, G, SUPPORT_F64_COLUMNS);
    support_solve(&p, solver, NULL, radius, NULL);
    support_add(m * n, W, 1, p.A.data);
    double *const E = support_mul_tn(n, m, n, W, W), *const polar =
                                                         support_svd_function(m, n, W, support_one, 0);
    for (size_t i = 0; i < n; i++)
        E[i + i * n] -= 1;
    *orthogonality = sqrt(support_dot(n * n, E, E));
    free(W), free(G), free(E);
    support_problem_free(&p);
    return polar;
}

/* The momentum of the first step is the gradient; with nesterov grad + momentum buf. */
static void the_first_step_is_polar_of_w_plus_a(void **state) {
    (void)state;
    omp_set_num_threads(
        1); /* a matrix has one thread in a step; more round otherwise, which frank_wolfe amplifies */
    for (int nesterov = 0; nesterov < 2; nesterov++)
        for (int id = 0; id < MUON_SOLVER_muon; id++) {
            struct support_network net = support_network_make(3);
            struct muon_sgd_options options = support_sgd_options(muon_solver_name(id), 4);
            options.nesterov = nesterov;
            options.warmup_steps = 1; /* factor 1/2 */
            struct muon_sgd *const sgd = support_sgd(&net, &options);
            support_network_gradients(&net, 3, 0);
            assert_true(muon_sgd_radius(sgd) == 0.05);
            double *expected[on_manifold], orthogonality[on_manifold], kept[2];
            for (size_t i = 0; i < on_manifold; i++) {
                const struct muon_parameter *const p = &net.parameters[i];
                float *const G = copy(p->grad, p->count * sizeof *G);
                for (size_t k = 0; k < p->count && nesterov; k++)
                    G[k] = p->grad[k] + 0.9f * p->grad[k];
                const struct muon_matrix w = view(p, p->value), g = view(p, G);
                const char *const name = muon_solver_name(id);
                if (id ==
                    MUON_SOLVER_spectral_clip) { /* its lr follows the schedule: half the gradient instead */
                    for (size_t k = 0; k < p->count; k++)
                        G[k] *= 0.5f;
                }
                expected[i] = expected_weight(name, &w, &g, 0.05, &orthogonality[i]);
                free(G);
                assert_false(muon_sgd_last_update(sgd, i, &kept[0], &kept[1])); /* none yet */
            }
            support_sgd_step(sgd, 0);
            for (size_t i = 0; i < on_manifold; i++) {
                const struct muon_matrix w = view(&net.parameters[i], net.parameters[i].value);
                double *const W = support_read(&w);
                if (support_max_difference(w.rows * w.cols, expected[i], W) > 2e-7)
                    fail_msg("%s, %s", muon_solver_name(id), net.parameters[i].name);
                const struct muon_sgd_report *const report = muon_sgd_report(sgd, i);
                assert_true(fabs(report->orthogonality - orthogonality[i]) < 1e-9);
                assert_true(muon_sgd_last_update(sgd, i, &kept[0], &kept[1]));
                assert_true(kept[0] == report->info.eff_rank && kept[1] == report->orthogonality);
                free(W), free(expected[i]);
            }
            muon_sgd_destroy(sgd);
            support_network_free(&net);
        }
}

static void gamma_is_the_tangent_part_of_the_momentum(void **state) {
    (void)state;
    struct support_network net = support_network_make(4);
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    support_network_gradients(&net, 4, 0);
    assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
    for (size_t i = 0; i < on_manifold; i++) {
        const struct muon_matrix w = view(&net.parameters[i], net.parameters[i].value),
                                 g = view(&net.parameters[i], net.parameters[i].grad);
        double *const W = support_read(&w), *const Gamma = support_read(&g), sigma[16], expected[16];
        support_make_tangent(w.rows, w.cols, W, Gamma);
        support_svd(w.rows, w.cols, Gamma, expected, NULL);
        assert_int_equal(muon_sgd_gamma(sgd, i, sigma), w.cols);
        assert_true(support_max_difference(w.cols, expected, sigma) < 1e-5 * expected[0]);
        free(W), free(Gamma);
    }
    assert_int_equal(muon_sgd_gamma(sgd, SUPPORT_BIAS, NULL), 0);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

static void weights_stay_orthonormal(void **state) {
    (void)state;
    const char *const solvers[] = {"spectral_clip", "dual_ascent", "frank_wolfe"};
    for (size_t s = 0; s < 3; s++) {
        struct support_network net = support_network_make(5);
        struct muon_sgd_options options = support_sgd_options(solvers[s], 200);
        options.schedule = MUON_SCHEDULE_constant;
        options.arms[0].options.max_iter = 8;
        struct muon_sgd *const sgd = support_sgd(&net, &options);
        for (size_t step = 0; step < 200; step++) {
            support_network_gradients(&net, 5, step);
            support_sgd_step(sgd, 0);
        }
        for (size_t i = 0; i < on_manifold; i++) {
            assert_true(drift(&net.parameters[i]) < 1e-6);
            const struct muon_info *const info = &muon_sgd_report(sgd, i)->info;
            assert_true(info->norm <= 0.1 * (1 + 1e-6) && info->tangency < 1e-6);
        }
        muon_sgd_destroy(sgd);
        support_network_free(&net);
    }
}

/* Values after some steps with these arms, freshly allocated one after the other; choice[step % 4]. */
static float *train(const struct muon_sgd_options *options, const size_t choice[4], size_t steps,
                    int threads) {
    struct support_network net = support_network_make(6);
    omp_set_num_threads(threads);
    struct muon_sgd *const sgd = support_sgd(&net, options);
    for (size_t step = 0; step < steps; step++) {
        support_network_gradients(&net, 6, step);
        support_sgd_step(sgd, choice[step % 4]);
    }
    float *const all = calloc(2000, sizeof *all);
    size_t used = 0;
    for (size_t i = 0; i < SUPPORT_PARAMETERS; used += net.parameters[i++].count)
        memcpy(all + used, net.parameters[i].value, net.parameters[i].count * sizeof *all);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
    return all;
}

static void bits_do_not_depend_on_threads(void **state) {
    (void)state;
    for (int id = 0; id < MUON_SOLVER_COUNT; id++) {
        const struct muon_sgd_options options = support_sgd_options(muon_solver_name(id), 10);
        float *const one = train(&options, (const size_t[4]){0}, 6, 1), *const two =
                                                                            train(&options,
                                                                                  (const size_t[4]){0}, 6, 2);
        assert_memory_equal(one, two, 2000 * sizeof *one);
        free(one), free(two);
    }
}

static void an_arm_is_its_solver(void **state) {
    (void)state;
    const size_t first[4] = {0}, second[4] = {1, 1, 1, 1}, mixed[4] = {0, 1, 1, 0};
    const struct muon_sgd_options admm = support_sgd_options("admm", 10),
                                  ascent = support_sgd_options("dual_ascent", 10);
    struct muon_sgd_options both = admm;
    both.arm_count = 2;
    both.arms[1] = ascent.arms[0];
    float *const a = train(&admm, first, 6, 1), *const b = train(&ascent, first, 6, 1);
    float *const a2 = train(&both, first, 6, 1), *const b2 = train(&both, second, 6, 1),
                 *const m = train(&both, mixed, 6, 1);
    assert_memory_equal(a, a2, 2000 * sizeof *a);
    assert_memory_equal(b, b2, 2000 * sizeof *b);
    assert_memory_not_equal(a, b, 2000 * sizeof *a);
    assert_memory_not_equal(m, a, 2000 * sizeof *a);
    assert_memory_not_equal(m, b, 2000 * sizeof *a);
    free(a), free(b), free(a2), free(b2), free(m);
}

/* W <- (1 - radius weight_decay) W - radius msign(buf), unprojected. */
static void the_control_muon(void **state) {
    (void)state;
    struct support_network net = support_network_make(7);
    struct muon_sgd_options options = support_sgd_options("muon", 4);
    options.weight_decay = 0.5;
    float before[16 * 27];
    memcpy(before, net.parameters[SUPPORT_CONV].value, sizeof before);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    assert_memory_equal(before, net.parameters[SUPPORT_CONV].value, sizeof before); /* nothing to project */
    const struct muon_parameter *const p = &net.parameters[SUPPORT_CONV];
    const struct muon_matrix w = view(p, p->value), g = view(p, p->grad);
    double *const W = support_read(&w), *const buf = support_zeros(16 * 27);
    for (size_t step = 0; step < 3; step++) {
        support_network_gradients(&net, 7, step);
        support_sgd_step(sgd, 0);
        const double radius = 0.1 * (1 - (double)step / 4);
        double *const G = support_read(&g);
        for (size_t k = 0; k < 16 * 27; k++)
            buf[k] = 0.9 * buf[k] + G[k];
        double *const sign = support_svd_function(27, 16, buf, support_one, 0), *const now = support_read(&w);
        for (size_t k = 0; k < 16 * 27; k++)
            W[k] = (1 - radius * 0.5) * W[k] - radius * sign[k];
        assert_true(support_max_difference(16 * 27, W, now) < 2e-6);
        free(G), free(sign), free(now);
    }
    free(W), free(buf);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

/* The series for short steps is one of floats, which a double weight does not take. */
static void a_double_weight_is_retracted_in_double(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(3, 24, 8, SUPPORT_F64_COLUMNS);
    const struct muon_sgd_options options = support_sgd_options("quasi_newton", 5);
    struct stiefel_step step = {0};
    assert_int_equal(stiefel_step_create(&step, p.W, p.G, &options, NULL), TRM_OK);
    for (size_t k = 0; k < 3; k++) {
        stiefel_step_load(&step, true);
        stiefel_step_solve(&step, 0, 0.1, 1);
        assert_int_equal(step.status, TRM_OK);
        stiefel_step_retract(&step);
        assert_int_equal(step.status, TRM_OK);
        assert_true(stiefel_step_drift(&step) < 1e-13);
    }
    stiefel_step_destroy(&step);
    support_problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projection_is_the_polar_factor),
        cmocka_unit_test(the_first_step_is_polar_of_w_plus_a),
        cmocka_unit_test(gamma_is_the_tangent_part_of_the_momentum),
        cmocka_unit_test(weights_stay_orthonormal),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(an_arm_is_its_solver),
        cmocka_unit_test(the_control_muon),
        cmocka_unit_test(a_double_weight_is_retracted_in_double),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
