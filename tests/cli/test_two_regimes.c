/* A task made so that routing pays: two regimes with different best arms, seen in one feature. prepare, train and
   evaluate find it; on the same task without regimes they say noise. */
#include "cli/support.h"
#include "support/branches.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_arms(void **state, const char *name, const char *arms, uint64_t seed, size_t looks,
                     double (*change)(int, uint64_t, size_t)) {
    char path[SUPPORT_PATH];
    const struct branches b = {
        .arms = arms, .every = 1, .probes = 4, .looks = looks, .change = change, .noise = 0.15};
    const struct trm_run_settings s = runs_settings("quasi_newton", seed);
    branches_store(support_path(path, state, name), &s, &b);
}

static const char three[] = "quasi_newton:0.5,quasi_newton,frank_wolfe@10";

static void put(void **state, const char *name, uint64_t seed, double (*change)(int, uint64_t, size_t)) {
    put_arms(state, name, three, seed, 0, change);
}

static json_t *load(void **state, const char *name) {
    static char text[300000];
    get_file(*state, name, text, sizeof text);
    json_t *const o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(o);
    return o;
}

static double number(const json_t *o, const char *first, const char *second) {
    const json_t *const value = json_object_get(json_object_get(o, first), second);
    return json_is_object(value) ? json_number_value(json_object_get(value, "value"))
                                 : json_number_value(value);
}

/* The router's metric; which: value, low or high. */
static double own(const json_t *evaluation, const char *metric, const char *which) {
    const json_t *const router = json_array_get(json_object_get(evaluation, "policies"), 0);
    return json_number_value(json_object_get(json_object_get(router, metric), which));
}

static json_t *pipeline(void **state, double (*change)(int, uint64_t, size_t), double *gap_p) {
    struct run r;
    put(state, "1.db", 1, change), put(state, "2.db", 2, change), put(state, "3.db", 3, change);
    RUN(&r, *state, "prepare", "--oracle", "probe", "--inputs", "1.db", "2.db", "3.db", "--output", "d.db",
        "--force", "--json");
    assert_int_equal(r.exit_status, 0);
    json_t *const made = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_integer_value(json_object_get(made, "samples")), 600);
    assert_int_equal(json_integer_value(json_object_get(made, "groups")), 30);
    assert_int_equal(number(made, "ceiling", "states"), 600);
    *gap_p = number(made, "ceiling", "gap_p");
    json_decref(made);
    RUN(&r, *state, "train", "--data", "d.db", "--output", "r.safetensors", "--size", "tiny", "--epochs",
        "40", "--lr", "1e-3", "--deep-supervision", "--test-split", "0.4", "--force");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--baseline-epochs", "0",
        "--output", "e.json", "--force", "--resamples", "200");
    assert_int_equal(r.exit_status, 0);
    return load(state, "e.json");
}

static void test_routing_that_pays_is_found(void **state) {
    double gap_p;
    json_t *const e = pipeline(state, branches_two_regimes, &gap_p);
    assert_true(gap_p < 0.01);
    assert_true(json_is_false(json_object_get(json_object_get(e, "references"), "gap_within_noise")));
    assert_true(fabs(number(e, "references", "gap") - 0.08) <
                0.03); /* half of the time 0.2, less the wrong choices */
    assert_true(own(e, "vs_single", "low") > 0);
    assert_true(own(e, "gap_closed", "value") > 0.8);
    assert_string_equal(json_string_value(json_object_get(e, "oracle")), "probe");
    json_decref(e);
}

static void test_where_it_does_not_pay_noise_is_said(void **state) {
    double gap_p;
    struct run r;
    json_t *const e = pipeline(state, branches_nothing, &gap_p);
    assert_true(gap_p > 0.05);
    assert_true(json_is_true(json_object_get(json_object_get(e, "references"), "gap_within_noise")));
    json_decref(e);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--baseline-epochs", "0");
    assert_non_null(strstr(r.out, "none to close"));
    assert_non_null(strstr(r.out, "label (optimistic)")); /* what all values say, valued by the same */
}

/* What was learned of three runs is valued on a fourth, all of it. */
static void test_on_other_data(void **state) {
    double gap_p;
    struct run r;
    json_decref(pipeline(state, branches_two_regimes, &gap_p));
    put(state, "4.db", 4, branches_two_regimes);
    RUN(&r, *state, "prepare", "--oracle", "probe", "--inputs", "4.db", "--output", "other.db");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "other.db",
        "--baseline-epochs", "0", "--output", "o.json");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "(other data), 230 training samples"));
    json_t *const e = load(state, "o.json");
    assert_true(json_is_true(json_object_get(json_object_get(e, "split"), "other_data")));
    assert_true(own(e, "gap_closed", "low") > 0.5);
    for (int arm = 0; arm < 3; arm++) {
        double mean = 0; /* of always this arm in run 4; what is measured has noise of 0.005 */
        for (size_t step = 0; step < 200; step++)
            mean += branches_two_regimes(arm, 4, step) / 200;
        const json_t *const always = json_array_get(json_object_get(e, "policies"), 2 + (size_t)arm);
        assert_true(fabs(json_number_value(json_object_get(json_object_get(always, "change"), "value")) -
                         mean) < 0.02);
    }
    json_decref(e);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "d.db");
    expect_refusal(&r, 1, "give a data set of other runs");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "other.db", "--test-data", "d.db");
    expect_refusal(&r, 1, "the router's own data set");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "4.db");
    expect_refusal(&r, 1, "4.db: is no data set");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "other.db",
        "--output", "other.db", "--force");
    expect_refusal(&r, 1, "is both input and output");
    put_arms(state, "5.db", "quasi_newton:0.5,quasi_newton,admm", 5, 0, branches_two_regimes);
    RUN(&r, *state, "prepare", "--oracle", "probe", "--inputs", "5.db", "--output", "admm.db");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "admm.db");
    expect_refusal(&r, 1, "has other arms");
}

