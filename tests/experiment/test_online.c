/* Routed training runs: the same bits again, after SIGKILL and a stop; a router with one opinion against the
   fixed solver; the interval. */
#include "experiment/support_online.h"

#include "experiment/policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum trm_status collect(const void *request, struct interruption *interruption,
                               struct trm_error *error) {
    (void)interruption;
    const struct collect_watch watch = {0};
    struct collect_summary summary;
    return collect_run(request, &watch, &summary, error);
}

static struct online_summary summary_of(const char *path) {
    struct online_summary summary;
    struct trm_error error = {0};
    if (online_summary_read(path, NAN, &summary, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return summary;
}

struct steps {
    char solver[SUPPORT_STEPS][32];
    double loss[SUPPORT_STEPS];
    bool decided[SUPPORT_STEPS];
    size_t count, decisions;
};

static enum trm_status keep(void *context, const struct trm_step *row) {
    struct steps *const s = context;
    assert_true(s->count < SUPPORT_STEPS);
    assert_int_equal(row->step, s->count);
    snprintf(s->solver[s->count], sizeof *s->solver, "%s", row->solver);
    s->loss[s->count++] = row->loss;
    return TRM_OK;
}

static enum trm_status keep_decision(void *context, const struct trm_step_decision *row) {
    struct steps *const s = context;
    assert_int_equal(row->step, s->decisions);
    s->decided[s->decisions++] = row->decided;
    assert_true(row->train_seconds > 0.0 && row->feature_seconds > 0.0);
    assert_true(row->train_seconds >= row->feature_seconds + row->decide_seconds);
    return TRM_OK;
}

/* The steps of the run of this policy, all of them with their decisions. */
static struct steps steps_of(const char *path, const char *policy) {
    struct trm_store *store;
    struct trm_run *runs;
    size_t count, found = 0;
    struct steps steps = {.count = 0};
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(runs[i].settings.solver, policy) != 0)
            continue;
        found++;
        assert_int_equal(trm_store_steps(store, runs[i].id, keep, &steps, NULL), TRM_OK);
        assert_int_equal(trm_store_decisions(store, runs[i].id, keep_decision, &steps, NULL), TRM_OK);
    }
    assert_int_equal(found, 1);
    assert_int_equal(steps.count, SUPPORT_STEPS);
    assert_int_equal(steps.decisions, SUPPORT_STEPS);
    free(runs);
    trm_store_close(store, NULL);
    return steps;
}

/* Same runs, all done, with the same bits. */
static void assert_same(const char *a, const char *b) {
    struct online_summary x = summary_of(a), y = summary_of(b);
    assert_int_equal(x.result_count, y.result_count);
    for (size_t i = 0; i < x.result_count; i++) {
        assert_int_equal(x.result[i].status, TRM_RUN_DONE);
        assert_int_equal(y.result[i].status, TRM_RUN_DONE);
        assert_string_equal(x.policy[x.result[i].policy].name, y.policy[y.result[i].policy].name);
        assert_string_equal(x.result[i].hash, y.result[i].hash);
        assert_true(x.result[i].test_loss == y.result[i].test_loss);
    }
    online_summary_free(&x);
    online_summary_free(&y);
}

static void whole_run_has_every_policy(void **state) {
    (void)state;
    support_need_data();
    static const char *const names[] = {"router", "random", "spectral_clip", "admm"};
    char path[64], router[64];
    struct online_summary s = summary_of(online_whole(path, router));
    assert_int_equal(s.policy_count, 4);
    assert_int_equal(s.result_count, 4);
    for (size_t p = 0; p < 4; p++) {
        const struct steps steps = steps_of(path, names[p]);
        assert_string_equal(s.policy[p].name, names[p]);
        assert_int_equal(s.policy[p].test_accuracy.count, 1);
        assert_int_equal(steps.decided[0], p < 2);
        for (size_t i = 0; i < SUPPORT_STEPS; i++)
            assert_true(p >= 2 ? strcmp(steps.solver[i], names[p]) == 0
                               : strcmp(steps.solver[i], "admm") == 0 ||
                                     strcmp(steps.solver[i], "spectral_clip") == 0);
    }
    assert_true(s.policy[0].feature_overhead > 0.0 && s.policy[0].decide_overhead > 0.0);
    assert_true(s.policy[2].decide_overhead == 0.0 && s.policy[2].feature_overhead == 0.0);
    online_summary_free(&s);
}

/* In the router's run before its first checkpoint, and in that of chance between two. */
static void killed_command_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    static const struct interruption kills[] = {{.run = 0, .kill_after = 2}, {.run = 1, .kill_after = 8}};
    char whole[64], part[64], router[64], reason[512];
    online_whole(whole, router);
    struct online_request r = online_small(support_path_of("killed.db", part), router);
    r.baselines = true;
    for (size_t i = 0; i < sizeof kills / sizeof *kills; i++) {
        r.resume = i > 0;
        assert_int_equal(online_in_child(&r, kills[i], reason), SUPPORT_KILLED);
    }
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_same(whole, part);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason),
                     SUPPORT_DONE); /* done already: nothing to do */
    assert_same(whole, part);
}

