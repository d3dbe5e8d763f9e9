/* The collector: rows every K steps with features of every step, and a resumed run that ends with the same
 * bits. */
#include "support/dynamics.h"

#include "base/rng.h"

#include <math.h>
#include <string.h>

enum { COUNT = 50, STEPS = 20 };

/* State and outcome of step t of a made-up run; they depend on t only. */
static struct trm_training_state state_at(size_t t, float gradient[COUNT]) {
    struct rng r = rng_stream(5, RNG_TEST, 3, t);
    for (size_t i = 0; i < COUNT; i++)
        gradient[i] = (float)rng_normal(&r);
    return (struct trm_training_state){.loss = 2 + rng_uniform(&r),
                                       .gradient = gradient,
                                       .gradient_count = COUNT,
                                       .batch_size = 128,
                                       .sigma_max = 2,
                                       .sigma_min = 1,
                                       .has_last_update = t > 0,
                                       .effective_rank = 3,
                                       .n = 4,
                                       .ortho_error = 0.01,
                                       .epoch = t / 10,
                                       .epochs = 2,
                                       .epoch_step = t % 10,
                                       .steps_per_epoch = 10,
                                       .width = 1.5};
}

static void walk(struct trm_collector *c, size_t first, size_t end) {
    for (size_t t = first; t < end; t++) {
        float gradient[COUNT];
        const struct trm_training_state s = state_at(t, gradient);
        assert_int_equal(trm_collector_pre_step(c, &s, NULL, NULL), TRM_OK);
        const struct trm_solve solves[2] = {
            {.matrix = "b", .gap = 1e-3, .iterations = t, .seconds = 0.5, .norm = 0.1, .rank = 7},
            {.matrix = "a", .gap = 1e-4, .iterations = 3, .seconds = 0.25, .norm = 0.2, .rank = 8}};
        const struct trm_step_outcome o = {.has_next_loss = true,
                                           .solves = solves,
                                           .solve_count = 2,
                                           .next_loss = s.loss - 0.125,
                                           .has_gap = true,
                                           .gap = 1e-4,
                                           .solver = "admm",
                                           .iterations = 3,
                                           .seconds = 0.5,
                                           .solve_seconds = 0.25};
        assert_int_equal(trm_collector_post_step(c, &o, NULL), TRM_OK);
    }
}

static struct trm_collector *collector_for(struct trm_store *store, int64_t run, size_t every,
                                           size_t commit) {
    struct trm_collector *c;
    struct trm_error error = {TRM_OK, ""};
    struct trm_collector_options options = trm_collector_defaults();
    options.record_every = every, options.commit_every = commit;
    if (trm_collector_create(&c, store, run, COUNT, &options, &error) != TRM_OK)
        fail_msg("%s", error.text);
    return c;
}

static int64_t begin_run(struct trm_store *store, size_t every) {
    struct trm_run_settings settings = dynamics_settings();
    settings.record_every = every;
    int64_t run;
    assert_int_equal(trm_store_run_begin(store, &settings, &run, NULL), TRM_OK);
    return run;
}

struct kept {
    struct trm_step rows[STEPS];
    size_t count;
};

static enum trm_status keep(void *context, const struct trm_step *row) {
    struct kept *k = context;
    assert_string_equal(row->solver, "admm");
    k->rows[k->count++] = *row;
    return TRM_OK;
}

