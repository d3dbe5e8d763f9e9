/* Parameters off the manifold against PyTorch's formula by hand; options; errors. */
#include "support_sgd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* torch.optim.SGD: g <- grad + weight_decay p; buf <- momentum buf + g (buf = g at first); g <- nesterov ? g + momentum
   buf : buf; p <- p - lr g. */
static void torch_step(size_t count, double *p, double *buf, const float *grad,
                       const struct muon_sgd_options *o, double lr) {
    for (size_t k = 0; k < count; k++) {
        double g = (double)grad[k] + o->weight_decay * p[k];
        buf[k] = o->momentum * buf[k] + g;
        g = o->nesterov ? g + o->momentum * buf[k] : buf[k];
        p[k] -= lr * g;
    }
}

static void check_rest(const struct muon_sgd_options *options) {
    enum { steps = 8 };
    struct support_network net = support_network_make(1);
    double p[2][80], buf[2][80] = {{0}};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < net.parameters[SUPPORT_HEAD + i].count; k++)
            p[i][k] = (double)net.parameters[SUPPORT_HEAD + i].value[k];
    struct muon_sgd *const sgd = support_sgd(&net, options);
    for (size_t step = 0; step < steps; step++) {
        support_network_gradients(&net, 1, step);
        const double factor = muon_schedule_factor(options->schedule, step, options->total_steps, 0);
        support_sgd_step(sgd, 0);
        for (size_t i = 0; i < 2; i++) {
            const struct muon_parameter *const now = &net.parameters[SUPPORT_HEAD + i];
            torch_step(now->count, p[i], buf[i], now->grad, options, options->lr * factor);
            for (size_t k = 0; k < now->count; k++)
                assert_true(fabs((double)now->value[k] - p[i][k]) < 1e-5);
        }
    }
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

static void the_rest_takes_torch_steps(void **state) {
    (void)state;
    struct muon_sgd_options options = support_sgd_options("spectral_clip", 10);
    check_rest(&options);
    options.schedule = MUON_SCHEDULE_constant;
    check_rest(&options);
    options.nesterov = true;
    check_rest(&options);
    options.weight_decay = 0.3;
    check_rest(&options);
    options.nesterov = false;
    check_rest(&options);
    options.momentum = 0;
    check_rest(&options);
    options.schedule = MUON_SCHEDULE_cosine;
    options.lr = 0;
    check_rest(&options);
}

static void options_out_of_range(void **state) {
    (void)state;
    const struct muon_sgd_options good = muon_sgd_options_default();
    assert_null(muon_sgd_options_check(&good));
    assert_true(good.lr == 0.1 && good.momentum == 0.9 && good.weight_decay == 5e-4 && !good.nesterov);
    assert_true(good.spectral_budget == 0.1 && good.schedule == MUON_SCHEDULE_linear && good.arm_count == 1);
    assert_int_equal(good.arms[0].solver, MUON_SOLVER_quasi_newton);
    struct muon_sgd_options bad[20];
    const char *words[20];
    size_t count = 0;
    const double wrong[] = {-1e-3, NAN, INFINITY};
    for (size_t k = 0; k < 3; k++) {
        bad[count] = good, bad[count].lr = wrong[k], words[count++] = "lr";
        bad[count] = good, bad[count].momentum = wrong[k], words[count++] = "momentum";
        bad[count] = good, bad[count].weight_decay = wrong[k], words[count++] = "weight_decay";
        bad[count] = good, bad[count].spectral_budget = wrong[k], words[count++] = "spectral_budget";
    }
    bad[count] = good, bad[count].momentum = 1, words[count++] = "momentum";
    bad[count] = good, bad[count].spectral_budget = 0, words[count++] = "spectral_budget";
    bad[count] = good, bad[count].nesterov = true, bad[count].momentum = 0, words[count++] = "nesterov";
    bad[count] = good, bad[count].total_steps = 0, words[count++] = "run";
    bad[count] = good, bad[count].warmup_steps = 1, words[count++] = "warm";
    bad[count] = good, bad[count].arm_count = 0, words[count++] = "arms";
    bad[count] = good, bad[count].arm_count = 17, words[count++] = "arms";
    bad[count] = good, bad[count].arms[0].solver = 99, words[count++] = "solver";
    struct support_network net = support_network_make(1);
    for (size_t k = 0; k < count; k++) {
        struct muon_sgd *sgd = (void *)&net;
        struct trm_error error = {.text = ""};
        assert_int_equal(muon_sgd_create(&sgd, net.parameters, SUPPORT_PARAMETERS, &bad[k], &error),
                         TRM_INVALID);
        assert_null(sgd);
        if (strstr(error.text, words[k]) == NULL)
            fail_msg("'%s' does not name %s", error.text, words[k]);
    }
    support_network_free(&net);
    muon_sgd_destroy(NULL);
}