/* Stopped, gone on with, and given the baselines only then. */
static void stopped_command_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    char whole[64], part[64], router[64], reason[512];
    online_whole(whole, router);
    struct online_request r = online_small(support_path_of("stopped.db", part), router);
    assert_int_equal(online_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    assert_non_null(strstr(reason, "--resume"));
    r.resume = r.baselines = true;
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_same(whole, part);
}

/* A router that does not look: its one choice, with five arms set up, is the run of that fixed solver. */
static void one_opinion_is_the_fixed_solver(void **state) {
    (void)state;
    support_need_data();
    char path[64], routed[64], fixed[64], reason[512];
    struct trm_router *const router = online_router(ONLINE_ALL, true);
    const double feature[TRM_FEATURE_COUNT] = {0.5};
    struct trm_decision decision;
    assert_int_equal(trm_router_decide(router, feature, ONLINE_ALL, &decision, NULL), TRM_OK);
    const char *const name = muon_solver_name(decision.arm);
    struct online_request r = online_small(support_path_of("opinion.db", routed),
                                           online_save_router(router, "opinion.safetensors", path));
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    struct collect_request c = {.settings = r.settings,
                                .output = support_path_of("fixed.db", fixed),
                                .program = "test",
                                .checkpoint_every = 100};
    c.settings.solver = name;
    c.settings.budget = muon_options_default(decision.arm);
    assert_int_equal(support_run(collect, &c, c.settings.threads, (struct interruption){0}, reason),
                     SUPPORT_DONE);
    struct online_summary x = summary_of(routed), y = summary_of(fixed);
    assert_string_equal(x.policy[0].name, "router");
    assert_string_equal(y.policy[0].name, name);
    assert_string_equal(x.result[0].hash, y.result[0].hash);
    assert_true(x.policy[0].total_share[decision.arm] == 1.0);
    online_summary_free(&x);
    online_summary_free(&y);
}

/* Choices at steps 0, 4, 8, also where a run is taken up again between two of them. */
static void interval_keeps_the_last_choice(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    online_save_router(online_router(ONLINE_ALL, false), "five.safetensors", router);
    struct online_request r = online_small(support_path_of("interval.db", path), router);
    struct policy_context context = {.allowed = ONLINE_ALL, .seed = 42};
    const struct trainer_policy random = policy_make(POLICY_RANDOM, &context, 4);
    r.interval = 4, r.baselines = true;
    assert_int_equal(online_in_child(&r, (struct interruption){.run = 1, .stop_after = 6}, reason),
                     TRM_STOPPED);
    r.resume = true;
    assert_int_equal(online_in_child(&r, (struct interruption){.run = 2, .stop_after = 1}, reason),
                     TRM_STOPPED);
    for (int policy = POLICY_ROUTER; policy <= POLICY_RANDOM; policy++) {
        char name[TRM_ARM_NAME];
        const struct trm_arms arms = trm_arms_default();
        policy_name(policy, &arms, name);
        const struct steps steps = steps_of(path, name);
        for (size_t i = 0; i < SUPPORT_STEPS; i++) {
            struct trainer_choice choice;
            assert_int_equal(steps.decided[i], i % 4 == 0);
            assert_int_equal(random.choose(random.context, NULL, i - i % 4, &choice, NULL), TRM_OK);
            assert_string_equal(steps.solver[i], policy == POLICY_RANDOM ? muon_solver_name((int)choice.arm)
                                                                         : steps.solver[i - i % 4]);
        }
    }
}

/* Every step counts, recorded or not: what is recorded changes neither switches nor shares nor how often was chosen. */
static void unrecorded_steps_count(void **state) {
    (void)state;
    support_need_data();
    char path[2][64], router[64], reason[512];
    online_save_router(online_router(ONLINE_ALL, false), "every.safetensors", router);
    struct online_summary s[2];
    for (size_t i = 0; i < 2; i++) {
        struct online_request r = online_small(support_path_of(i ? "third.db" : "each.db", path[i]), router);
        r.interval = 2, r.baselines = true;
        r.settings.record_every = i ? 3 : 1;
        assert_int_equal(online_in_child(&r, (struct interruption){.run = 1, .stop_after = 5}, reason),
                         TRM_STOPPED);
        r.resume = true;
        assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        s[i] = summary_of(path[i]);
    }
    assert_true(s[0].policy[1].switches.mean > 0.0);
    for (size_t p = 0; p < s[0].policy_count; p++) {
        assert_true(s[0].policy[p].switches.mean == s[1].policy[p].switches.mean);
        for (int id = 0; id < MUON_LABEL_COUNT; id++)
            assert_true(s[0].policy[p].total_share[id] == s[1].policy[p].total_share[id]);
    }
    online_summary_free(&s[0]);
    online_summary_free(&s[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_run_has_every_policy),
        cmocka_unit_test(killed_command_goes_on_to_the_same_bits),
        cmocka_unit_test(stopped_command_goes_on_to_the_same_bits),
        cmocka_unit_test(one_opinion_is_the_fixed_solver),
        cmocka_unit_test(interval_keeps_the_last_choice),
        cmocka_unit_test(unrecorded_steps_count),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
