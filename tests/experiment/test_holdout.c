/* Images held out of a run: measured at every epoch, each once. */
#include "experiment/support_collect.h"

#include "experiment/trainer.h"

#include <math.h>
#include <string.h>

static enum trm_status keep_epoch(void *context, const struct trm_epoch *row) {
    ((struct trm_epoch *)context)[row->epoch] = *row;
    return TRM_OK;
}

static void held_out_images_are_measured_at_every_epoch(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    struct trm_epoch epoch[2] = {{0}};
    struct trm_store *store;
    struct collect_request r = collect_small(support_path_of("held.db", path));
    r.settings.data.holdout = 100; /* no multiple of the batch size */
    assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 7}, reason), SUPPORT_KILLED);
    r.resume = true;
    r.settings.data.holdout = 99;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "holdout"));
    r.settings.data.holdout = 100;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_int_equal(trm_store_open(path, TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_epochs(store, 1, keep_epoch, epoch, NULL), TRM_OK);
    trm_store_close(store, NULL);
    for (size_t i = 0; i < 2; i++) {
        const double right = 100.0 * epoch[i].held_accuracy;
        assert_true(epoch[i].has_held && epoch[i].held_loss > 0.0);
        assert_true(fabs(right - round(right)) < 1e-9 && right > 0.0 && right <= 100.0);
    }
}

/* Loss over one batch of all held-out images, and over batches of the run's size: the same mean. */
static void every_held_out_image_counts_once(void **state) {
    (void)state;
    support_need_data();
    struct run_settings settings = run_settings_default("quasi_newton");
    support_make_small(&settings, "mlp", 0.125);
    double loss[2], accuracy[2];
    settings.data.holdout = 70;
    for (int i = 0; i < 2; i++) {
        struct trainer *t;
        settings.batch_size = i == 0 ? 32 : 70;
        assert_int_equal(trainer_create(&t, &settings, NULL, NULL), TRM_OK);
        assert_int_equal(trainer_test(t, t->held, &loss[i], &accuracy[i], NULL), TRM_OK);
        trainer_destroy(t);
    }
    assert_true(fabs(loss[0] - loss[1]) < 1e-6 * loss[1]);
    assert_true(accuracy[0] == accuracy[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_out_images_are_measured_at_every_epoch),
        cmocka_unit_test(every_held_out_image_counts_once),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
