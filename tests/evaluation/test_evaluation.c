/* What an evaluation says: the baselines, the JSON, its edges, what it refuses. */
#include "evaluation/support.h"

#include "muon/muon.h"
#include "router/router.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct trm_score *find(const struct trm_evaluation *e, const char *name) {
    for (size_t i = 0; i < e->score_count; i++)
        if (strcmp(e->scores[i].name, name) == 0)
            return &e->scores[i];
    fail_msg("no policy %s", name);
    return NULL;
}

static double of(const struct trm_evaluation *e, const char *name, enum trm_metric metric) {
    return find(e, name)->metric[metric].value;
}

static void baselines_stand_where_they_must(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("base.db", 31, 1, 6, 100);
    const struct trm_split_options split = trm_split_defaults();
    struct trm_evaluation_options options = support_quick();
    struct trm_policy policy = support_policy;
    struct trm_evaluation e;
    policy.parameters = 2000;
    policy.computation = 5000;
    policy.layers = 5;
    options.baseline_epochs = 100;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, NULL), TRM_OK);
    assert_int_equal(e.score_count, 18);
    assert_string_equal(e.scores[0].name, "fake");
    assert_true(of(&e, "oracle", TRM_METRIC_agreement) == 1 && of(&e, "oracle", TRM_METRIC_gap_closed) == 1);
    assert_true(of(&e, "oracle", TRM_METRIC_regret) == 0 && of(&e, "oracle", TRM_METRIC_regret_p95) == 0);
    assert_true(of(&e, "best single arm", TRM_METRIC_gap_closed) == 0);
    assert_true(of(&e, "best single arm", TRM_METRIC_vs_single) == 0);
    assert_true(of(&e, "always admm", TRM_METRIC_vs_admm) == 0 &&
                of(&e, "always admm", TRM_METRIC_switches) == 0);
    assert_true(find(&e, "always frank_wolfe")->share[3].value == 1);
    assert_true(fabs(of(&e, "random", TRM_METRIC_agreement) - 0.2) < 0.1);
    assert_true(isnan(of(&e, "random", TRM_METRIC_calibration)));
    assert_true(of(&e, "logistic regression", TRM_METRIC_agreement) >
                of(&e, "best single arm", TRM_METRIC_agreement));
    assert_true(of(&e, "logistic regression", TRM_METRIC_gap_closed) > 0.3);
    assert_true(of(&e, "mlp", TRM_METRIC_gap_closed) > 0.3 &&
                of(&e, "feed-forward", TRM_METRIC_gap_closed) > 0.3);
    assert_true(fabs((double)find(&e, "mlp")->parameters - 2000) < 100);
    assert_false(e.gap_within_noise);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

static void the_same_call_gives_the_same_json(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("json.db", 1u << 1 | 1u << 3, 1, 2, 50);
    const struct trm_split_options split = {TRM_SPLIT_STEP, 0.2, 0.1, 1, {0.0}};
    const struct trm_evaluation_options options = support_quick();
    struct trm_evaluation e;
    char *text[2];
    for (int k = 0; k < 2; k++) {
        assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, NULL), TRM_OK);
        text[k] = trm_evaluation_json(&e);
        assert_non_null(text[k]);
        trm_evaluation_free(&e);
    }
    assert_string_equal(text[0], text[1]);
    assert_non_null(strstr(text[0], "\"change_admm\": {\n      \"value\": null"));
    assert_non_null(strstr(text[0], "neighbours"));
    assert_null(strstr(text[0], "microsecond"));
    assert_int_equal(text[0][strlen(text[0]) - 1], '\n');
    free(text[0]);
    free(text[1]);
    trm_dataset_free(d);
}

static double equal(int arm, uint64_t seed, size_t step) {
    (void)arm;
    (void)seed;
    (void)step;
    return -0.5;
}

