/* Opponents of the router: plans fitted on its data set, and those that learn while they play; taken up again to the same
   bits with what they have learned. */
#include "experiment/support_online.h"

#include "experiment/policy.h"
#include "support/runs.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char data[160]; /* a data set of three solvers, and a router that says it was trained on it */

static const char *make_router(char path[64]) {
    struct trm_statistics st;
    struct trm_dataset *const dataset = runs_dataset("data.db", 1 << 0 | 1 << 3 | 1 << 4, 1, 4, 50);
    snprintf(data, sizeof data, "%s", dynamics_path("data.db"));
    trm_dataset_statistics(dataset, &st);
    struct trm_router *const router = online_router((unsigned)st.present, false);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.samples = st.samples, origin.groups = st.groups;
    trm_router_set_origin(router, &origin);
    trm_dataset_free(dataset);
    return online_save_router(router, "opponents.safetensors", path);
}

static struct online_request request(const char *output, const char *router, const char *opponents) {
    struct online_request r = online_small(output, router);
    assert_int_equal(online_opponents(opponents, r.opponent, NULL), TRM_OK);
    r.fitted_on = data;
    return r;
}

/* hash and shares of every policy, in order */
static struct online_summary summary_of(const char *path) {
    struct online_summary s;
    struct trm_error error = {0};
    if (online_summary_read(path, NAN, &s, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return s;
}

static const char *const all = "two_phase,exp3,schedule,linucb,discounted_ucb,best_fixed,random";

static void killed_learners_go_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    static const char *const names[] = {"router",    "random", "best_fixed", "schedule",
                                        "two_phase", "exp3",   "linucb",     "discounted_ucb"};
    enum { POLICIES = sizeof names / sizeof *names };
    char router[64], whole[64], part[64], reason[512];
    make_router(router);
    struct online_request r = request(support_path_of("opponents.db", whole), router, all);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    r.output = support_path_of("opponents-killed.db", part);
    for (size_t run = 4; run < POLICIES; run++) { /* run 0 is then the first that is not done */
        const struct interruption kill = {.run = run, .kill_after = 8};
        r.resume = run > 4;
        assert_int_equal(online_in_child(&r, kill, reason), SUPPORT_KILLED);
    }
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    struct online_summary x = summary_of(whole), y = summary_of(part);
    assert_int_equal(x.policy_count, POLICIES);
    assert_int_equal(y.policy_count, POLICIES);
    size_t early = 0;
    for (size_t p = 0; p < POLICIES; p++) {
        assert_string_equal(x.policy[p].name, names[p]);
        assert_string_equal(x.result[p].hash, y.result[p].hash);
        assert_true(x.result[p].test_loss == y.result[p].test_loss);
        early += x.policy[p].early_steps.count;
    }
    assert_true(early >
                POLICIES / 2); /* most get to the loss half way; ten steps of noise allow exceptions */
    online_summary_free(&x);
    online_summary_free(&y);
}

/* What is recorded decides nothing: a learner finds the loss after a step where nobody else asks for it. */
static void learning_needs_no_record(void **state) {
    (void)state;
    support_need_data();
    char router[64], path[2][64], reason[512];
    struct online_summary s[2];
    make_router(router);
    for (size_t i = 0; i < 2; i++) {
        struct online_request r =
            request(support_path_of(i ? "seldom.db" : "often.db", path[i]), router, "exp3,linucb");
        r.settings.record_every = i ? 5 : 1, r.fitted_on = NULL;
        assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        s[i] = summary_of(path[i]);
    }
    for (size_t p = 0; p < 3; p++) {
        assert_true(s[0].result[p].test_loss == s[1].result[p].test_loss);
        assert_true(s[0].policy[p].switches.mean == s[1].policy[p].switches.mean);
    }
    /* features count where the choice depends on them */
    assert_true(s[0].policy[1].feature_overhead == 0.0 && s[0].policy[2].feature_overhead > 0.0);
    online_summary_free(&s[0]);
    online_summary_free(&s[1]);
}

struct followed {
    const json_t *arms;
    size_t steps;
};

static enum trm_status follow(void *context, const struct trm_step *row) {
    struct followed *const f = context;
    assert_string_equal(row->solver,
                        json_string_value(json_array_get(f->arms, plan_part(row->step, SUPPORT_STEPS))));
    f->steps++;
    return TRM_OK;
}

/* The steps are those of the plan that the run's row holds, and that is the one fitted on the router's training part. */
static void plans_are_followed(void **state) {
    (void)state;
    support_need_data();
    char router[64], path[64], reason[512];
    make_router(router);
    struct online_request r =
        request(support_path_of("plans.db", path), router, "best_fixed,schedule,two_phase");
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    struct trm_store *store;
    struct trm_run *runs;
    size_t count;
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 4);
    for (size_t i = 1; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s arms", runs[i].settings.solver);
        json_t *const config = json_loads(runs[i].settings.config, 0, NULL);
        struct followed f = {.arms = json_object_get(config, key)};
        assert_int_equal(json_array_size(f.arms), PLAN_PARTS);
        assert_int_equal(trm_store_steps(store, runs[i].id, follow, &f, NULL), TRM_OK);
        assert_int_equal(f.steps, SUPPORT_STEPS);
        json_decref(config);
    }
    free(runs);
    trm_store_close(store, NULL);
}

/* Plans are fitted on what the router was trained on, or not at all; a plan that another data set gave is not gone on with. */
static void other_data_are_refused(void **state) {
    (void)state;
    support_need_data();
    char router[64], path[64], reason[512];
    make_router(router);
    struct online_request r = request(support_path_of("refused.db", path), router, "two_phase");
    trm_dataset_free(runs_dataset("other.db", 1 << 0 | 1 << 4, 1, 2, 50));
    r.fitted_on = dynamics_path("other.db");
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "other.db: the router was trained on a data set of"));
    r.fitted_on = "none.db";
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_NOT_FOUND);
    assert_non_null(strstr(reason, "none.db"));
    r.fitted_on = r.output = data;
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "both input and output"));
}

static int remove_folders(void **state) {
    return support_remove_folder(state) + dynamics_cleanup(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_learners_go_on_to_the_same_bits),
        cmocka_unit_test(learning_needs_no_record),
        cmocka_unit_test(plans_are_followed),
        cmocka_unit_test(other_data_are_refused),
    };
    return cmocka_run_group_tests(tests, support_make_folder, remove_folders);
}
