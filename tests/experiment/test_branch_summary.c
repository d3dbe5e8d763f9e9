/* The summary of branch states, of a store whose numbers are known. */
#include "experiment/branch/summary.h"
#include "support/dynamics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STATES = 4, ARMS = 3 };

/* Arm 1 has the best probes but at state 3, whose halves disagree; with L arm 0 is the best look, with 2 L arm 1,
   but for noise of arm 0, of these sizes and of other sign at every other look. */
static struct trm_store *store_of(const char *path, bool check, double noise, double noise_doubled) {
    struct trm_store *const store = dynamics_store(path);
    struct trm_arms arms;
    assert_int_equal(trm_arms_parse("admm:0.5,admm:2,admm:4", &arms, NULL), TRM_OK);
    dynamics_insert(store, 1, 0, 10, 0);
    assert_int_equal(trm_store_arms_insert(store, 1, &arms, NULL), TRM_OK);
    for (size_t i = 0; i < STATES; i++) {
        const uint64_t seeds[4] = {4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3};
        const double base[4] = {2, 2, 2, 2}, cosine[2] = {1, 1}, sign = i % 4 == 0 ? 1 : -1;
        const double probe[ARMS][4] = {
            {1.75, 1.75, 1.75, i == 3 ? 0.5 : 1.75}, {1.5, 1.5, 1.5, 1.5}, {3, 3, 3, 3}};
        const double look[ARMS][2] = {{1 + sign * noise, 1 + sign * noise}, {1.25, 1.25}, {1.5, 1.5}},
                     doubled[ARMS][2] = {
                         {1 + sign * noise_doubled, 1 + sign * noise_doubled}, {0.75, 0.75}, {1.5, 1.5}};
        struct trm_outcome o[ARMS];
        for (size_t arm = 0; arm < ARMS; arm++)
            o[arm] = (struct trm_outcome){.next_loss = 2.25 - 0.25 * (double)arm,
                                          .norm = 2,
                                          .scale = 0.5,
                                          .rank = 0.75,
                                          .seconds = 0.001 * (double)(arm + 1),
                                          .probe_loss = probe[arm],
                                          .cosine = cosine,
                                          .look_loss = look[arm],
                                          .look_doubled = check ? doubled[arm] : NULL};
        const bool looks = i % 2 == 0;
        const struct trm_branch b = {.step = 2 * i,
                                     .probe_count = 4,
                                     .probe_seed = seeds,
                                     .base_loss = base,
                                     .repeat_count = looks ? 2 : 0,
                                     .hold = looks ? 3 : 0,
                                     .anneal = looks ? 7 : 0,
                                     .seconds = 0.125,
                                     .arm_count = ARMS,
                                     .outcome = o};
        assert_int_equal(trm_store_branch_insert(store, 1, &b, NULL), TRM_OK);
    }
    return store;
}

static void near_to(double a, double b) {
    if (!(fabs(a - b) < 1e-12))
        fail_msg("%.17g is not %.17g", a, b);
}

static void every_number_is_as_by_hand(void **state) {
    (void)state;
    struct branch_summary s;
    struct trm_store *const store = store_of(dynamics_path("known.db"), true, 0, 0);
    assert_int_equal(branch_summary_read(store, 1, &s, NULL), TRM_OK);
    assert_true(s.states == 4 && s.looks == 2 && s.arm_count == 3 && s.probes == 4 && s.hold == 3 &&
                s.anneal == 7);
    assert_string_equal(s.arm[1].name, "admm:2");
    near_to(s.ms, 125);
    near_to(s.agreement, 0.75);
    near_to(s.arm[0].best, 0.25), near_to(s.arm[1].best, 0.75), near_to(s.arm[2].best, 0);
    near_to(s.arm[1].probe_change, -0.5);
    near_to(s.arm[0].probe_change, (3 * -0.25 + (1.75 * 3 + 0.5) / 4 - 2) / 4);
    near_to(s.arm[0].next_change, -0.25), near_to(s.arm[2].next_change, -0.75); /* the rows' loss is 2.5 */
    near_to(s.arm[0].norm, 1), near_to(s.arm[2].ms, 3), near_to(s.arm[0].rank, 0.75);
    near_to(s.arm[0].look, -0.25), near_to(s.arm[2].look, 0.25), near_to(s.arm[0].look_error, 0);
    assert_true(s.pairs == 1 && s.decided == 1 && s.moved == 1 && s.turned == 1); /* admm:4 is out of range */
    assert_string_equal(s.turned_pair[0], "admm:0.5");
    assert_string_equal(s.turned_pair[1], "admm:2");
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

static void what_noise_hides_is_not_turned(void **state) {
    (void)state;
    struct branch_summary s;
    static const struct {
        double noise[2];
        size_t decided, moved, turned;
    } cases[] = {{{1, 1}, 0, 1, 1}, {{1, -1}, 0, 0, 0}, {{0, 1}, 1, 0, 1}, {{0.1, 0.1}, 1, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trm_store *const noisy =
            store_of(dynamics_path("noisy.db"), true, cases[i].noise[0], cases[i].noise[1]);
        assert_int_equal(branch_summary_read(noisy, 1, &s, NULL), TRM_OK);
        assert_int_equal(s.decided, cases[i].decided);
        assert_int_equal(s.moved, cases[i].moved);
        assert_int_equal(s.turned, cases[i].turned);
        assert_int_equal(trm_store_close(noisy, NULL), TRM_OK);
        assert_int_equal(remove(dynamics_path("noisy.db")), 0);
    }
    struct trm_store *store = store_of(dynamics_path("unchecked.db"), false, 0, 0);
    assert_int_equal(branch_summary_read(store, 1, &s, NULL), TRM_OK);
    assert_true(s.pairs == 0 && s.turned == 0 && s.looks == 2);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    store = dynamics_store(dynamics_path("none.db"));
    assert_int_equal(branch_summary_read(store, 1, &s, NULL), TRM_OK);
    assert_int_equal(s.states, 0);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_number_is_as_by_hand),
                                       cmocka_unit_test(what_noise_hides_is_not_turned)};
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
