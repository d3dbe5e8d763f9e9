/* Branching leaves no trace in the run, repeats to the bit, and what it says of an arm is what that arm does. */
#include "experiment/support_branch.h"
#include "experiment/support_online.h"

#include "storage/file.h"

#include <math.h>
#include <string.h>

static const char *const all = "quasi_newton,quasi_newton:0.5,frank_wolfe@5:2,spectral_clip";

/* The plain run with held-out images, made once. */
static const char *plain(char path[64]) {
    if (!file_exists(support_path_of("plain.db", path))) {
        const struct collect_request r = branch_small(path, NULL);
        branch_run(&r);
    }
    return path;
}

/* With looks, so that momentum, statistics, loader and schedule all were elsewhere. */
static struct collect_request looking(const char *path) {
    struct collect_request r = branch_small(path, all);
    r.branch.every = 2;
    r.branch.look_every = 3, r.branch.look_repeats = 2, r.branch.hold = 2, r.branch.anneal = 2;
    r.branch.look_check = true;
    return r;
}

static void branching_leaves_no_trace(void **state) {
    (void)state;
    support_need_data();
    char whole[64], path[64], other[64];
    struct branch_states s;
    struct collect_request r = looking(support_path_of("looking.db", path));
    branch_run(&r);
    branch_assert_same_run(plain(whole), path);
    branch_read(path, &s);
    assert_int_equal(s.count, 5);
    for (size_t i = 0; i < s.count; i++) {
        assert_int_equal(s.at[i].step, 2 * i);
        assert_int_equal(s.at[i].repeats, i % 3 == 0 ? 2 : 0);
        assert_true(s.at[i].arm[0].is.chosen && !s.at[i].arm[1].is.chosen);
    }
    r = looking(support_path_of("nesterov.db", path));
    r.settings.sgd.nesterov = true;
    branch_run(&r);
    r = branch_small(support_path_of("nesterov-plain.db", other), NULL);
    r.settings.sgd.nesterov = true;
    branch_run(&r);
    branch_assert_same_run(other, path);
}

static void killed_run_makes_the_same_states(void **state) {
    (void)state;
    support_need_data();
    static const size_t moments[] = {5, 8}; /* before a checkpoint at 6, and after it */
    char whole[64], path[64], reason[512];
    struct branch_states a, b;
    struct collect_request r = looking(support_path_of("looking.db", whole));
    if (!file_exists(whole))
        branch_run(&r);
    branch_read(whole, &a);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        r = looking(support_path_of("killed-looking.db", path));
        r.force = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = moments[i]}, reason),
                         SUPPORT_KILLED);
        r.force = false, r.resume = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        collect_assert_same(whole, path);
        branch_read(path, &b);
        branch_assert_same(&a, &b);
    }
}

/* The arm that the run went on with, as tried, and the run's own step: the same number. */
static void a_tried_arm_is_the_step(void **state) {
    (void)state;
    support_need_data();
    char path[64];
    struct branch_states s;
    struct collect_request r = branch_small(support_path_of("random.db", path), all);
    r.settings.solver = "random";
    branch_run(&r);
    branch_read(path, &s);
    assert_int_equal(s.count, SUPPORT_STEPS);
    size_t taken[BRANCH_ARMS] = {0};
    for (size_t i = 0; i < s.count; i++)
        for (size_t arm = 0; arm < s.at[i].arms; arm++)
            if (s.at[i].arm[arm].is.chosen) {
                taken[arm]++;
                assert_true(s.at[i].arm[arm].is.next_loss == s.step[i].next_loss);
                assert_true(s.at[i].arm[arm].is.gap == s.step[i].gap);
            }
    assert_int_equal(taken[0] + taken[1] + taken[2] + taken[3], SUPPORT_STEPS);
    assert_true((taken[0] > 0) + (taken[1] > 0) + (taken[2] > 0) + (taken[3] > 0) >= 3);
    /* half the radius is half the step, in the same direction */
    for (size_t i = 0; i < s.count; i++) {
        assert_true(fabs(s.at[i].arm[1].is.norm / s.at[i].arm[0].is.norm - 0.5) < 1e-3);
        assert_true(s.at[i].arm[1].cosine[0] > 0.9999);
        for (size_t k = 1; k < s.at[i].probes; k++)
            assert_true(s.at[i].seed[k] == s.at[i].seed[0] + k && s.at[i].base[k] != s.at[i].base[0]);
    }
}

/* The run's solver need not be among what is compared. */
static void a_solver_that_is_no_arm_goes_on(void **state) {
    (void)state;
    support_need_data();
    char whole[64], path[64];
    struct collect_request r = branch_small(support_path_of("stranger.db", path), "dual_ascent");
    r.branch.every = 4;
    assert_true(strcmp(r.settings.solver, "dual_ascent") != 0);
    branch_run(&r);
    branch_assert_same_run(plain(whole), path);
}

static void a_router_picks_what_the_run_goes_on_with(void **state) {
    (void)state;
    support_need_data();
    char path[64], router[64], reason[512];
    struct branch_states s;
    online_save_router(online_router(1U << MUON_SOLVER_admm | 1U << MUON_SOLVER_dual_ascent, false),
                       "r.safetensors", router);
    struct collect_request r = branch_small(support_path_of("routed.db", path), "quasi_newton,admm");
    r.settings.solver = "router";
    r.branch.router = router;
    assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 5}, reason), SUPPORT_KILLED);
    r.resume = true;
    branch_run(&r);
    branch_read(path, &s);
    assert_int_equal(s.count, SUPPORT_STEPS);
    for (size_t i = 0; i < s.count; i++) /* it knows no other of these two */
        assert_true(!s.at[i].arm[0].is.chosen && s.at[i].arm[1].is.chosen);
    r = branch_small(support_path_of("unrouted.db", path), "quasi_newton,quasi_newton:2");
    r.settings.solver = "router";
    r.branch.router = router;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "knows none of the arms"));
    assert_false(file_exists(path));
}

static void matched_steps_are_equally_long(void **state) {
    (void)state;
    support_need_data();
    char path[64];
    struct branch_states s;
    for (int match = TRM_MATCH_FROBENIUS; match <= TRM_MATCH_DECREASE; match++) {
        struct collect_request r = branch_small(support_path_of("matched.db", path), all);
        r.force = true;
        r.branch.match = (enum trm_match)match;
        r.branch.every = 3;
        branch_run(&r);
        branch_read(path, &s);
        for (size_t i = 0; i < s.count; i++) {
            double lengths[4], smallest = INFINITY;
            for (size_t arm = 0; arm < 4; arm++) {
                const struct trm_outcome *const o = &s.at[i].arm[arm].is;
                const double own = match == TRM_MATCH_FROBENIUS ? o->norm : o->decrease;
                lengths[arm] = o->scale * own;
                if (arm < 3) /* spectral_clip does not set the target */
                    smallest = fmin(smallest, own);
            }
            for (size_t arm = 0; arm < 4; arm++)
                assert_true(fabs(lengths[arm] - smallest) < 1e-12 * smallest);
        }
    }
    branch_assert_same_run(plain(path), support_path_of("matched.db", (char[64]){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branching_leaves_no_trace),
        cmocka_unit_test(killed_run_makes_the_same_states),
        cmocka_unit_test(a_tried_arm_is_the_step),
        cmocka_unit_test(a_solver_that_is_no_arm_goes_on),
        cmocka_unit_test(a_router_picks_what_the_run_goes_on_with),
        cmocka_unit_test(matched_steps_are_equally_long),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
