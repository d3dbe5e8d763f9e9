/* Which solves of a run get a certificate: by default those of the recorded steps. */
#include "experiment/support_collect.h"

#include "experiment/trainer.h"

#include <math.h>
#include <stdlib.h>

/* A step that is not recorded has no gap, unless all are certified, or none. */
static enum trm_status steps(const void *request, struct interruption *interruption,
                             struct trm_error *error) {
    const struct run_settings *const settings = request;
    struct trainer *t;
    (void)interruption;
    enum trm_status status = trainer_create(&t, settings, NULL, error);
    for (size_t step = 0; status == TRM_OK && step < 5; step++) {
        const struct data_batch *batch;
        double loss;
        status = data_loader_next(t->train, &batch, error);
        if (status == TRM_OK)
            status = nn_forward_backward(t->model, batch->x, batch->labels, batch->count, &loss, error);
        if (status == TRM_OK)
            status = muon_sgd_accumulate(t->sgd, error);
        if (status == TRM_OK)
            status = muon_sgd_update(t->sgd, 0, error);
        const struct muon_info *const info = &muon_sgd_report(t->sgd, t->tracked)->info;
        const bool wanted = settings->certify == RUN_certify_always ||
                            (settings->certify == RUN_certify_recorded && step % settings->record_every == 0);
        if (status == TRM_OK && (wanted != !isnan(info->gap) ||
                                 wanted == (info->outcome == MUON_uncertified) || !(info->eff_rank > 0.0)))
            status = trm_fail(error, TRM_FORMAT, "step %zu: gap %g", step, info->gap);
    }
    trainer_destroy(t);
    return status;
}

static void recorded_steps_are_certified(void **state) {
    (void)state;
    support_need_data();
    char reason[512];
    for (size_t k = 1; k <= 3; k += 2)
        for (int which = RUN_certify_recorded; which <= RUN_certify_never; which++) {
            struct run_settings settings = run_settings_default("quasi_newton");
            support_make_small(&settings, "small_cnn", 0.25);
            settings.budget.tol = 1e-2;
            settings.record_every = k;
            settings.certify = (enum run_certify)which;
            if (support_run(steps, &settings, 1, (struct interruption){0}, reason) != SUPPORT_DONE)
                fail_msg("every %zu, certify %d: %s", k, which, reason);
        }
}

static enum trm_status check_row(void *context, const struct trm_step *row) {
    assert_true(row->has_gap && isfinite(row->gap) && row->gap >= 0 && row->gap < 1);
    ++*(size_t *)context;
    return TRM_OK;
}

static enum trm_status check_solve(void *context, size_t step, const struct trm_solve *row) {
    assert_true(isfinite(row->gap) && row->norm > 0 && step % 3 == 0);
    ++*(size_t *)context;
    return TRM_OK;
}

/* Every row has its gap, and an interrupted run certifies the same steps. */
static void every_row_has_a_gap(void **state) {
    (void)state;
    support_need_data();
    char path[2][64], reason[512], hash[2][TRM_HASH_TEXT];
    for (int i = 0; i < 2; i++) {
        struct collect_request r = collect_small(support_path_of(i ? "cut.db" : "thirds.db", path[i]));
        r.settings.record_every = 3;
        if (i == 1) {
            assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 5}, reason),
                             SUPPORT_KILLED);
            r.resume = true;
        }
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        struct trm_store *store;
        size_t rows = 0, solves = 0;
        assert_int_equal(trm_store_open(path[i], TRM_STORE_READ, &store, NULL), TRM_OK);
        assert_int_equal(trm_store_steps(store, 1, check_row, &rows, NULL), TRM_OK);
        assert_int_equal(trm_store_solves(store, 1, check_solve, &solves, NULL), TRM_OK);
        assert_int_equal(trm_store_hash(store, 1, hash[i], NULL), TRM_OK);
        trm_store_close(store, NULL);
        assert_int_equal(rows, (SUPPORT_STEPS + 2) / 3);
        assert_true(solves > rows && solves % rows == 0);
    }
    assert_string_equal(hash[0], hash[1]);
}

static enum trm_status has_no_gap(void *context, const struct trm_step *row) {
    assert_true(!row->has_gap && row->has_next_loss && row->iterations > 0);
    ++*(size_t *)context;
    return TRM_OK;
}

/* Without certificates the record is one without gaps, never with guessed ones. */
static void a_run_without_certificates_records_no_gap(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    struct collect_request r = collect_small(support_path_of("never.db", path));
    r.settings.certify = RUN_certify_never;
    if (collect_in_child(&r, (struct interruption){0}, reason) != SUPPORT_DONE)
        fail_msg("%s", reason);
    struct trm_store *store;
    size_t rows = 0, solves = 0;
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_steps(store, 1, has_no_gap, &rows, NULL), TRM_OK);
    assert_int_equal(trm_store_solves(store, 1, check_solve, &solves, NULL), TRM_OK);
    trm_store_close(store, NULL);
    assert_true(rows == SUPPORT_STEPS && solves == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_steps_are_certified),
        cmocka_unit_test(every_row_has_a_gap),
        cmocka_unit_test(a_run_without_certificates_records_no_gap),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