static void no_gap_is_called_none_to_close(void **state) {
    (void)state;
    char paths[2][160], output[160];
    for (int k = 0; k < 2; k++) {
        const struct trm_run_settings s = runs_settings(k == 0 ? "admm" : "dual_ascent", 1);
        snprintf(paths[k], sizeof paths[k], "%s", dynamics_path(k == 0 ? "e0.db" : "e1.db"));
        runs_store(paths[k], &s, equal);
        dynamics_sql(paths[k], "UPDATE step SET loss = 1, next_loss = 0.5");
    }
    const char *const inputs[] = {paths[0], paths[1]};
    snprintf(output, sizeof output, "%s", dynamics_path("equal.db"));
    struct trm_dataset *d;
    struct trm_evaluation e;
    const struct trm_split_options split = trm_split_defaults();
    const struct trm_evaluation_options options = support_quick();
    assert_int_equal(trm_merge_runs(inputs, 2, output, true, NULL, NULL), TRM_OK);
    assert_int_equal(trm_dataset_open(output, &d, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, NULL), TRM_OK);
    assert_true(e.gap_within_noise && isnan(e.scores[0].metric[TRM_METRIC_gap_closed].value));
    assert_true(e.scores[0].metric[TRM_METRIC_agreement_tied].value == 1);
    bool said = false;
    for (size_t i = 0; i < e.note_count; i++)
        said = said || strstr(e.notes[i], "none to close") != NULL;
    assert_true(said);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

/* What every arm of a step has in common, and noise of its own. */
static double noise(int arm, uint64_t seed, size_t step) {
    return -0.5 + 0.3 * runs_uniform(seed, step, 0) + 0.1 * runs_uniform(seed, step, 1 + (uint64_t)arm);
}

/* The same, but arms take turns block by block at being better by half the width of the noise. */
static double turns(int arm, uint64_t seed, size_t step) {
    return noise(arm, seed, step) - (step / 40 % 5 == (size_t)arm ? 0.05 : 0);
}

static struct trm_evaluation evaluate_changes(double (*change)(int, uint64_t, size_t), uint64_t seed,
                                              struct trm_dataset **d) {
    char paths[TRM_ARMS][160], output[160];
    const char *inputs[TRM_ARMS];
    struct trm_evaluation e;
    const struct trm_split_options split = {TRM_SPLIT_GROUP, 0.5, 0.1, 3, {0.0}};
    const struct trm_evaluation_options options = support_quick();
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        struct trm_run_settings s = runs_settings(muon_solver_name(arm), seed);
        s.steps_per_epoch = 100;
        snprintf(paths[arm], sizeof paths[arm], "%s", dynamics_path(muon_solver_name(arm)));
        runs_store(paths[arm], &s, change);
        inputs[arm] = paths[arm];
    }
    snprintf(output, sizeof output, "%s", dynamics_path("changes.db"));
    assert_int_equal(trm_merge_runs(inputs, TRM_ARMS, output, true, NULL, NULL), TRM_OK);
    assert_int_equal(trm_dataset_open(output, d, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&support_policy, *d, &split, &options, &e, NULL), TRM_OK);
    return e;
}

/* On noise the oracle is far below the best single arm, and this is said to be noise; arms that take turns are not. */
static void noise_is_told_from_turns(void **state) {
    (void)state;
    enum { SEEDS = 10 };
    int fires = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct trm_dataset *d;
        struct trm_evaluation e = evaluate_changes(noise, seed, &d);
        assert_true(e.gap.value > 0.02);
        fires += e.gap_within_noise;
        trm_evaluation_free(&e);
        trm_dataset_free(d);
        e = evaluate_changes(turns, seed, &d);
        assert_false(e.gap_within_noise);
        trm_evaluation_free(&e);
        trm_dataset_free(d);
    }
    assert_true(fires >= SEEDS - 2);
}

/* Blocks of test steps have neighbours in other parts: their first steps, too, follow a step. */
static void the_step_before_may_be_in_another_part(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("before.db", 31, 1, 4, 100);
    const struct trm_split_options options = {TRM_SPLIT_GROUP, 0.3, 0.1, 3, {0.0}};
    const struct trm_evaluation_options quick = support_quick();
    struct trm_split split;
    struct trm_evaluation e;
    size_t count, tests = 0, same = 0;
    const struct trm_sample *const s = trm_dataset_samples(d, &count);
    assert_int_equal(trm_dataset_split(d, &options, &split, NULL), TRM_OK);
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &options, &quick, &e, NULL), TRM_OK);
    for (size_t i = 0; i < count; i++)
        if (split.part[i] == TRM_TEST) {
            const int before = s[i].position > 0 ? s[i - 1].label : e.best_single;
            same += s[i].label == before;
            tests++;
        }
    assert_true(fabs(of(&e, "best of the step before", TRM_METRIC_agreement) - (double)same / (double)tests) <
                1e-12);
    trm_split_free(&split);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

