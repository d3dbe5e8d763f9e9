/* The summary of online, from a store made by hand; the list of seeds; random choice. */
#include "experiment/online.h"
#include "experiment/policy.h"
#include "support/folders.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCHS = 2, EPOCH_STEPS = 4, STEPS = EPOCHS * EPOCH_STEPS };

/* Losses fall by `slope` a step from 2; steps cost 10 ms, of which 1 ms features and, where decided, 2 ms the
   choice. The router takes arms 1 1 1 4 4 4 4 1. */
static int64_t add_run(struct trm_store *store, const char *policy, uint64_t seed, double slope) {
    static const int routed[STEPS] = {1, 1, 1, 4, 4, 4, 4, 1};
    const bool router = strcmp(policy, "router") == 0;
    const struct trm_run_settings settings = {.solver = policy,
                                              .model = "small_cnn",
                                              .dataset = "made",
                                              .fingerprint = "0",
                                              .tracked = "conv1.weight",
                                              .program = "test",
                                              .config = router ? "{\"interval\": 3}" : "{}",
                                              .width = 1.0,
                                              .seed = seed,
                                              .threads = 1,
                                              .epochs = EPOCHS,
                                              .batch_size = 32,
                                              .steps_per_epoch = EPOCH_STEPS,
                                              .record_every = 1};
    int64_t run;
    assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
    for (size_t i = 0; i < STEPS; i++) {
        const struct trm_step step = {.step = i,
                                      .epoch = i / EPOCH_STEPS,
                                      .epoch_step = i % EPOCH_STEPS,
                                      .loss = 2.0 - slope * (double)i,
                                      .solver = router ? muon_solver_name(routed[i]) : policy,
                                      .seconds = 0.015,
                                      .solve_seconds = 0.001};
        const struct trm_step_decision decision = {.step = i,
                                                   .decided = router,
                                                   .cycles = router ? 1 + i % 2 : 0,
                                                   .train_seconds = 0.010,
                                                   .feature_seconds = 0.001,
                                                   .decide_seconds = router ? 0.002 : 0.0};
        assert_int_equal(trm_store_step_insert(store, run, &step, NULL), TRM_OK);
        assert_int_equal(trm_store_decision_insert(store, run, &decision, NULL), TRM_OK);
    }
    for (size_t e = 0; e < EPOCHS; e++) {
        const struct trm_epoch epoch = {.epoch = e,
                                        .train_loss = 2.0 - slope * ((double)e * EPOCH_STEPS + 1.5),
                                        .has_test = true,
                                        .test_loss = 1.0,
                                        .test_accuracy = 0.5,
                                        .seconds = 1.0};
        assert_int_equal(trm_store_epoch_insert(store, run, &epoch, NULL), TRM_OK);
    }
    return run;
}

static void end_run(struct trm_store *store, int64_t run, enum trm_run_status status, double accuracy) {
    const struct trm_run_result result = {.status = status,
                                          .has_test = status == TRM_RUN_DONE,
                                          .test_accuracy = accuracy,
                                          .test_loss = 1.0 - accuracy};
    assert_int_equal(trm_store_run_finish(store, run, &result, NULL), TRM_OK);
}

