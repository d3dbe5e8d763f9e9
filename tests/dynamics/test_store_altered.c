/* Every column of every table is altered in seven ways. A reader gives an error of one line, or numbers in their ranges:
   nothing that divides by zero or runs over an array. */
#include "support/altered.h"
#include "support/dynamics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static char good[128], bad[128];

static void make_good(void) {
    struct trm_store *const store = dynamics_store(good);
    const struct trm_run_result done = {
        .status = TRM_RUN_DONE, .has_test = true, .test_accuracy = 0.5, .message = "m"};
    dynamics_insert(store, 1, 0, 20, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct trm_epoch epoch = {
            .epoch = i, .train_loss = 1, .has_test = true, .test_loss = 1, .seconds = 1};
        assert_int_equal(trm_store_epoch_insert(store, 1, &epoch, NULL), TRM_OK);
    }
    for (size_t i = 0; i < 20; i++) {
        const struct trm_step_decision decision = {.step = i, .decided = true, .cycles = 3};
        assert_int_equal(trm_store_decision_insert(store, 1, &decision, NULL), TRM_OK);
        const struct trm_step_decision unrecorded = {.step = 20 + i, .decided = true, .solver = "admm"};
        assert_int_equal(trm_store_decision_insert(store, 1, &unrecorded, NULL), TRM_OK);
        const struct trm_solve solve = {.matrix = "conv1.weight", .gap = 1e-3, .iterations = 4, .rank = 2};
        assert_int_equal(trm_store_solve_insert(store, 1, i, &solve, NULL), TRM_OK);
    }
    const struct trm_arms arms = dynamics_arms();
    assert_int_equal(trm_store_arms_insert(store, 1, &arms, NULL), TRM_OK);
    assert_int_equal(trm_store_arm_seconds(store, 1, 1, 0.5, NULL), TRM_OK);
    for (size_t step = 4; step < 6; step++) {
        const struct trm_branch branch = dynamics_branch(step);
        assert_int_equal(trm_store_branch_insert(store, 1, &branch, NULL), TRM_OK);
    }
    assert_int_equal(trm_store_run_finish(store, 1, &done, NULL), TRM_OK);
    assert_int_equal(trm_store_close(store, NULL), TRM_OK);
}

struct seen {
    const struct trm_run *run;
    size_t rows;
};

static enum trm_status see_step(void *context, const struct trm_step *row) {
    struct seen *const seen = context;
    const struct trm_run_settings *const s = &seen->run->settings;
    seen->rows++;
    assert_true(row->epoch_step < s->steps_per_epoch);
    assert_int_equal(row->step, row->epoch * s->steps_per_epoch + row->epoch_step);
    assert_true(isfinite(row->loss) && row->seconds >= 0.0 && row->seconds <= 1e9 && row->solver != NULL);
    for (size_t f = 0; f < TRM_FEATURE_COUNT; f++)
        assert_true(isfinite(row->feature[f]));
    return TRM_OK;
}

static enum trm_status see_epoch(void *context, const struct trm_epoch *row) {
    struct seen *const seen = context;
    seen->rows++;
    assert_true(row->epoch < seen->run->settings.epochs);
    assert_true(isfinite(row->train_loss) && isfinite(row->seconds) &&
                (!row->has_test || isfinite(row->test_loss)));
    return TRM_OK;
}

static enum trm_status see_decision(void *context, const struct trm_step_decision *row) {
    struct seen *const seen = context;
    seen->rows++;
    assert_true(isfinite(row->decide_seconds));
    return TRM_OK;
}

static enum trm_status see_branch(void *context, const struct trm_branch *branch) {
    struct seen *const seen = context;
    seen->rows++;
    assert_true(branch->arm_count >= 1 && branch->arm_count <= TRM_ARMS_MAX);
    assert_true(branch->probe_count <= TRM_PROBES_MAX && branch->repeat_count <= TRM_REPEATS_MAX);
    assert_non_null(trm_match_name(branch->match));
    for (size_t arm = 0; arm < branch->arm_count; arm++) {
        const struct trm_outcome *const o = &branch->outcome[arm];
        assert_true(isfinite(o->next_loss) && isfinite(o->norm) && isfinite(o->seconds));
        for (size_t i = 0; i < branch->probe_count; i++)
            assert_true(isfinite(o->probe_loss[i]) && isfinite(branch->base_loss[i]));
        for (size_t i = 0; i < branch->repeat_count; i++)
            assert_true(isfinite(o->look_loss[i]));
        for (size_t i = 0; i < arm; i++)
            assert_true(isfinite(o->cosine[i]));
    }
    return TRM_OK;
}

static enum trm_status see_solve(void *context, size_t step, const struct trm_solve *row) {
    struct seen *const seen = context;
    (void)step;
    seen->rows++;
    assert_true(isfinite(row->gap) && isfinite(row->seconds) && isfinite(row->norm) && row->matrix != NULL);
    return TRM_OK;
}

static void check_run(const struct trm_run *run) {
    const struct trm_run_settings *const s = &run->settings;
    assert_non_null(trm_run_status_name(run->result.status));
    assert_non_null(s->solver);
    assert_non_null(s->config);
    assert_true(s->epochs >= 1 && s->steps_per_epoch >= 1 && s->record_every >= 1 && s->batch_size >= 1);
    assert_true(s->epochs <= SIZE_MAX / s->steps_per_epoch && isfinite(s->width) && s->width > 0);
}

/* All that a store is read for; the status of the first that fails. */
static enum trm_status read_all(const char *path, struct trm_error *error) {
    struct trm_store *store;
    struct trm_run *runs = NULL;
    size_t count = 0;
    char hash[64];
    enum trm_status status = trm_store_open(path, TRM_STORE_READ, &store, error);
    if (status == TRM_OK)
        status = trm_store_runs(store, &runs, &count, error);
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
        struct seen seen = {.run = &runs[i]};
        check_run(&runs[i]);
        status = trm_store_steps(store, runs[i].id, see_step, &seen, error);
        if (status == TRM_OK)
            status = trm_store_epochs(store, runs[i].id, see_epoch, &seen, error);
        if (status == TRM_OK)
            status = trm_store_decisions(store, runs[i].id, see_decision, &seen, error);
        if (status == TRM_OK)
            status = trm_store_branches(store, runs[i].id, see_branch, &seen, error);
        if (status == TRM_OK)
            status = trm_store_solves(store, runs[i].id, see_solve, &seen, error);
        if (status == TRM_OK)
            status = trm_store_hash(store, runs[i].id, hash, error);
    }
    free(runs);
    if (store != NULL)
        trm_store_close(store, NULL);
    return status;
}

static void every_column_altered_seven_ways(void **state) {
    (void)state;
    snprintf(good, sizeof good, "%s", dynamics_path("good.db"));
    snprintf(bad, sizeof bad, "%s", dynamics_path("bad.db"));
    make_good();
    const struct altered loose = altered_read(good, bad, false, read_all);
    assert_true(loose.altered > 500 && loose.refused > 250);
    const struct altered strict = altered_read(good, bad, true, read_all);
    assert_true(strict.refused > loose.refused);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_column_altered_seven_ways)};
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
