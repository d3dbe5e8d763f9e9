/* What the arms of a branch state did: written and read to the bit, all or nothing, and gone when the run goes back. */
#include "support/dynamics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct trm_store *store_with_arms(const char *path, size_t steps) {
    struct trm_store *const store = dynamics_store(path);
    const struct trm_arms arms = dynamics_arms();
    dynamics_insert(store, 1, 0, steps, 0);
    assert_int_equal(trm_store_arms_insert(store, 1, &arms, NULL), TRM_OK);
    return store;
}

static enum trm_status compare(void *context, const struct trm_branch *b) {
    size_t *const seen = context;
    const struct trm_branch w = dynamics_branch(b->step);
    assert_int_equal(b->step, *seen == 0 ? 4 : 6);
    ++*seen;
    assert_true(b->match == w.match && b->probe_count == 2 && b->arm_count == 3 && b->repeat_count == 2);
    assert_true(b->hold == 3 && b->anneal == 5 && b->seconds == 0.75);
    assert_memory_equal(b->probe_seed, w.probe_seed, 2 * sizeof(uint64_t));
    assert_memory_equal(b->base_loss, w.base_loss, 2 * sizeof(double));
    for (size_t i = 0; i < 3; i++) {
        const struct trm_outcome *const o = &b->outcome[i], *const e = &w.outcome[i];
        assert_true(o->chosen == e->chosen && o->next_loss == e->next_loss && o->decrease == e->decrease &&
                    o->norm == e->norm && o->scale == e->scale && o->rank == e->rank && o->gap == e->gap &&
                    o->iterations == e->iterations && o->seconds == e->seconds);
        assert_memory_equal(o->probe_loss, e->probe_loss, 2 * sizeof(double));
        assert_memory_equal(o->look_loss, e->look_loss, 2 * sizeof(double));
        assert_true((o->look_doubled != NULL) == (b->step == 4));
        if (o->look_doubled != NULL)
            assert_memory_equal(o->look_doubled, e->look_doubled, 2 * sizeof(double));
        assert_memory_equal(o->cosine, e->cosine, i * sizeof(double));
    }
    return TRM_OK;
}

static void what_was_written_is_read(void **state) {
    (void)state;
    const char *path = dynamics_path("outcome.db");
    struct trm_store *store = store_with_arms(path, 8);
    for (size_t step = 6; step >= 4; step -= 2) {
        const struct trm_branch branch = dynamics_branch(step);
        assert_int_equal(trm_store_branch_insert(store, 1, &branch, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_arm_seconds(store, 1, 2, 0.125, NULL), TRM_OK);
    assert_int_equal(trm_store_arm_seconds(store, 1, 2, 0, NULL), TRM_INVALID);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path,
                                    "SELECT count(*) FROM branch_outcome WHERE step = 4 AND arm = "
                                    "'quasi_newton:0.5' AND probe_before = 2.25 AND probe_after = 2.0625 "
                                    "AND look_loss = 1.4375 AND loss = 2.5 AND next_loss = 2.5"),
                     1);
    struct trm_arms arms;
    double seconds[TRM_ARMS_MAX];
    size_t seen = 0;
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_arms(store, 1, &arms, seconds, NULL), TRM_OK);
    assert_int_equal(arms.count, 3);
    assert_int_equal(trm_arms_find(&arms, "frank_wolfe@10:2"), 2);
    assert_true(isnan(seconds[0]) && isnan(seconds[1]) && seconds[2] == 0.125);
    assert_int_equal(trm_store_branches(store, 1, compare, &seen, NULL), TRM_OK);
    assert_int_equal(seen, 2);
    assert_int_equal(trm_store_branches(store, 9, compare, &seen, NULL), TRM_NOT_FOUND);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

static enum trm_status refuse(void *context, const struct trm_branch *branch) {
    (void)context, (void)branch;
    return TRM_STOPPED;
}

