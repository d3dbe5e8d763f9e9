/* Policies that learn while they play: each finds what it can see, and no more. */
#include "support/dynamics.h"

#include "base/rng.h"
#include "evaluation/learner.h"

#include <math.h>
#include <string.h>

enum { STEPS = 2000 };

/* Share of the last half of the steps in which the best arm was chosen. reward(best, arm): its mean; noise 0.3. */
static double play(enum trm_learner_kind kind, int (*best_at)(size_t step, const double *x), uint64_t seed) {
    struct trm_learner *l;
    struct rng rng = rng_stream(seed, RNG_TEST, 11, 0);
    size_t right = 0;
    assert_int_equal(trm_learner_create(&l, kind, 1 << 1 | 1 << 4 | 1 << 5, seed, NULL), TRM_OK);
    for (size_t step = 0; step < STEPS; step++) {
        double x[TRM_FEATURE_COUNT];
        for (int f = 0; f < TRM_FEATURE_COUNT; f++)
            x[f] = 5 + 3 * rng_uniform(&rng);
        const int best = best_at(step, x), arm = trm_learner_choose(l, x, (double)step / STEPS);
        assert_true(arm == 1 || arm == 4 || arm == 5);
        right += step >= STEPS / 2 && arm == best;
        trm_learner_reward(l, 100 + (arm == best) + 0.3 * rng_normal(&rng));
    }
    trm_learner_destroy(l);
    return (double)right / (STEPS / 2);
}

static int always(size_t step, const double *x) {
    (void)step, (void)x;
    return 4;
}

static int turns(size_t step, const double *x) {
    (void)x;
    return step < STEPS / 2 ? 1 : 5;
}

static int by_feature(size_t step, const double *x) {
    (void)step;
    return x[3] < 6.5 ? 1 : 5;
}

static void test_the_best_arm_is_found(void **state) {
    (void)state;
    for (int kind = 0; kind < TRM_LEARNERS; kind++) {
        const double share = play((enum trm_learner_kind)kind, always, 3);
        print_message("%s: %.2f\n", trm_learner_name(kind), share);
        assert_true(share > 0.8);
    }
}

static void test_a_change_is_followed(void **state) {
    (void)state;
    assert_true(play(TRM_LEARNER_DISCOUNTED, turns, 4) > 0.8);
}

/* Only LinUCB looks at the features. */
static void test_features_are_used(void **state) {
    (void)state;
    assert_true(play(TRM_LEARNER_LINUCB, by_feature, 5) > 0.8);
    assert_true(play(TRM_LEARNER_DISCOUNTED, by_feature, 5) < 0.7);
}

/* The same calls, the same choices; rewards of another unit or place change none; one that is not finite is survived. */
static void test_choices_are_repeated(void **state) {
    (void)state;
    const double x[TRM_FEATURE_COUNT] = {1, 2, 3};
    for (int kind = 0; kind < TRM_LEARNERS; kind++) {
        struct trm_learner *l[2];
        for (int k = 0; k < 2; k++)
            assert_int_equal(trm_learner_create(&l[k], (enum trm_learner_kind)kind, 7, 1, NULL), TRM_OK);
        for (int step = 0; step < 200; step++) {
            const int arm = trm_learner_choose(l[0], x, step / 200.0);
            assert_int_equal(trm_learner_choose(l[1], x, step / 200.0), arm);
            const double reward = step == 50 ? (double)NAN : arm == 1 ? 4.0 : (double)(step % 3);
            trm_learner_reward(l[0], reward);
            trm_learner_reward(l[1], 1024 + 0.25 * reward);
        }
        trm_learner_destroy(l[0]);
        trm_learner_destroy(l[1]);
    }
}

/* A second learner that gets the state of the first goes on as it, whatever it did before. */
static void test_state_is_all_there_is(void **state) {
    (void)state;
    for (int kind = 0; kind < TRM_LEARNERS; kind++) {
        struct trm_learner *l[2];
        size_t count[2], same = 0;
        for (int k = 0; k < 2; k++)
            assert_int_equal(trm_learner_create(&l[k], (enum trm_learner_kind)kind, 7, 1, NULL), TRM_OK);
        for (int step = 0; step < 300; step++) {
            const double x[TRM_FEATURE_COUNT] = {sin(step), cos(0.1 * step), 3};
            if (step == 101) {
                double *const from = trm_learner_state(l[0], &count[0]), *const to = trm_learner_state(
                                                                             l[1], &count[1]);
                assert_int_equal(count[0], count[1]);
                memcpy(to, from, count[0] * sizeof *to);
            }
            const int arm = trm_learner_choose(l[0], x, step / 300.0);
            trm_learner_reward(l[0], arm == (step / 50) % 3 ? 1 : 0.01 * (step % 7));
            if (step < 101 && step % 2 == 1)
                continue;
            const int other = trm_learner_choose(l[1], x, step / 300.0);
            trm_learner_reward(l[1], other == (step / 50) % 3 ? 1 : 0.01 * (step % 7));
            same += step > 100 && other == arm;
        }
        assert_int_equal(same, 199);
        trm_learner_destroy(l[0]);
        trm_learner_destroy(l[1]);
    }
}

static void test_wrong_ones_are_refused(void **state) {
    (void)state;
    struct trm_learner *l;
    struct trm_error error = {0};
    assert_int_equal(trm_learner_create(&l, TRM_LEARNER_EXP3, 0, 1, &error), TRM_INVALID);
    assert_null(l);
    assert_int_equal(trm_learner_create(&l, TRM_LEARNERS, 1, 1, &error), TRM_INVALID);
    assert_null(trm_learner_name(TRM_LEARNERS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_best_arm_is_found), cmocka_unit_test(test_a_change_is_followed),
        cmocka_unit_test(test_features_are_used),     cmocka_unit_test(test_choices_are_repeated),
        cmocka_unit_test(test_state_is_all_there_is), cmocka_unit_test(test_wrong_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
