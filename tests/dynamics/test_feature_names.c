#include "support/dynamics.h"

static void names_agree_with_their_numbers(void **state) {
    (void)state;
    assert_int_equal(TRM_FEATURE_COUNT, 12);
    assert_string_equal(trm_feature_name(TRM_FEATURE_LOG_LOSS), "log_loss");
    assert_string_equal(trm_feature_name(TRM_FEATURE_LOSS_STABILITY), "loss_stability");
    assert_null(trm_feature_name(TRM_FEATURE_COUNT));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_agree_with_their_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