static void a_run_without_arms_has_no_states(void **state) {
    (void)state;
    const char *path = dynamics_path("bare.db");
    struct trm_store *store = dynamics_store(path);
    struct trm_error error = {TRM_OK, ""};
    struct trm_arms arms;
    const struct trm_branch branch = dynamics_branch(4);
    dynamics_insert(store, 1, 0, 8, 0);
    assert_int_equal(trm_store_branch_insert(store, 1, &branch, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "arms come before"));
    assert_int_equal(trm_store_arms(store, 1, &arms, NULL, NULL), TRM_OK);
    assert_int_equal(arms.count, 0);
    assert_int_equal(trm_store_branches(store, 1, refuse, NULL, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM sqlite_master WHERE name = 'outcome'"), 0);
}

static void a_bad_part_keeps_the_whole_out(void **state) {
    (void)state;
    const char *path = dynamics_path("part.db");
    struct trm_store *store = store_with_arms(path, 8);
    struct trm_error error = {TRM_OK, ""};
    const double bad[2] = {1, NAN};
    struct trm_outcome outcomes[4];
    struct trm_branch b = dynamics_branch(4);
    for (int way = 0; way < 3; way++) {
        memcpy(outcomes, dynamics_branch(4).outcome, 3 * sizeof *outcomes);
        *(way == 0 ? &outcomes[2].probe_loss : way == 1 ? &outcomes[2].cosine : &outcomes[2].look_loss) = bad;
        b.outcome = outcomes;
        assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_NOT_FINITE);
        assert_non_null(strstr(error.text, way == 0 ? "probe loss" : way == 1 ? "cosine" : "look loss"));
    }
    memcpy(outcomes, dynamics_branch(4).outcome, 3 * sizeof *outcomes);
    outcomes[3] = outcomes[0], b.arm_count = 4; /* of three */
    assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_NOT_FOUND);
    b = dynamics_branch(4), b.match = (enum trm_match)9;
    assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_INVALID);
    b = dynamics_branch(8); /* no such step */
    assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_NOT_FOUND);
    b = dynamics_branch(4);
    assert_int_equal(trm_store_branch_insert(store, 9, &b, &error), TRM_NOT_FOUND);
    assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_OK);
    assert_int_equal(trm_store_branch_insert(store, 1, &b, &error), TRM_EXISTS);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM branch"), 1);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome"), 3);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM branch_probe"), 2);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_probe"), 6);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM outcome_cosine"), 3);
}

static void going_back_removes_later_states(void **state) {
    (void)state;
    const char *path = dynamics_path("back.db");
    struct trm_store *store = store_with_arms(path, 8);
    for (size_t step = 0; step < 8; step++) {
        const struct trm_branch branch = dynamics_branch(step);
        assert_int_equal(trm_store_branch_insert(store, 1, &branch, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_truncate_after(store, 1, 4, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    static const struct {
        const char *table;
        int rows;
    } left[] = {{"branch", 5},          {"branch_probe", 10}, {"outcome", 15}, {"outcome_probe", 30},
                {"outcome_cosine", 15}, {"outcome_look", 30}, {"arm", 3}};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char sql[64] = "SELECT count(*) FROM ";
        assert_int_equal(dynamics_count(path, strcat(sql, left[i].table)), left[i].rows);
    }
}

static void a_state_that_lacks_something_is_refused(void **state) {
    (void)state;
    static const char *const ways[][2] = {
        {"DELETE FROM outcome WHERE arm = 1", "arms"},
        {"DELETE FROM outcome_probe WHERE arm = 1 AND probe = 1", "probes"},
        {"DELETE FROM outcome_probe WHERE arm = 1 AND probe = 0", "probe"},
        {"DELETE FROM branch_probe WHERE probe = 0", "probes"},
        {"DELETE FROM outcome_cosine WHERE arm = 2 AND other = 1", "cosines"},
        {"DELETE FROM outcome_look WHERE arm = 0", "looks"},
        {"DELETE FROM outcome_look", "looks"},
        {"UPDATE outcome_look SET doubled = NULL WHERE arm = 2", "twice"},
        {"DELETE FROM arm WHERE arm = 1", "arm 1"},
        {"UPDATE branch SET match = 'some'", "match"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char name[32];
        struct trm_error error = {TRM_OK, ""};
        size_t seen = 0;
        snprintf(name, sizeof name, "lacks%zu.db", i);
        const char *path = dynamics_path(name);
        struct trm_store *store = store_with_arms(path, 8);
        const struct trm_branch branch = dynamics_branch(4);
        assert_int_equal(trm_store_branch_insert(store, 1, &branch, NULL), TRM_OK);
        assert_int_equal(trm_store_close(store, NULL), TRM_OK);
        dynamics_sql(path, ways[i][0]);
        assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
        assert_int_equal(trm_store_branches(store, 1, compare, &seen, &error), TRM_FORMAT);
        if (strstr(error.text, ways[i][1]) == NULL || strstr(error.text, path) == NULL)
            fail_msg("%s: %s", ways[i][0], error.text);
        assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(a_run_without_arms_has_no_states),
        cmocka_unit_test(a_bad_part_keeps_the_whole_out),
        cmocka_unit_test(going_back_removes_later_states),
        cmocka_unit_test(a_state_that_lacks_something_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
