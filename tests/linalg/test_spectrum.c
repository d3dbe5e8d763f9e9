#include "support.h"

#include <math.h>

static void equal_values_have_the_rank_of_their_number(void **state) {
    (void)state;
    double sigma[40] = {0};
    for (size_t k = 1; k <= 40; k++) {
        sigma[(k * 7) % 40] = 0.3; /* zeros between them do not count */
        assert_true(fabs(lin_effective_rank(40, sigma) - (double)k) < 1e-12 * (double)k);
    }
}

static void effective_rank_of_known_values(void **state) {
    (void)state;
    const double none[3] = {0, 0, 0}, mixed[3] = {1, 2, 1}, huge[2] = {1e300, 1e300}, tiny[2] = {1e-300, 0};
    assert_true(lin_effective_rank(3, none) == 0);
    assert_true(fabs(lin_effective_rank(3, mixed) - 2 * sqrt(2)) < 1e-14); /* entropy 1.5 ln 2 */
    assert_true(fabs(lin_effective_rank(2, huge) - 2) < 1e-14);
    assert_true(fabs(lin_effective_rank(2, tiny) - 1) < 1e-14);
    assert_true(lin_effective_rank(1, mixed) == 1);
}

static void effective_rank_ignores_scale_and_order(void **state) {
    (void)state;
    struct rng r = support_rng(1);
    double a[20], b[20];
    for (size_t i = 0; i < 20; i++)
        a[i] = fabs(rng_normal(&r)), b[19 - i] = 1e5 * a[i];
    const double rank = lin_effective_rank(20, a);
    assert_true(rank > 1 && rank < 20);
    assert_true(fabs(lin_effective_rank(20, b) - rank) < 1e-12);
}

static void spectral_norm_is_the_largest(void **state) {
    (void)state;
    const double sigma[4] = {0.5, 3, 0, 2};
    assert_true(lin_spectral_norm(4, sigma) == 3);
    assert_true(lin_spectral_norm(1, sigma) == 0.5);
    assert_true(lin_spectral_norm(1, sigma + 2) == 0);
}

static void condition_stops_at_its_floor(void **state) {
    (void)state;
    const double sigma[3] = {0.5, 4, 2}, singular[2] = {0, 5}, small[2] = {1, 1e-9}, zeros[2] = {0, 0};
    assert_true(lin_condition(3, sigma, 1e-7) == 8);
    assert_true(fabs(lin_condition(2, singular, 1e-7) - 1e7) < 1e-6);
    assert_true(fabs(lin_condition(2, small, 1e-7) - 1e7) < 1e-6);
    assert_true(fabs(lin_condition(2, small, 1e-12) - 1e9) < 1e-3);
    assert_true(lin_condition(2, zeros, 1e-7) == 1);
    assert_true(lin_condition(1, sigma, 1e-7) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_values_have_the_rank_of_their_number),
        cmocka_unit_test(effective_rank_of_known_values),
        cmocka_unit_test(effective_rank_ignores_scale_and_order),
        cmocka_unit_test(spectral_norm_is_the_largest),
        cmocka_unit_test(condition_stops_at_its_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