/* States that were looked from once have no second half: they change no part of the gap. */
static void test_states_without_halves(void **state) {
    double gap_p, closed[2][3], change[2];
    struct run r;
    json_decref(pipeline(state, branches_two_regimes, &gap_p));
    put_arms(state, "twice.db", three, 4, 2, branches_two_regimes);
    put_arms(state, "once.db", three, 5, 1, branches_two_regimes);
    for (int both = 0; both < 2; both++) {
        RUN(&r, *state, "prepare", "--oracle", "anneal", "--output", "looked.db", "--force", "--inputs",
            "twice.db", both ? "once.db" : NULL);
        assert_int_equal(r.exit_status, 0);
        RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-data", "looked.db",
            "--baseline-epochs", "0", "--output", "o.json", "--force");
        assert_int_equal(r.exit_status, 0);
        assert_true((strstr(r.out, "no second half") != NULL) == (both == 1));
        json_t *const e = load(state, "o.json");
        for (size_t arm = 0; arm < 3; arm++)
            closed[both][arm] = json_number_value(json_object_get(
                json_object_get(json_array_get(json_object_get(e, "policies"), 2 + arm), "gap_closed"),
                "value"));
        change[both] = own(e, "change", "value");
        json_decref(e);
    }
    assert_true(change[0] != change[1]);
    for (size_t arm = 0; arm < 3; arm++)
        assert_true(fabs(closed[0][arm] - closed[1][arm]) < 1e-12 && isfinite(closed[0][arm]));
}

/* The seconds of the arms, measured alone, divide the decreases and break ties. */
static void test_cost(void **state) {
    struct run r;
    put(state, "1.db", 1, branches_two_regimes);
    RUN(&r, *state, "bench", "arms", "--arms", "quasi_newton:0.5,quasi_newton,frank_wolfe@10", "--batch-size",
        "2", "--threads", "1", "--output", "seconds.json");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "frank_wolfe@10"));
    json_t *const seconds = load(state, "seconds.json");
    assert_true(number(seconds, "seconds", "quasi_newton:0.5") > 0 &&
                number(seconds, "seconds", "frank_wolfe@10") > 0);
    json_decref(seconds);
    RUN(&r, *state, "prepare", "--oracle", "probe", "--cost", "--seconds", "seconds.json", "--inputs", "1.db",
        "--output", "cost.db", "--json");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "\"a_second\": true"));
    RUN(&r, *state, "bench", "arms", "--arms", "quasi_newton,admm", "--output", "seconds.json");
    expect_refusal(&r, 1, "--force");
    RUN(&r, *state, "bench", "arms", "--arms", "quasi_newton,tea", "--output", "other.json");
    expect_refusal(&r, 2, "tea");
    RUN(&r, *state, "bench", "arms", "--arms", "quasi_newton");
    expect_refusal(&r, 2, "--output");
}

static void test_wrong_use(void **state) {
    struct run r;
    put(state, "1.db", 1, branches_nothing);
    RUN(&r, *state, "prepare", "--oracle", "tea", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 2, "--oracle");
    RUN(&r, *state, "prepare", "--cost", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 2, "--cost");
    RUN(&r, *state, "prepare", "--seconds", "s.json", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 2, "--seconds");
    RUN(&r, *state, "prepare", "--oracle", "probe", "--cost", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 1, "bench arms");
    RUN(&r, *state, "prepare", "--oracle", "anneal", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 1, "holds no looks");
    RUN(&r, *state, "prepare", "--oracle", "merge", "--inputs", "1.db", "--output", "x.db");
    expect_refusal(&r, 1, "of quasi_newton alone");
    char path[SUPPORT_PATH];
    FILE *const left = fopen(support_path(path, state, "x.db"), "rb");
    assert_null(left);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routing_that_pays_is_found),
        cmocka_unit_test(test_where_it_does_not_pay_noise_is_said),
        cmocka_unit_test(test_on_other_data),
        cmocka_unit_test(test_states_without_halves),
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_wrong_use),
    };
    return cmocka_run_group_tests(tests, support_folder_make, support_folder_remove);
}