/* admm 42, router 42, router 43, admm 43 (diverged) */
static const char *make_store(char path[SUPPORT_PATH], void **state) {
    struct trm_store *store;
    support_path(path, state, "made.db");
    assert_int_equal(trm_store_create(path, true, &store, NULL), TRM_OK);
    end_run(store, add_run(store, "admm", 42, 0.1), TRM_RUN_DONE, 0.60);
    end_run(store, add_run(store, "router", 42, 0.2), TRM_RUN_DONE, 0.70);
    end_run(store, add_run(store, "router", 43, 0.2), TRM_RUN_DONE, 0.74);
    end_run(store, add_run(store, "admm", 43, 0.1), TRM_RUN_DIVERGED, 0.0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    return path;
}

static void near(double got, double wanted) {
    if (!(fabs(got - wanted) <= 1e-9 * fmax(1.0, fabs(wanted))))
        fail_msg("%.12g instead of %.12g", got, wanted);
}

static void policies_have_means_and_spreads(void **state) {
    char path[SUPPORT_PATH];
    struct online_summary s;
    assert_int_equal(online_summary_read(make_store(path, state), NAN, &s, NULL), TRM_OK);
    assert_int_equal(s.policy_count, 2);
    assert_string_equal(s.policy[0].name, "router");
    assert_string_equal(s.policy[1].name, "admm");
    assert_int_equal(s.policy[0].test_accuracy.count, 2);
    assert_int_equal(s.interval, 3);
    near(s.policy[0].test_accuracy.mean, 0.72);
    near(s.policy[0].test_accuracy.deviation, 0.04 / sqrt(2.0)); /* of 0.70 and 0.74, n - 1 */
    near(s.policy[0].train_loss.mean, 2.0 - 0.2 * 5.5);
    assert_int_equal(s.policy[1].test_accuracy.count, 1);
    assert_int_equal(s.policy[1].diverged, 1);
    near(s.policy[1].test_accuracy.mean, 0.60);
    near(s.policy[1].test_accuracy.deviation, 0.0);
    online_summary_free(&s);
}

static void shares_switches_and_overhead(void **state) {
    char path[SUPPORT_PATH];
    struct online_summary s;
    assert_int_equal(online_summary_read(make_store(path, state), NAN, &s, NULL), TRM_OK);
    const struct online_policy *const router = &s.policy[0];
    near(router->share[1], 0.75);
    near(router->share[4], 0.25);
    near(router->share[MUON_LABEL_COUNT + 1], 0.25);
    near(router->share[MUON_LABEL_COUNT + 4], 0.75);
    near(router->total_share[1], 0.5);
    near(router->total_share[0], 0.0);
    near(router->switches.mean, 2.0 / STEPS);
    near(router->ms_per_step.mean, 10.0);
    near(s.policy[1].ms_per_step.mean, 9.0); /* a fixed solver needs no features */
    near(router->feature_us, 1000.0);
    near(router->decide_us, 2000.0);
    near(router->feature_overhead, 0.1);
    near(router->decide_overhead, 0.2);
    near(router->cycles, 1.5);
    near(s.policy[1].total_share[4], 1.0);
    near(s.policy[1].feature_overhead, 0.0);
    online_summary_free(&s);
}

/* Windows are 4 steps, an epoch: the target is admm's last epoch, 1.45. The router's window of steps k-3 ... k
   has the mean 2 - 0.2 (k - 1.5), first at most 1.45 for k = 5, its sixth step. */
static void time_to_the_target(void **state) {
    char path[SUPPORT_PATH];
    struct online_summary s;
    assert_int_equal(online_summary_read(make_store(path, state), NAN, &s, NULL), TRM_OK);
    assert_int_equal(s.window, EPOCH_STEPS);
    near(s.target, 1.45);
    near(s.result[1].target_seconds, 6 * 0.010);
    near(s.result[0].target_seconds, 8 * 0.009);
    near(s.result[1].target_steps, 6);
    assert_true(isnan(s.result[3].target_seconds)); /* it diverged */
    online_summary_free(&s);
    assert_int_equal(online_summary_read(path, 1.0, &s, NULL), TRM_OK);
    near(s.policy[0].target_seconds.mean, 8 * 0.010);
    assert_int_equal(s.policy[1].target_seconds.count, 0); /* admm never gets there */
    online_summary_free(&s);
}

static void stores_without_a_result_are_refused(void **state) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    struct online_summary s;
    struct trm_error error;
    support_path(path, state, "empty.db");
    assert_int_equal(trm_store_create(path, true, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(online_summary_read(path, NAN, &s, &error), TRM_FORMAT);
    assert_int_equal(trm_store_create(path, true, &store, NULL), TRM_OK);
    end_run(store, add_run(store, "admm", 42, 0.1), TRM_RUN_STOPPED, 0.0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(online_summary_read(path, NAN, &s, &error), TRM_FORMAT);
    assert_non_null(strstr(error.text, "empty.db"));
}

/* Rows after the cut go with their decisions. */
static void decisions_are_cut_with_their_steps(void **state) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    const struct trm_step_decision again = {.step = 3, .train_seconds = 0.01};
    assert_int_equal(trm_store_open(make_store(path, state), TRM_STORE_APPEND, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_decision_insert(store, 1, &again, NULL), TRM_EXISTS);
    assert_int_equal(trm_store_truncate_after(store, 1, 2, NULL), TRM_OK);
    assert_int_equal(trm_store_decision_insert(store, 1, &again, NULL), TRM_NOT_FOUND); /* no such step */
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

static void seeds_are_a_number_or_a_list(void **state) {
    static const char *const bad[] = {
        "", "0", "65", "1,1", "1,", ",1", "a", "-1", "1 2", "1,x", "9007199254740993,1"};
    uint64_t seeds[ONLINE_MAX_SEEDS];
    size_t count;
    (void)state;
    assert_true(online_seeds("3", 42, seeds, &count));
    assert_int_equal(count, 3);
    assert_int_equal(seeds[2], 44);
    assert_true(online_seeds("7,5,9007199254740992", 42, seeds, &count));
    assert_int_equal(count, 3);
    assert_int_equal(seeds[0], 7);
    assert_true(seeds[2] == 9007199254740992u);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(online_seeds(bad[i], 42, seeds, &count));
}

/* Uniform over what is allowed, the same for the same (seed, step), another for another seed. */
static void random_choice_is_uniform_and_counted(void **state) {
    enum { DRAWS = 9000 };
    struct policy_context a = {.allowed = 1 << 1 | 1 << 3 | 1 << 4, .seed = 42}, b = a;
    const struct trainer_policy one = policy_make(POLICY_RANDOM, &a, 1),
                                two = policy_make(POLICY_RANDOM, &b, 1);
    size_t counts[MUON_LABEL_COUNT] = {0}, same = 0;
    struct trainer_choice x, y;
    (void)state;
    b.seed = 43;
    for (size_t step = 0; step < DRAWS; step++) {
        assert_int_equal(one.choose(one.context, NULL, step, &x, NULL), TRM_OK);
        assert_int_equal(two.choose(two.context, NULL, step, &y, NULL), TRM_OK);
        counts[x.arm]++;
        same += x.arm == y.arm;
        assert_int_equal(one.choose(one.context, NULL, step, &y, NULL), TRM_OK);
        assert_int_equal(x.arm, y.arm);
    }
    assert_int_equal(counts[0] + counts[2], 0);
    for (size_t arm = 1; arm < MUON_LABEL_COUNT; arm++) /* five standard deviations are 223 */
        assert_true(counts[arm] == 0 || fabs((double)counts[arm] - 3000.0) < 223.0);
    assert_true(fabs((double)same - 3000.0) < 223.0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(policies_have_means_and_spreads, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(shares_switches_and_overhead, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(time_to_the_target, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(stores_without_a_result_are_refused, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(decisions_are_cut_with_their_steps, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test(seeds_are_a_number_or_a_list),
        cmocka_unit_test(random_choice_is_uniform_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
