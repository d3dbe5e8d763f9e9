/* What an evaluation says: the baselines, the JSON, its edges, what it refuses. */
#include "evaluation/support.h"

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
    assert_int_equal(e.score_count, 14);
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
    const struct trm_split_options split = {TRM_SPLIT_STEP, 0.2, 0.1, 1};
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

static bool stop_now(void *context) {
    return ++*(int *)context > 3;
}

static enum trm_status choose_forbidden(void *context, const double x[TRM_FEATURE_COUNT], unsigned allowed,
                                        int *arm, double p[TRM_ARMS], struct trm_error *error) {
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
    assert_non_null(strstr(error.text, "none of the solvers"));
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
        cmocka_unit_test(wrong_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
