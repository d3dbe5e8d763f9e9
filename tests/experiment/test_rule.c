/* The optimisers that Manifold Muon is compared with, against PyTorch and formulas written out elsewhere. */
#include "experiment/support.h"

#include "experiment/data/rules.h"
#include "experiment/rule.h"

#include <math.h>

enum { MOST = 15, STEPS = 3 };

struct shape {
    size_t rows, cols;
    const double *start, *gradients, *end[RUN_OPTIMIZERS];
};
static const struct shape shapes[] = {
    {5, 3, start0, gradients0, {NULL, sgd0, adamw0, muon0, spel0}},
    {3, 4, start1, gradients1, {NULL, sgd1, adamw1, muon1, spel1}},
};

/* STEPS steps from s->start, with the rate 0.05 throughout, into W. */
static void run(const struct shape *s, enum run_optimizer optimizer, float W[MOST]) {
    float gradient[MOST];
    const size_t count = s->rows * s->cols;
    const struct muon_parameter parameter = {.name = "W",
                                             .value = W,
                                             .grad = gradient,
                                             .count = count,
                                             .rows = s->rows,
                                             .cols = s->cols,
                                             .manifold = true};
    struct run_settings settings = run_settings_open();
    struct muon_sgd *sgd;
    struct rule_state *rule;
    settings.optimizer = optimizer;
    run_settings_complete(&settings);
    settings.budget.lr = settings.sgd.spectral_budget = 0.05;
    settings.sgd.schedule = MUON_SCHEDULE_constant;
    settings.sgd.weight_decay = optimizer == RUN_sgd ? 0.0 : 0.1;
    settings.sgd.arms[0].solver = optimizer == RUN_spel ? MUON_SOLVER_msign_tangent : MUON_SOLVER_muon;
    assert_int_equal(muon_sgd_create(&sgd, &parameter, 1, &settings.sgd, NULL), TRM_OK);
    assert_int_equal(rule_create(&rule, &settings, sgd, &parameter, 1, NULL), TRM_OK);
    for (size_t k = 0; k < count; k++)
        W[k] = (float)s->start[k];
    for (size_t step = 0; step < STEPS; step++) {
        for (size_t k = 0; k < count; k++)
            gradient[k] = (float)s->gradients[step * count + k];
        assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
        assert_int_equal(rule_step(rule, 1.0, NULL), TRM_OK);
        const struct muon_info *const info = &muon_sgd_report(sgd, 0)->info;
        assert_true(isnan(info->gap) && info->norm > 0.0 && info->eff_rank >= 1.0);
    }
    assert_int_equal(rule_state_count(rule), optimizer == RUN_adamw ? 1 : 0);
    assert_true((muon_sgd_drift(sgd, 0) < 1e-6) == (optimizer == RUN_spel));
    rule_destroy(rule);
    muon_sgd_destroy(sgd);
}

static void every_rule_makes_the_steps_of_its_reference(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int optimizer = RUN_sgd; optimizer < RUN_OPTIMIZERS; optimizer++) {
            float W[MOST];
            run(&shapes[i], (enum run_optimizer)optimizer, W);
            for (size_t k = 0; k < shapes[i].rows * shapes[i].cols; k++)
                if (!(fabs(W[k] - shapes[i].end[optimizer][k]) < 1e-6))
                    fail_msg("optimizer %d, shape %zu, element %zu: %g is not %g", optimizer, i, k,
                             (double)W[k], shapes[i].end[optimizer][k]);
        }
}

/* Gradients of rank one: no direction of size b may come out of rounding. */
static void a_gradient_of_rank_one_makes_a_step_of_rank_one(void **state) {
    (void)state;
    double gradients[STEPS * MOST];
    for (size_t k = 0; k < STEPS * MOST; k++)
        gradients[k] = (double)(1 + k % MOST / 3) * ((double)(k % 3) - 0.5);
    for (int optimizer = RUN_muon; optimizer < RUN_OPTIMIZERS; optimizer++) {
        struct shape s = shapes[0];
        float W[MOST];
        s.gradients = gradients;
        run(&s, (enum run_optimizer)optimizer, W);
        for (size_t k = 0; k < MOST; k++) /* three steps, none longer than p^5 or a tangent step allows */
            assert_true(isfinite(W[k]) && fabs(W[k] - s.start[k]) < 3.5 * 0.05 * sqrt(5.0 / 3.0) * 1.3);
    }
}

static void settings_are_completed_by_the_optimizer(void **state) {
    (void)state;
    static const struct {
        enum run_optimizer optimizer;
        const char *name;
        double momentum;
        bool nesterov;
    } expected[] = {{RUN_manifold_muon, "quasi_newton", 0.9, false},
                    {RUN_sgd, "sgd", 0.9, true},
                    {RUN_adamw, "adamw", 0.9, false},
                    {RUN_muon, "muon_ns5", 0.95, true},
                    {RUN_spel, "spel", 0.9, false}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct run_settings s = run_settings_open();
        s.optimizer = expected[i].optimizer;
        run_settings_complete(&s);
        assert_null(run_settings_check(&s));
        assert_string_equal(s.solver, expected[i].name);
        assert_true(s.sgd.momentum == expected[i].momentum && s.sgd.nesterov == expected[i].nesterov);
        s = run_settings_open();
        s.optimizer = expected[i].optimizer, s.sgd.momentum = 0.0;
        run_settings_complete(&s);
        assert_true(s.sgd.momentum == 0.0 && !s.sgd.nesterov);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_makes_the_steps_of_its_reference),
        cmocka_unit_test(a_gradient_of_rank_one_makes_a_step_of_rank_one),
        cmocka_unit_test(settings_are_completed_by_the_optimizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
