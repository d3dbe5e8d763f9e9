#include "support/dynamics.h"

#include <math.h>

static void effective_rank_of_known_spectra(void **state) {
    (void)state;
    const double equal[4] = {2, 2, 2, 2}, one[3] = {0, 5, 0}, zero[2] = {0, 0}, mixed[3] = {2, 1, 1};
    assert_true(fabs(trm_effective_rank(equal, 4) - 4) < 1e-14);
    assert_true(trm_effective_rank(one, 3) == 1);
    assert_true(trm_effective_rank(zero, 2) == 0);
    assert_true(fabs(trm_effective_rank(mixed, 3) - 2 * sqrt(2)) < 1e-14); /* entropy 1.5 ln 2 */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(effective_rank_of_known_spectra)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