static void the_control_is_not_mixed_with_arms(void **state) {
    (void)state;
    struct muon_sgd_options options = support_sgd_options("muon", 5);
    assert_null(muon_sgd_options_check(&options));
    options.arm_count = 2;
    options.arms[1] = (struct muon_arm){MUON_SOLVER_admm, muon_options_default(MUON_SOLVER_admm)};
    assert_non_null(strstr(muon_sgd_options_check(&options), "muon"));
    const struct muon_arm held = options.arms[0];
    options.arms[0] = options.arms[1], options.arms[1] = held;
    assert_non_null(strstr(muon_sgd_options_check(&options), "muon"));
}

static void wrong_shapes_and_budgets_name_what_is_wrong(void **state) {
    (void)state;
    struct support_network net = support_network_make(1);
    struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *sgd = (void *)&net;
    struct trm_error error = {.text = ""};
    options.arms[0].options.tol = 2;
    assert_int_equal(muon_sgd_create(&sgd, net.parameters, SUPPORT_PARAMETERS, &options, &error),
                     TRM_INVALID);
    assert_null(sgd);
    assert_non_null(strstr(error.text, "tol"));
    options.arms[0].options.tol = 0.1;
    net.parameters[SUPPORT_TALL].rows = 39;
    assert_int_equal(muon_sgd_create(&sgd, net.parameters, SUPPORT_PARAMETERS, &options, &error), TRM_SHAPE);
    assert_null(sgd);
    assert_non_null(strstr(error.text, "tall"));
    support_network_free(&net);
}

