/* What the arms of a step did: every column, all or nothing, and gone when the run goes back. */
#include "support/dynamics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct trm_probe probes[2] = {{.seed = 7, .base_loss = 2.5, .loss = 2.25},
                                           {.seed = 8, .base_loss = 2.0, .loss = 1.875}};
static const double cosines[2] = {0.5, -0.25};

static struct trm_outcome outcome(size_t step, size_t arm) {
    return (struct trm_outcome){.step = step,
                                .arm = arm,
                                .solver = "frank_wolfe",
                                .multiplier = 0.5,
                                .tol = 0.125,
                                .max_iterations = 20,
                                .rank = 32,
                                .match = TRM_MATCH_DECREASE,
                                .chosen = arm == 2,
                                .next_loss = 1.5,
                                .has_horizon = true,
                                .horizon = 4,
                                .horizon_loss = 1.25,
                                .decrease = 0.75,
                                .norm = 3,
                                .seconds = 0.0625,
                                .probes = probes,
                                .probe_count = 2,
                                .cosines = cosines,
                                .cosine_count = arm < 2 ? arm : 2};
}

static void every_column_arrives(void **state) {
    (void)state;
    const char *path = dynamics_path("outcome.db");
    struct trm_store *store = dynamics_store(path);
    for (size_t arm = 0; arm < 3; arm++) {
        const struct trm_outcome o = outcome(4, arm);
        assert_int_equal(trm_store_outcome_insert(store, 1, &o, NULL), TRM_OK);
    }
    struct trm_outcome bare = outcome(5, 0);
    bare.has_horizon = false, bare.probe_count = 0, bare.match = TRM_MATCH_NONE, bare.rank = 0;
    assert_int_equal(trm_store_outcome_insert(store, 1, &bare, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(
        dynamics_count(path, "SELECT count(*) FROM outcome WHERE run_id = 1 AND step = 4 AND "
                             "solver = 'frank_wolfe' AND multiplier = 0.5 AND tol = 0.125 AND "
                             "max_iterations = 20 AND rank = 32 AND match = 'decrease' AND "
                             "chosen = (arm = 2) AND next_loss = 1.5 AND horizon = 4 AND "
                             "horizon_loss = 1.25 AND decrease = 0.75 AND norm = 3 AND seconds = 0.0625"),
        3);
    assert_int_equal(dynamics_count(path,
                                    "SELECT count(*) FROM outcome WHERE step = 5 AND horizon IS NULL AND "
                                    "horizon_loss IS NULL AND match = 'none' AND rank = 0"),
                     1);
    assert_int_equal(
        dynamics_count(path, "SELECT count(*) FROM outcome_probe WHERE step = 4 AND "
                             "(probe, seed, base_loss, loss) IN ((0, 7, 2.5, 2.25), (1, 8, 2, 1.875))"),
        6);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_cosine WHERE (arm, other, cosine) IN "
                                          "((1, 0, 0.5), (2, 0, 0.5), (2, 1, -0.25))"),
                     3);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_cosine"), 3);
}

static void a_bad_part_keeps_the_whole_out(void **state) {
    (void)state;
    const char *path = dynamics_path("part.db");
    struct trm_store *store = dynamics_store(path);
    struct trm_error error = {TRM_OK, ""};
    const struct trm_probe bad_probes[2] = {{.seed = 1, .base_loss = 1, .loss = 1},
                                            {.seed = 2, .base_loss = 1, .loss = NAN}};
    const double bad_cosines[2] = {0, INFINITY};
    dynamics_insert(store, 1, 0, 2, 0); /* of the same batch, and stays */
    struct trm_outcome o = outcome(1, 2);
    o.probes = bad_probes;
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_NOT_FINITE);
    assert_non_null(strstr(error.text, "loss"));
    o = outcome(1, 2), o.cosines = bad_cosines;
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_NOT_FINITE);
    assert_non_null(strstr(error.text, "cosine"));
    o = outcome(1, 1), o.cosine_count = 2; /* arm 1 has no arm 1 before it */
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_INVALID);
    o = outcome(1, 2), o.match = (enum trm_match)9;
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_INVALID);
    o = outcome(1, 2);
    assert_int_equal(trm_store_outcome_insert(store, 9, &o, &error), TRM_NOT_FOUND);
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_OK);
    assert_int_equal(trm_store_outcome_insert(store, 1, &o, &error), TRM_EXISTS);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome"), 1);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_probe"), 2);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_cosine"), 2);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 2);
}

static void going_back_removes_later_outcomes(void **state) {
    (void)state;
    const char *path = dynamics_path("back.db");
    struct trm_store *store = dynamics_store(path);
    dynamics_insert(store, 1, 0, 8, 0);
    for (size_t step = 0; step < 8; step++) {
        const struct trm_outcome o = outcome(step, 2);
        assert_int_equal(trm_store_outcome_insert(store, 1, &o, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_truncate_after(store, 1, 4, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome"), 5);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_probe"), 10);
    assert_int_equal(dynamics_count(path, "SELECT max(step) FROM outcome_cosine"), 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_arrives),
        cmocka_unit_test(a_bad_part_keeps_the_whole_out),
        cmocka_unit_test(going_back_removes_later_outcomes),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