static void rows_hold_the_features_of_every_step(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("rows.db"));
    struct trm_collector *c = collector_for(store, 1, 1, 8);
    walk(c, 0, STEPS);
    const struct trm_run_result result = {.status = TRM_RUN_DONE};
    assert_int_equal(trm_collector_close(c, &result, NULL), TRM_OK);
    const int64_t thinned = begin_run(store, 3);
    c = collector_for(store, thinned, 3, 8);
    walk(c, 0, STEPS);
    assert_int_equal(trm_collector_close(c, NULL, NULL), TRM_OK);

    struct kept all = {.count = 0}, third = {.count = 0};
    assert_int_equal(trm_store_steps(store, 1, keep, &all, NULL), TRM_OK);
    assert_int_equal(trm_store_steps(store, thinned, keep, &third, NULL), TRM_OK);
    assert_int_equal(all.count, STEPS);
    assert_int_equal(third.count, 7);
    struct trm_features *f;
    assert_int_equal(trm_features_create(&f, COUNT, NULL), TRM_OK);
    for (size_t t = 0; t < STEPS; t++) {
        float gradient[COUNT];
        double x[TRM_FEATURE_COUNT], norm;
        const struct trm_training_state s = state_at(t, gradient);
        assert_int_equal(trm_features_pre_step(f, &s, x, &norm, NULL), TRM_OK);
        assert_memory_equal(all.rows[t].feature, x, sizeof x);
        assert_true(all.rows[t].grad_norm == norm && all.rows[t].loss == s.loss);
        assert_true(all.rows[t].next_loss == s.loss - 0.125);
        assert_int_equal(all.rows[t].step, t);
        if (t % 3 == 0) {
            assert_int_equal(third.rows[t / 3].step, t);
            assert_memory_equal(third.rows[t / 3].feature, x, sizeof x);
        }
    }
    trm_features_destroy(f);
    trm_store_close(store, NULL);
}

static void a_resumed_run_has_the_same_hash(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("resume.db"));
    struct trm_collector *c = collector_for(store, 1, 1, 4);
    walk(c, 0, STEPS);
    assert_int_equal(trm_collector_close(c, NULL, NULL), TRM_OK);

    const int64_t run = begin_run(store, 1);
    c = collector_for(store, run, 1, 4);
    walk(c, 0, 11);
    assert_int_equal(trm_store_commit(store, NULL), TRM_OK);
    struct trm_features_state saved;
    trm_features_save(trm_collector_features(c), &saved);
    double scalars[TRM_FEATURES_SCALARS];
    float average[COUNT];
    memcpy(scalars, saved.scalars, sizeof scalars);
    memcpy(average, saved.average, sizeof average);
    walk(c, 11, 16); /* after the checkpoint: lost */
    assert_int_equal(trm_collector_close(c, NULL, NULL), TRM_OK);

    assert_int_equal(trm_store_truncate_after(store, run, 10, NULL), TRM_OK);
    c = collector_for(store, run, 1, 4);
    saved = (struct trm_features_state){scalars, average, COUNT};
    assert_int_equal(trm_features_restore(trm_collector_features(c), &saved, NULL), TRM_OK);
    walk(c, 11, STEPS);
    const struct trm_run_result result = {.status = TRM_RUN_DONE};
    assert_int_equal(trm_collector_close(c, &result, NULL), TRM_OK);
    char straight[TRM_HASH_TEXT], resumed[TRM_HASH_TEXT];
    assert_int_equal(trm_store_hash(store, 1, straight, NULL), TRM_OK);
    assert_int_equal(trm_store_hash(store, run, resumed, NULL), TRM_OK);
    assert_string_equal(straight, resumed);
    trm_store_close(store, NULL);
}

struct solves {
    size_t count;
};

static enum trm_status see_solve(void *context, size_t step, const struct trm_solve *row) {
    struct solves *const seen = context;
    const bool first = seen->count % 2 == 0;
    assert_int_equal(step, 3 * (seen->count / 2)); /* of recorded steps only */
    assert_string_equal(row->matrix, first ? "a" : "b");
    assert_int_equal(row->iterations, first ? 3 : step);
    assert_true(row->gap == (first ? 1e-4 : 1e-3) && row->seconds == (first ? 0.25 : 0.5));
    assert_true(row->norm == (first ? 0.2 : 0.1) && row->rank == (first ? 8 : 7));
    seen->count++;
    return TRM_OK;
}

static void solves_of_recorded_steps_are_kept(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("solves.db"));
    const int64_t run = begin_run(store, 3);
    struct solves seen = {.count = 0};
    assert_int_equal(trm_store_solves(store, run, see_solve, &seen, NULL), TRM_OK); /* no table yet */
    assert_int_equal(trm_store_solves(store, 9, see_solve, &seen, NULL), TRM_NOT_FOUND);
    struct trm_collector *const c = collector_for(store, run, 3, 4);
    walk(c, 0, STEPS);
    assert_int_equal(trm_collector_close(c, NULL, NULL), TRM_OK);
    assert_int_equal(trm_store_solves(store, run, see_solve, &seen, NULL), TRM_OK);
    assert_int_equal(seen.count, 14);
    assert_int_equal(trm_store_truncate_after(store, run, 8, NULL), TRM_OK);
    seen.count = 0;
    assert_int_equal(trm_store_solves(store, run, see_solve, &seen, NULL), TRM_OK);
    assert_int_equal(seen.count, 6); /* they go with their steps */
    const struct trm_solve bad = {.matrix = "c", .gap = NAN};
    assert_int_equal(trm_store_solve_insert(store, run, 6, &bad, NULL), TRM_NOT_FINITE);
    trm_store_close(store, NULL);
}