/* Also of a weight that lost its columns. Nothing else may have moved: the step did not take place. */
static void a_gradient_with_nan_stops_the_step(void **state) {
    (void)state;
    struct support_network net = support_network_make(1);
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    support_network_gradients(&net, 1, 0);
    net.grad[SUPPORT_TALL][3] = NAN;
    float before[80];
    memcpy(before, net.parameters[SUPPORT_HEAD].value, sizeof before);
    struct trm_error error = {.text = ""};
    assert_int_equal(muon_sgd_accumulate(sgd, &error), TRM_NOT_FINITE);
    assert_true(strstr(error.text, "tall") != NULL && strstr(error.text, "NaN") != NULL);
    assert_memory_equal(before, net.parameters[SUPPORT_HEAD].value, sizeof before);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

static void an_arm_that_is_not_there(void **state) {
    (void)state;
    struct support_network net = support_network_make(1);
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    support_network_gradients(&net, 1, 0);
    float before[400];
    memcpy(before, net.parameters[SUPPORT_TALL].value, sizeof before);
    const double radius = muon_sgd_radius(sgd);
    struct trm_error error = {.text = ""};
    assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
    assert_int_equal(muon_sgd_update(sgd, 1, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "arm 1"));
    assert_memory_equal(before, net.parameters[SUPPORT_TALL].value, sizeof before);
    assert_true(muon_sgd_radius(sgd) == radius); /* the step did not count */
    assert_int_equal(muon_sgd_update(sgd, 0, NULL), TRM_OK);
    assert_true(muon_sgd_radius(sgd) < radius);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

/* With the schedule's own factor it is the same step to the last bit; what is no factor changes nothing. */
static void a_factor_of_the_callers(void **state) {
    (void)state;
    struct muon_sgd_options options = support_sgd_options("quasi_newton", 4);
    struct support_network scheduled = support_network_make(1), called = support_network_make(1);
    struct muon_sgd *const a = support_sgd(&scheduled, &options);
    options.schedule = MUON_SCHEDULE_constant;
    struct muon_sgd *const b = support_sgd(&called, &options);
    for (size_t step = 0; step < 4; step++) {
        const double factor = muon_schedule_factor(MUON_SCHEDULE_linear, step, 4, 0);
        support_network_gradients(&scheduled, 1, step);
        support_network_gradients(&called, 1, step);
        support_sgd_step(a, 0);
        assert_int_equal(muon_sgd_accumulate(b, NULL), TRM_OK);
        assert_int_equal(muon_sgd_update_by(b, 0, -1.0, NULL), TRM_INVALID);
        assert_int_equal(muon_sgd_update_by(b, 0, NAN, NULL), TRM_INVALID);
        assert_int_equal(muon_sgd_update_by(b, 0, factor, NULL), TRM_OK);
        for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
            assert_memory_equal(scheduled.parameters[i].value, called.parameters[i].value,
                                called.parameters[i].count * sizeof(float));
    }
    muon_sgd_destroy(a);
    muon_sgd_destroy(b);
    support_network_free(&scheduled);
    support_network_free(&called);
}

/* The same gradient at every step, and a radius at which weights hardly move: a warm start is the answer, a cold one
   is as far from it as at first. */
static size_t iterations_of(bool warm, size_t *first) {
    struct muon_sgd_options options = support_sgd_options("dual_ascent", 100);
    options.momentum = 0, options.spectral_budget = 1e-5, options.warm_start = warm;
    options.arms[0].options.tol = 1e-5;
    struct support_network net = support_network_make(5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    size_t total = 0;
    for (size_t step = 0; step < 4; step++) {
        support_network_gradients(&net, 5, 0);
        support_sgd_step(sgd, 0);
        const size_t found = muon_sgd_report(sgd, 1)->info.iterations; /* of "tall" */
        total += found;
        *first = step == 0 ? found : *first;
    }
    muon_sgd_destroy(sgd);
    support_network_free(&net);
    return total;
}

static void a_warm_start_saves_iterations(void **state) {
    (void)state;
    size_t first, again;
    const size_t warm = iterations_of(true, &first), cold = iterations_of(false, &again);
    assert_true(first == again && cold >= 4 * first - 2);
    if (!(3 * warm < 2 * cold))
        fail_msg("%zu iterations with warm starts, %zu without", warm, cold);
}

/* The same, with an arm without a loop between the first step and the others: it has no X' to leave behind. */
static void a_one_shot_step_leaves_the_warm_start(void **state) {
    (void)state;
    const int between[] = {MUON_SOLVER_spectral_clip, MUON_SOLVER_msign_tangent};
    for (size_t k = 0; k < 2; k++) {
        struct muon_sgd_options options = support_sgd_options("dual_ascent", 100);
        options.momentum = 0, options.spectral_budget = 1e-5;
        options.arms[0].options.tol = 1e-5;
        options.arms[1] = (struct muon_arm){between[k], muon_options_default(between[k])};
        options.arm_count = 2;
        struct support_network net = support_network_make(5);
        struct muon_sgd *const sgd = support_sgd(&net, &options);
        size_t iterations[3];
        for (size_t step = 0; step < 3; step++) {
            support_network_gradients(&net, 5, 0);
            support_sgd_step(sgd, step == 1);
            iterations[step] = muon_sgd_report(sgd, SUPPORT_TALL)->info.iterations;
        }
        assert_int_equal(iterations[1], 1);
        if (!(3 * iterations[2] < 2 * iterations[0]))
            fail_msg("%zu iterations after %s, %zu cold", iterations[2], muon_solver_name(between[k]),
                     iterations[0]);
        muon_sgd_destroy(sgd);
        support_network_free(&net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_start_saves_iterations),
        cmocka_unit_test(a_one_shot_step_leaves_the_warm_start),
        cmocka_unit_test(the_rest_takes_torch_steps),
        cmocka_unit_test(options_out_of_range),
        cmocka_unit_test(the_control_is_not_mixed_with_arms),
        cmocka_unit_test(wrong_shapes_and_budgets_name_what_is_wrong),
        cmocka_unit_test(a_gradient_with_nan_stops_the_step),
        cmocka_unit_test(an_arm_that_is_not_there),
        cmocka_unit_test(a_factor_of_the_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
