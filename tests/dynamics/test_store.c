/* The store: round trip, resuming, listing, refusals of what SQL would lose, and the hash. */
#include "support/dynamics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct collected {
    struct trm_step rows[32];
    char solver[32][24];
    struct trm_epoch epochs[4];
    size_t count, epoch_count;
};

static enum trm_status keep_step(void *context, const struct trm_step *row) {
    struct collected *c = context;
    snprintf(c->solver[c->count], sizeof c->solver[0], "%s", row->solver);
    c->rows[c->count++] = *row;
    return TRM_OK;
}

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    struct collected *c = context;
    c->epochs[c->epoch_count++] = *row;
    return TRM_OK;
}

static void check_row(const struct trm_step *got, const char *solver, const struct trm_step *want) {
    assert_int_equal(got->step, want->step);
    assert_int_equal(got->epoch, want->epoch);
    assert_int_equal(got->epoch_step, want->epoch_step);
    assert_memory_equal(got->feature, want->feature, sizeof want->feature);
    assert_true(got->loss == want->loss && got->grad_norm == want->grad_norm);
    assert_int_equal(got->has_next_loss, want->has_next_loss);
    assert_int_equal(got->has_gap, want->has_gap);
    if (want->has_next_loss)
        assert_true(got->next_loss == want->next_loss);
    if (want->has_gap)
        assert_true(got->gap == want->gap);
    assert_string_equal(solver, want->solver);
    assert_int_equal(got->iterations, want->iterations);
    assert_true(got->seconds == want->seconds && got->solve_seconds == want->solve_seconds);
}

