/* The optimisers that Manifold Muon is compared with, against PyTorch and formulas written out elsewhere. */
#include "experiment/support.h"

#include "experiment/data/rules.h"
#include "experiment/rule.h"

#include <math.h>
#include <string.h>

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
static void run(const struct shape *s, enum run_optimizer optimizer, double pull, enum run_pull to,
                float W[MOST]) {
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
    settings.optimizer = optimizer, settings.pull = pull, settings.pull_to = to;
    settings.sgd.nesterov = optimizer != RUN_spel; /* as its reference */
    settings.sgd.momentum = optimizer == RUN_spel ? 0.9 : settings.sgd.momentum;
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
    assert_true((muon_sgd_drift(sgd, 0) < 1e-6) ==
                (optimizer == RUN_spel || (pull == 1.0 && to == PULL_ORTHONORMAL)));
    rule_destroy(rule);
    muon_sgd_destroy(sgd);
}

static void expect(const struct shape *s, const float *W, const double *end, const char *who) {
    for (size_t k = 0; k < s->rows * s->cols; k++)
        if (!(fabs(W[k] - end[k]) < 1e-6))
            fail_msg("%s, %zu x %zu, element %zu: %g is not %g", who, s->rows, s->cols, k, (double)W[k],
                     end[k]);
}

static void every_rule_makes_the_steps_of_its_reference(void **state) {
    (void)state;
    static const char *const names[] = {
#define X(name, ...) #name,
        RUN_OPTIMIZER_LIST(X)
#undef X
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int optimizer = RUN_sgd; optimizer < RUN_OPTIMIZERS; optimizer++) {
            float W[MOST];
            run(&shapes[i], (enum run_optimizer)optimizer, 0.0, 0, W);
            expect(&shapes[i], W, shapes[i].end[optimizer], names[optimizer]);
        }
}

static void a_pull_goes_a_share_of_the_way(void **state) {
    (void)state;
    static const double *const ends[][2] = {{pulled0, rows0}, {pulled1, rows1}};
    float W[MOST];
    for (size_t i = 0; i < 2; i++) {
        run(&shapes[i], RUN_muon, 0.3, PULL_ORTHONORMAL, W);
        expect(&shapes[i], W, ends[i][0], "pulled muon");
        run(&shapes[i], RUN_muon, 0.3, PULL_ROWS, W);
        expect(&shapes[i], W, ends[i][1], "muon with pulled rows");
        run(&shapes[i], RUN_muon, 1.0, PULL_ORTHONORMAL, W); /* which is on the manifold, asks run */
        run(&shapes[i], RUN_muon, 1.0, PULL_ROWS, W);
        for (size_t r = 0; r < shapes[i].rows; r++) {
            double squares = 0.0;
            for (size_t k = r * shapes[i].cols; k < (r + 1) * shapes[i].cols; k++)
                squares += (double)W[k] * (double)W[k];
            assert_true(fabs(squares - 1.0) < 1e-6);
        }
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
        run(&s, (enum run_optimizer)optimizer, 0.0, 0, W);
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
    } expected[] = {{RUN_manifold_muon, "quasi_newton", 0.95, true},
                    {RUN_sgd, "sgd", 0.9, true},
                    {RUN_adamw, "adamw", 0.9, false},
                    {RUN_muon, "muon_ns5", 0.95, true},
                    {RUN_spel, "spel", 0.95, true}};
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

static void a_pull_belongs_to_muon(void **state) {
    (void)state;
    for (int optimizer = 0; optimizer < RUN_OPTIMIZERS; optimizer++) {
        struct run_settings s = run_settings_open();
        s.optimizer = (enum run_optimizer)optimizer, s.pull = 0.1;
        run_settings_complete(&s);
        assert_true((run_settings_check(&s) == NULL) == (optimizer == RUN_muon));
    }
    struct run_settings nowhere = run_settings_open();
    nowhere.optimizer = RUN_muon, nowhere.pull_to = PULL_ROWS;
    run_settings_complete(&nowhere);
    assert_non_null(strstr(run_settings_check(&nowhere), "pull-to"));
    static const double wrong[] = {-0.1, 1.1, NAN};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct run_settings s = run_settings_open();
        s.optimizer = RUN_muon, s.pull = wrong[i];
        run_settings_complete(&s);
        assert_string_equal(run_settings_check(&s), "pull must be 0 to 1");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_makes_the_steps_of_its_reference),
        cmocka_unit_test(a_pull_goes_a_share_of_the_way),
        cmocka_unit_test(a_pull_belongs_to_muon),
        cmocka_unit_test(a_gradient_of_rank_one_makes_a_step_of_rank_one),
        cmocka_unit_test(settings_are_completed_by_the_optimizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
