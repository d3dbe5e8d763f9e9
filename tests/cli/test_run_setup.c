/* The configurations that come with the program, and that defaults of keys are those of the parts. */
#include "cli/support.h"

#include "cli/options/config.h"
#include "cli/pipeline/setup.h"
#include "nn/nn.h"

#include <stdio.h>
#include <string.h>

struct reading {
    struct pipeline_setup setup;
    struct config *config;
    struct trm_error error;
};

static void read_file(struct reading *r, const char *path) {
    struct settings parts[PIPELINE_PARTS];
    const size_t count = pipeline_setup_parts(&r->setup, parts);
    assert_int_equal(config_read(&r->config, path, parts, count, NULL, 0, &r->error), TRM_OK);
    assert_null(pipeline_setup_check(&r->setup, NULL));
}

/* Left out, a key must mean what the library's own default means. */
static void defaults_are_those_of_the_library(void **state) {
    (void)state;
    struct reading r;
    struct run_settings settings;
    read_file(&r, NULL);
    const struct run_settings collect = run_settings_default("admm");
    assert_null(pipeline_setup_settings(&r.setup, "admm", 42, 1, &settings));
    assert_int_equal(settings.epochs, collect.epochs);
    assert_int_equal(settings.batch_size, collect.batch_size);
    assert_string_equal(settings.precision, collect.precision);
    assert_true(settings.sgd.lr == collect.sgd.lr && settings.sgd.momentum == collect.sgd.momentum);
    assert_true(settings.sgd.weight_decay == collect.sgd.weight_decay);
    assert_true(settings.sgd.spectral_budget == collect.sgd.spectral_budget);
    assert_int_equal(settings.sgd.schedule, collect.sgd.schedule);
    assert_true(settings.budget.tol == collect.budget.tol &&
                settings.budget.max_iter == collect.budget.max_iter);
    const struct trm_train_options train = trm_train_defaults();
    assert_string_equal(r.setup.train.size, train.size);
    assert_int_equal(r.setup.train.epochs, train.epochs);
    assert_int_equal(r.setup.train.batch_size, train.batch_size);
    assert_true(r.setup.train.lr == train.lr && r.setup.train.min_lr == train.min_lr);
    assert_true(r.setup.train.weight_decay == train.weight_decay && r.setup.train.clip == train.clip);
    assert_true(r.setup.train.tau == train.tau && r.setup.train.loss == train.loss);
    assert_true(r.setup.train.split.test_share == train.split.test_share);
    assert_true(r.setup.train.split.val_share == train.split.val_share);
    assert_int_equal(r.setup.train.split.kind, train.split.kind);
    assert_int_equal(r.setup.train.seed, train.seed);
    const struct trm_evaluation_options evaluate = trm_evaluation_defaults();
    assert_int_equal(r.setup.evaluate.resamples, evaluate.resamples);
    assert_int_equal(r.setup.evaluate.baseline_epochs, evaluate.baseline_epochs);
    assert_int_equal(r.setup.evaluate.seed, evaluate.seed);
    config_free(r.config);
}

static void configurations_that_come_along(void **state) {
    (void)state;
    struct reading r;
    read_file(&r, CONFIGS_DIR "/default.yaml");
    assert_int_equal(r.setup.solvers.count, 3);
    assert_string_equal(r.setup.solvers.at[0], "dual_ascent");
    assert_string_equal(r.setup.solvers.at[1], "admm");
    assert_string_equal(r.setup.solvers.at[2], "frank_wolfe");
    assert_int_equal(r.setup.seeds.at[0], 42);
    assert_int_equal(r.setup.collect.settings.epochs, 30);
    assert_true(r.setup.train.deep_supervision);
    assert_int_equal(r.setup.train.epochs, 100);
    config_free(r.config);
    read_file(&r, CONFIGS_DIR "/demo.yaml");
    assert_int_equal(r.setup.solvers.count, 5);
    assert_true(r.setup.train.deep_supervision);
    config_free(r.config);
}

/* Ranges are written out in the table; the rooms' own lists must be the same. */
static void expect_names(const char *range, const char *(*name_at)(size_t index)) {
    char joined[256] = "";
    for (size_t i = 0; name_at(i) != NULL; i++)
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i > 0 ? "|" : "",
                 name_at(i));
    assert_string_equal(range, joined);
}

static const char *label_at(size_t index) {
    return index < MUON_LABEL_COUNT ? muon_solver_name((int)index) : NULL;
}

static void ranges_are_the_rooms_lists(void **state) {
    struct pipeline_setup setup;
    struct settings parts[PIPELINE_PARTS];
    (void)state;
    expect_names(RUN_MODELS, nn_model_name);
    expect_names(RUN_PRECISIONS, nn_precision_name);
    expect_names(RUN_DATA_SETS, data_name);
    pipeline_setup_parts(&setup, parts);
    expect_names(parts[0].rows[0].range, label_at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_library),
        cmocka_unit_test(configurations_that_come_along),
        cmocka_unit_test(ranges_are_the_rooms_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