/* No interval anywhere, null in the JSON. */
static void few_groups_have_no_intervals(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("few.db", 1u << 1 | 1u << 3, 1, 2, 50);
    const struct trm_split_options split = trm_split_defaults();
    const struct trm_evaluation_options options = support_quick();
    struct trm_evaluation e;
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, NULL), TRM_OK);
    assert_true(e.groups < TRM_FEWEST_GROUPS && e.resamples == 0);
    for (size_t i = 0; i < e.score_count; i++)
        for (int m = 0; m < TRM_METRICS; m++)
            assert_true(isnan(e.scores[i].metric[m].low) && isnan(e.scores[i].metric[m].high));
    assert_true(isnan(e.gap.low) && isnan(e.oracle.high) && !isnan(e.oracle.value));
    char *const text = trm_evaluation_json(&e);
    assert_true(strstr(text, "\"low\": -0") == NULL && strstr(text, "\"low\": 0") == NULL);
    free(text);
    bool said = false;
    for (size_t i = 0; i < e.note_count; i++)
        said = said || strstr(e.notes[i], "no intervals") != NULL;
    assert_true(said);
    trm_evaluation_free(&e);
    trm_dataset_free(d);
}

/* With a halting head that always says yes the variant takes one cycle, with one that never does all three. */
static void halting_is_measured_beside_the_whole(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("halt.db", 31, 1, 2, 50);
    struct trm_router_config config;
    struct trm_router *router;
    struct trm_statistics st;
    struct trm_evaluation_options options = support_quick();
    trm_dataset_statistics(d, &st);
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &config, 7, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.samples = st.samples, origin.groups = st.groups;
    trm_router_set_origin(router, &origin);
    options.halt = true;
    for (int yes = 0; yes < 2; yes++) {
        struct trm_evaluation e;
        trm_router_parameters(router)[trm_router_parameter_count(router) - 2] = yes ? 10.0f : -10.0f;
        assert_int_equal(trm_evaluate(router, d, &options, &e, NULL), TRM_OK);
        assert_true(find(&e, "router")->cycles == 3);
        assert_true(find(&e, "router, halting")->cycles == (yes ? 1 : 3));
        assert_true(isnan(find(&e, "random")->cycles));
        if (!yes)
            assert_memory_equal(find(&e, "router")->confusion, find(&e, "router, halting")->confusion,
                                sizeof e.scores->confusion);
        trm_evaluation_free(&e);
    }
    trm_router_destroy(router);
    trm_dataset_free(d);
}

static bool stop_now(void *context) {
    return ++*(int *)context > 3;
}

static enum trm_status choose_forbidden(void *context, const double x[TRM_FEATURE_COUNT], uint64_t allowed,
                                        int *arm, double p[TRM_ARMS_MOST], struct trm_error *error) {
    (void)context, (void)x, (void)p, (void)error;
    *arm = allowed & 1 ? 7 : 0;
    return TRM_OK;
}

static void wrong_requests_are_refused(void **state) {
    (void)state;
    struct trm_dataset *const d = runs_dataset("wrong.db", 1u << 1 | 1u << 3, 1, 2, 50);
    const struct trm_split_options split = trm_split_defaults();
    struct trm_evaluation_options options = support_quick();
    struct trm_policy policy = support_policy;
    struct trm_evaluation e;
    struct trm_error error = {0};
    int asked = 0;
    options.test_split = 0.3;
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_true(strstr(error.text, "0.3") != NULL && strstr(error.text, "0.2") != NULL);
    options.test_split = 1;
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "below 1"));
    options = support_quick();
    policy.arms = 1u << 0;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "none of the arms"));
    policy = support_policy;
    policy.decide = choose_forbidden;
    assert_int_equal(trm_evaluate_policy(&policy, d, &split, &options, &e, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "not offered"));
    options.context = &asked;
    options.stop = stop_now;
    assert_int_equal(trm_evaluate_policy(&support_policy, d, &split, &options, &e, &error), TRM_STOPPED);
    assert_true(e.scores == NULL && e.score_count == 0);
    trm_dataset_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baselines_stand_where_they_must),
        cmocka_unit_test(the_same_call_gives_the_same_json),
        cmocka_unit_test(no_gap_is_called_none_to_close),
        cmocka_unit_test(noise_is_told_from_turns),
        cmocka_unit_test(the_step_before_may_be_in_another_part),
        cmocka_unit_test(few_groups_have_no_intervals),
        cmocka_unit_test(halting_is_measured_beside_the_whole),
        cmocka_unit_test(wrong_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