static void steps_come_back_bit_for_bit(void **state) {
    (void)state;
    const char *path = dynamics_path("round.db");
    struct trm_store *store = dynamics_store(path);
    /* Written backwards and with gaps in the optional columns; read in order. */
    for (size_t i = 20; i-- > 0;) {
        struct trm_step row = dynamics_step(i, 1.0 / 7);
        row.has_next_loss = i != 3;
        row.has_gap = i != 4;
        row.next_loss = i == 3 ? NAN : row.next_loss; /* not looked at */
        assert_int_equal(trm_store_step_insert(store, 1, &row, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    struct collected c = {.count = 0};
    assert_int_equal(trm_store_steps(store, 1, keep_step, &c, NULL), TRM_OK);
    assert_int_equal(c.count, 20);
    for (size_t i = 0; i < 20; i++) {
        struct trm_step want = dynamics_step(i, 1.0 / 7);
        want.has_next_loss = i != 3;
        want.has_gap = i != 4;
        check_row(&c.rows[i], c.solver[i], &want);
    }
    assert_int_equal(trm_store_steps(store, 2, keep_step, &c, NULL), TRM_NOT_FOUND);
    const struct trm_step row = dynamics_step(25, 0);
    assert_int_equal(trm_store_step_insert(store, 1, &row, NULL), TRM_INVALID); /* opened to read */
    trm_store_close(store, NULL);
}

static void epochs_come_back_and_are_replaced(void **state) {
    (void)state;
    const char *path = dynamics_path("epochs.db");
    struct trm_store *store = dynamics_store(path);
    struct trm_epoch row = {.epoch = 0, .train_loss = 1.75, .seconds = 3, .max_ortho_error = 1e-7};
    assert_int_equal(trm_store_epoch_insert(store, 1, &row, NULL), TRM_OK);
    row.epoch = 1;
    assert_int_equal(trm_store_epoch_insert(store, 1, &row, NULL), TRM_OK);
    row.has_test = true, row.test_loss = 1.5, row.test_accuracy = 0.625;
    row.has_held = true, row.held_loss = 1.25, row.held_accuracy = 0.75;
    assert_int_equal(trm_store_epoch_insert(store, 1, &row, NULL), TRM_OK);
    struct collected c = {.count = 0};
    assert_int_equal(trm_store_epochs(store, 1, keep_epoch, &c, NULL), TRM_OK);
    assert_int_equal(c.epoch_count, 2);
    assert_false(c.epochs[0].has_test || c.epochs[0].has_held);
    assert_true(c.epochs[1].has_test);
    assert_true(c.epochs[1].test_accuracy == 0.625 && c.epochs[1].test_loss == 1.5);
    assert_true(c.epochs[1].has_held);
    assert_true(c.epochs[1].held_accuracy == 0.75 && c.epochs[1].held_loss == 1.25);
    assert_true(c.epochs[1].train_loss == 1.75 && c.epochs[1].max_ortho_error == 1e-7);
    trm_store_close(store, NULL);
}

static void runs_are_listed_with_all_they_were_given(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("runs.db"));
    struct trm_run_settings settings = dynamics_settings();
    settings.name = NULL, settings.solver = "admm", settings.seed = INT64_MAX, settings.record_every = 5;
    int64_t run;
    assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
    const struct trm_run_result result = {
        .status = TRM_RUN_DONE, .has_test = true, .test_accuracy = 0.75, .test_loss = 0.5, .message = "fine"};
    assert_int_equal(trm_store_run_finish(store, run, &result, NULL), TRM_OK);
    assert_int_equal(trm_store_run_finish(store, 99, &result, NULL), TRM_NOT_FOUND);

    struct trm_run *runs;
    size_t count;
    assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 2);
    assert_string_equal(runs[0].settings.name, "first");
    assert_string_equal(runs[0].settings.model, "small_cnn");
    assert_string_equal(runs[0].settings.dataset, "cifar10");
    assert_string_equal(runs[0].settings.fingerprint, "0123abcd");
    assert_string_equal(runs[0].settings.tracked, "conv3");
    assert_string_equal(runs[0].settings.program, "0.1.0");
    assert_string_equal(runs[0].settings.config, "{\"lr\": 0.1}");
    assert_true(runs[0].settings.width == 1.5);
    assert_int_equal(runs[0].settings.threads, 2);
    assert_int_equal(runs[0].settings.epochs, 2);
    assert_int_equal(runs[0].settings.batch_size, 128);
    assert_int_equal(runs[0].settings.steps_per_epoch, 10);
    assert_int_equal(runs[0].result.status, TRM_RUN_RUNNING);
    assert_int_equal(strlen(runs[0].started), 20);
    assert_null(runs[0].finished);
    assert_int_equal(runs[0].feature_version, TRM_FEATURE_VERSION);
    assert_null(runs[1].settings.name);
    assert_int_equal(runs[1].id, 2);
    assert_true(runs[1].settings.seed == INT64_MAX);
    assert_int_equal(runs[1].settings.record_every, 5);
    assert_int_equal(runs[1].result.status, TRM_RUN_DONE);
    assert_true(runs[1].result.has_test && runs[1].result.test_accuracy == 0.75);
    assert_string_equal(runs[1].result.message, "fine");
    assert_int_equal(strlen(runs[1].finished), 20);
    free(runs);
    trm_store_close(store, NULL);
}

static void settings_that_sql_cannot_hold_are_refused(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("settings.db"));
    struct trm_error error = {TRM_OK, ""};
    int64_t run;
    struct trm_run_settings s = dynamics_settings();
    s.seed = (uint64_t)INT64_MAX + 1;
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "seed"));
    s = dynamics_settings(), s.width = NAN;
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error), TRM_NOT_FINITE);
    s = dynamics_settings(), s.model = NULL;
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "model"));
    s = dynamics_settings(), s.config = "{lr";
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error), TRM_INVALID);
    s = dynamics_settings(), s.steps_per_epoch = 0;
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error), TRM_INVALID);
    s = dynamics_settings();
    assert_int_equal(trm_store_run_begin(store, &s, &run, &error),
                     TRM_OK); /* the refusals left nothing open */
    assert_int_equal(run, 2);
    trm_store_close(store, NULL);
}

static void numbers_that_are_not_finite_are_refused(void **state) {
    (void)state;
    const char *path = dynamics_path("nan.db");
    struct trm_store *store = dynamics_store(path);
    struct trm_error error = {TRM_OK, ""};
    const double bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        struct trm_step row = dynamics_step(0, 0);
        row.feature[TRM_FEATURE_GNS_PROXY] = bad[i];
        assert_int_equal(trm_store_step_insert(store, 1, &row, &error), TRM_NOT_FINITE);
        assert_non_null(strstr(error.text, "gns_proxy"));
        assert_non_null(strstr(error.text, "nan.db"));
        row = dynamics_step(0, 0), row.next_loss = bad[i];
        assert_int_equal(trm_store_step_insert(store, 1, &row, &error), TRM_NOT_FINITE);
        assert_non_null(strstr(error.text, "next_loss"));
        const struct trm_epoch epoch = {.epoch = 0, .train_loss = bad[i]};
        assert_int_equal(trm_store_epoch_insert(store, 1, &epoch, &error), TRM_NOT_FINITE);
        const struct trm_run_result result = {.status = TRM_RUN_DONE, .has_test = true, .test_loss = bad[i]};
        assert_int_equal(trm_store_run_finish(store, 1, &result, &error), TRM_NOT_FINITE);
    }
    dynamics_insert(store, 1, 0, 1, 0);
    const struct trm_step again = dynamics_step(0, 0);
    assert_int_equal(trm_store_step_insert(store, 1, &again, &error), TRM_EXISTS);
    assert_int_equal(trm_store_step_insert(store, 7, &again, &error), TRM_NOT_FOUND);
    struct trm_step nameless = dynamics_step(1, 0);
    nameless.solver = NULL;
    assert_int_equal(trm_store_step_insert(store, 1, &nameless, &error), TRM_INVALID);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 1);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM epoch"), 0);
}

