/* online with arms other than the five solvers: multipliers and budgets, by the names in the router's file. */
#include "experiment/support_online.h"

#include "storage/file.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"quasi_newton:0.5", "quasi_newton:2", "frank_wolfe@5"};

/* A router of these three arms whose choice does not depend on the features. */
static const char *save_router(const char *name, uint64_t present, char path[64]) {
    struct trm_router_config config;
    struct trm_router *router;
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    config.arms = 3;
    assert_int_equal(trm_router_create(&router, &config, 7, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.arms.count = 0;
    for (size_t i = 0; i < 3; i++)
        assert_true(trm_arm_names_add(&origin.arms, names[i]));
    origin.present = present;
    trm_router_set_origin(router, &origin);
    for (size_t i = 0; i < trm_router_view_count(router); i++) {
        const struct trm_router_view *const view = trm_router_view(router, i);
        if (strcmp(view->name, "embed.weight") == 0)
            memset(trm_router_parameters(router) + view->offset, 0, view->count * sizeof(float));
    }
    return online_save_router(router, name, path);
}

static const struct online_result *result_of(const struct online_summary *s, const char *policy) {
    for (size_t i = 0; i < s->result_count; i++)
        if (strcmp(s->policy[s->result[i].policy].name, policy) == 0)
            return &s->result[i];
    fail_msg("no run of %s", policy);
    return NULL;
}

static void a_router_of_one_opinion_is_that_arm(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    struct online_summary s;
    save_router("three.safetensors", 7, router);
    struct online_request r = online_small(support_path_of("arms.db", path), router);
    r.baselines = true;
    assert_int_equal(online_in_child(&r, (struct interruption){.run = 2, .kill_after = 4}, reason),
                     SUPPORT_KILLED);
    r.resume = true;
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_int_equal(online_summary_read(path, NAN, &s, NULL), TRM_OK);
    assert_int_equal(s.arms.count, 3);
    assert_int_equal(s.policy_count, 5);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(s.policy[2 + i].name, names[i]);
    size_t chosen = 3;
    for (size_t i = 0; i < 3; i++)
        if (s.policy[0].total_share[i] == 1.0)
            chosen = i;
    assert_true(chosen < 3);
    assert_string_equal(result_of(&s, "router")->hash, result_of(&s, names[chosen])->hash);
    assert_string_not_equal(result_of(&s, names[0])->hash, result_of(&s, names[1])->hash);
    double random = 0.0;
    for (size_t i = 0; i < 3; i++)
        random += s.policy[1].total_share[i];
    assert_true(fabs(random - 1.0) < 1e-12 && s.policy[1].total_share[chosen] < 1.0);
    online_summary_free(&s);
}

/* Arms given by hand: the router picks among those of them that it knows, chance among all. */
static void arms_may_be_given(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    struct online_summary s;
    save_router("some.safetensors", 7, router);
    struct online_request r = online_small(support_path_of("given.db", path), router);
    r.baselines = true;
    assert_int_equal(trm_arms_parse("admm,frank_wolfe@5", &r.settings.arms, NULL), TRM_OK);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_int_equal(online_summary_read(path, NAN, &s, NULL), TRM_OK);
    assert_int_equal(s.policy_count, 4);
    assert_true(s.policy[0].total_share[1] == 1.0 && s.policy[1].total_share[0] > 0.0);
    assert_string_equal(result_of(&s, "router")->hash, result_of(&s, "frank_wolfe@5")->hash);
    online_summary_free(&s);
    r.resume = true;
    assert_int_equal(trm_arms_parse("admm:2,frank_wolfe@5", &r.settings.arms, NULL), TRM_OK);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "another arms"));
}

static void arms_that_do_not_fit_are_refused(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    struct online_request r;
    save_router("two.safetensors", 3, router);
    r = online_small(support_path_of("refused.db", path), router);
    assert_int_equal(trm_arms_parse("admm,frank_wolfe@5", &r.settings.arms, NULL), TRM_OK);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "knows none of the arms"));
    struct trm_router *const odd = online_router(ONLINE_ALL, true);
    struct trm_router_origin origin = *trm_router_origin(odd);
    strcpy(origin.arms.name[3], "frank_wolfe:x");
    trm_router_set_origin(odd, &origin);
    online_save_router(odd, "odd.safetensors", router);
    r = online_small(path, router);
    assert_int_equal(online_in_child(&r, (struct interruption){0}, reason), TRM_FORMAT);
    assert_non_null(strstr(reason, "frank_wolfe:x"));
    assert_null(strchr(reason, '\n'));
    assert_false(file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_router_of_one_opinion_is_that_arm),
                                       cmocka_unit_test(arms_may_be_given),
                                       cmocka_unit_test(arms_that_do_not_fit_are_refused)};
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