static void batches_are_committed_as_they_fill(void **state) {
    (void)state;
    const char *path = dynamics_path("batches.db");
    struct trm_store *store = dynamics_store(path);
    struct trm_collector *c = collector_for(store, 1, 1, 4);
    walk(c, 0, 7);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 4); /* as another process sees it */
    walk(c, 7, 8);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM step"), 8);
    const struct trm_run_result result = {.status = TRM_RUN_STOPPED};
    assert_int_equal(trm_collector_close(c, &result, NULL), TRM_OK);
    assert_int_equal(dynamics_count(path, "SELECT count(*) FROM run WHERE status = 'stopped'"), 1);
    trm_store_close(store, NULL);
}

static void misuse_is_refused(void **state) {
    (void)state;
    struct trm_store *store = dynamics_store(dynamics_path("misuse.db"));
    struct trm_collector *c;
    struct trm_error error = {TRM_OK, ""};
    struct trm_collector_options options = trm_collector_defaults();
    assert_null(trm_collector_check(&options));
    options.record_every = 0;
    assert_non_null(trm_collector_check(&options));
    assert_int_equal(trm_collector_create(&c, store, 1, COUNT, &options, &error), TRM_INVALID);
    assert_null(c);
    options = trm_collector_defaults(), options.size = 0;
    assert_int_equal(trm_collector_create(&c, store, 1, COUNT, &options, &error), TRM_INVALID);
    options = trm_collector_defaults(), options.record_every = 2; /* the run's settings say 1 */
    assert_int_equal(trm_collector_create(&c, store, 1, COUNT, &options, &error), TRM_INVALID);
    options = trm_collector_defaults();
    assert_int_equal(trm_collector_create(&c, store, 2, COUNT, &options, &error), TRM_NOT_FOUND);

    c = collector_for(store, 1, 1, 4);
    struct trm_step_outcome o = {.has_next_loss = true, .next_loss = NAN, .solver = "admm"};
    assert_int_equal(trm_collector_post_step(c, &o, &error), TRM_INVALID);
    float gradient[COUNT];
    const struct trm_training_state s = state_at(0, gradient);
    assert_int_equal(trm_collector_pre_step(c, &s, NULL, NULL), TRM_OK);
    assert_true(trm_collector_records(c));
    assert_int_equal(trm_collector_post_step(c, &o, &error), TRM_DIVERGED);
    const struct trm_run_result result = {.status = TRM_RUN_DIVERGED, .message = error.text};
    assert_int_equal(trm_collector_close(c, &result, NULL), TRM_OK);
    assert_int_equal(trm_collector_close(NULL, NULL, NULL), TRM_OK);
    trm_store_close(store, NULL);
    assert_int_equal(dynamics_count(dynamics_path("misuse.db"), "SELECT count(*) FROM step"), 0);
}

static void without_a_store_there_are_features_only(void **state) {
    (void)state;
    struct trm_collector *c = collector_for(NULL, 0, 1, 1);
    float gradient[COUNT];
    double x[TRM_FEATURE_COUNT];
    const struct trm_training_state s = state_at(0, gradient);
    assert_int_equal(trm_collector_pre_step(c, &s, x, NULL), TRM_OK);
    assert_false(trm_collector_records(c));
    assert_true(x[TRM_FEATURE_LOG_LOSS] == log(s.loss));
    walk(c, 0, 3);
    assert_int_equal(trm_collector_close(c, NULL, NULL), TRM_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_the_features_of_every_step),
        cmocka_unit_test(a_resumed_run_has_the_same_hash),
        cmocka_unit_test(solves_of_recorded_steps_are_kept),
        cmocka_unit_test(batches_are_committed_as_they_fill),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(without_a_store_there_are_features_only),
    };
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
