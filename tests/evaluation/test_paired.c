/* Paired comparisons over seeds. */
#include "support/dynamics.h"

#include "evaluation/paired.h"

#include <math.h>

static void test_intervals(void **state) {
    (void)state;
    const double d[] = {0.1, 0.3, 0.2, 0.4, 0.0};
    struct trm_paired p = trm_paired_compare(d, 5, 0.4);
    const double error = sqrt(0.025 / 5); /* of the mean */
    assert_true(p.seeds == 5 && fabs(p.mean - 0.2) < 1e-15);
    assert_true(fabs(p.high - 0.2 - 2.7764451 * error) < 1e-6 && fabs(p.low + p.high - 0.4) < 1e-12);
    assert_true(fabs(p.high_90 - 0.2 - 2.1318468 * error) < 1e-6);
    assert_true(p.matches); /* 0.3507 at most */
    assert_false(trm_paired_compare(d, 5, 0.35).matches);
    p = trm_paired_compare(d, 4, 10);
    assert_true(p.mean == 0.25 && isnan(p.low) && isnan(p.high_90) && !p.matches);
    assert_true(isnan(trm_paired_compare(NULL, 0, 1).mean));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_intervals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
