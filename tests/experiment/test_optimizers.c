/* Runs of the optimisers that Manifold Muon is compared with: killed, they go on to the same bits; the store says whose. */
#include "experiment/support_collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct collect_request small(const char *output, enum run_optimizer optimizer) {
    struct collect_request r = collect_small(output);
    const struct run_settings some = r.settings;
    r.settings = run_settings_open();
    support_make_small(&r.settings, "mlp", 0.25);
    r.settings.data = some.data, r.settings.threads = some.threads, r.settings.optimizer = optimizer;
    r.settings.sgd.spectral_budget = r.settings.budget.lr = 0.01;
    run_settings_complete(&r.settings);
    return r;
}

static enum trm_status look(void *context, const struct trm_step *row) {
    assert_string_equal(row->solver, context);
    assert_false(row->has_gap);
    return TRM_OK;
}

static void killed_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    for (int which = RUN_sgd; which <= RUN_OPTIMIZERS; which++) { /* the last one: muon with a pull */
        char whole[64], part[64], name[64], reason[512];
        struct trm_store *store;
        struct trm_run *runs;
        size_t count;
        snprintf(name, sizeof name, "whole-%d.db", which);
        const enum run_optimizer optimizer = which < RUN_OPTIMIZERS ? (enum run_optimizer)which : RUN_muon;
        struct collect_request r = small(support_path_of(name, whole), optimizer);
        r.settings.pull = which < RUN_OPTIMIZERS ? 0.0 : 0.1;
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        r.output = support_path_of("part.db", part), r.force = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 5}, reason),
                         SUPPORT_KILLED);
        r.force = false, r.resume = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        collect_assert_same(whole, part);
        assert_int_equal(trm_store_open(whole, TRM_STORE_READ, &store, NULL), TRM_OK);
        assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
        assert_string_equal(runs[0].settings.solver, r.settings.solver);
        snprintf(name, sizeof name, "%s", runs[0].settings.solver);
        free(runs);
        assert_int_equal(trm_store_steps(store, 1, look, name, NULL), TRM_OK);
        trm_store_close(store, NULL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_run_goes_on_to_the_same_bits),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