static void truncating_keeps_what_the_checkpoint_knows(void **state) {
    (void)state;
    const char *path = dynamics_path("truncate.db");
    struct trm_store *store = dynamics_store(path);
    dynamics_insert(store, 1, 0, 20, 0);
    for (size_t e = 0; e < 2; e++) {
        const struct trm_epoch epoch = {.epoch = e, .train_loss = 1};
        assert_int_equal(trm_store_epoch_insert(store, 1, &epoch, NULL), TRM_OK);
    }
    const struct trm_run_result result = {.status = TRM_RUN_STOPPED, .message = "by hand"};
    assert_int_equal(trm_store_run_finish(store, 1, &result, NULL), TRM_OK);
    char before[TRM_HASH_TEXT], after[TRM_HASH_TEXT];
    assert_int_equal(trm_store_hash(store, 1, before, NULL), TRM_OK);

    assert_int_equal(trm_store_truncate_after(store, 1, 12, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT max(step) FROM step"), 12);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM epoch"), 1);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM run WHERE status = 'running'"), 1);
    dynamics_insert(store, 1, 13, 20, 0);
    assert_int_equal(trm_store_hash(store, 1, after, NULL), TRM_OK);
    assert_string_equal(before, after);

    assert_int_equal(trm_store_truncate_after(store, 1, 9, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM epoch"), 1); /* epoch 0 ends with step 9 */
    struct trm_error error = {TRM_OK, ""};
    assert_int_equal(trm_store_truncate_after(store, 1, 10, &error), TRM_FORMAT); /* step 10 is missing */
    assert_non_null(strstr(error.text, "truncate.db"));
    assert_int_equal(trm_store_truncate_after(store, 1, 8, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM epoch"), 0);
    assert_int_equal(trm_store_truncate_after(store, 1, -1, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 0);
    assert_int_equal(trm_store_truncate_after(store, 2, -1, NULL), TRM_NOT_FOUND);
    trm_store_close(store, NULL);
}

static void the_hash_sees_every_bit_but_no_time(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("hash.db"));
    const struct trm_run_settings settings = dynamics_settings();
    char hash[8][TRM_HASH_TEXT];
    for (size_t k = 0; k < 8; k++) {
        int64_t run = 1;
        if (k > 0)
            assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
        for (size_t i = 0; i < 10; i++) {
            struct trm_step row = dynamics_step(i, 0);
            if (k == 1)
                row.seconds = 9, row.solve_seconds = 8;
            else if (i == 6 && k == 2)
                row.loss = nextafter(row.loss, 9); /* one bit */
            else if (i == 6 && k == 3)
                row.next_loss = nextafter(row.next_loss, 9);
            else if (i == 6 && k == 4)
                row.feature[11] = nextafter(row.feature[11], 9);
            else if (i == 6 && k == 5)
                row.has_next_loss = false;
            else if (i == 6 && k == 6)
                row.grad_norm = nextafter(row.grad_norm, 9);
            if (k == 7 && i == 9)
                row.step = 10, row.epoch = 1, row.epoch_step = 0;
            assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
        }
        assert_int_equal(trm_store_hash(store, run, hash[k], NULL), TRM_OK);
        assert_int_equal(strspn(hash[k], "0123456789abcdef"), TRM_HASH_TEXT - 1);
    }
    assert_string_equal(hash[0], hash[1]);
    for (size_t k = 2; k < 8; k++)
        assert_string_not_equal(hash[0], hash[k]);
    trm_store_close(store, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_come_back_bit_for_bit),
        cmocka_unit_test(epochs_come_back_and_are_replaced),
        cmocka_unit_test(runs_are_listed_with_all_they_were_given),
        cmocka_unit_test(settings_that_sql_cannot_hold_are_refused),
        cmocka_unit_test(numbers_that_are_not_finite_are_refused),
        cmocka_unit_test(truncating_keeps_what_the_checkpoint_knows),
        cmocka_unit_test(the_hash_sees_every_bit_but_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
