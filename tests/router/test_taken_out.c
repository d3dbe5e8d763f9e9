/* A router with parts taken out, for what each is worth. */
#include "support/runs.h"

#include "router/training.h"

#include <stdio.h>

/* Parts taken out: one cycle of one update, features that count for nothing. The checkpoint says so. */
static void test_parts_are_taken_out(void **state) {
    (void)state;
    struct trm_router *router;
    double mean[TRM_FEATURE_COUNT], std[TRM_FEATURE_COUNT], feature[2][TRM_FEATURE_COUNT] = {{0}};
    float logits[2 * TRM_ARMS];
    trm_dataset_free(runs_dataset("merged.db", 1u << 1 | 1u << 3, 1, 4, 40));
    char data[160], output[160];
    snprintf(data, sizeof data, "%s", dynamics_path("merged.db"));
    snprintf(output, sizeof output, "%s", dynamics_path("taken-out.safetensors"));
    struct trm_train_request r = {.data = data, .output = output};
    trm_train_options_init(&r.options, sizeof r.options);
    struct trm_train_result result;
    r.options.size = "tiny", r.options.epochs = 2;
    r.options.cycles = r.options.inner = 1;
    r.options.without = "gns_proxy,log_loss";
    assert_int_equal(trm_train(&r, NULL, &result, NULL), TRM_OK);
    assert_int_equal(trm_router_load(output, &router, NULL), TRM_OK);
    assert_int_equal(trm_router_configuration(router)->cycles, 1);
    assert_int_equal(trm_router_configuration(router)->inner, 1);
    trm_router_statistics(router, mean, std);
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        if (i == TRM_FEATURE_LOG_LOSS || i == TRM_FEATURE_GNS_PROXY)
            assert_true(std[i] == 0);
    assert_true(std[TRM_FEATURE_LOG_GRAD_NORM] > 0);
    feature[1][TRM_FEATURE_LOG_LOSS] = 7, feature[1][TRM_FEATURE_GNS_PROXY] = -3;
    assert_int_equal(trm_router_forward(router, feature[0], 2, logits, NULL, NULL, NULL), TRM_OK);
    for (int arm = 0; arm < TRM_ARMS; arm++)
        assert_true(logits[arm] == logits[TRM_ARMS + arm]);
    trm_router_destroy(router);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts_are_taken_out)};
    return cmocka_run_group_tests(tests, NULL, dynamics_cleanup);
}
