#include "support.h"

#include <math.h>

static void expect(enum muon_schedule schedule, size_t step, size_t total, size_t warmup, double factor) {
    const double found = muon_schedule_factor(schedule, step, total, warmup);
    if (fabs(found - factor) > 1e-15)
        fail_msg("%s, step %zu of %zu, warm-up %zu: %g, not %g", muon_schedule_name((int)schedule), step,
                 total, warmup, found, factor);
}

static void linear_falls_to_zero(void **state) {
    (void)state;
    const double factors[] = {1, 0.75, 0.5, 0.25, 0, 0};
    for (size_t step = 0; step < 6; step++)
        expect(MUON_SCHEDULE_linear, step, 4, 0, factors[step]);
    expect(MUON_SCHEDULE_linear, 0, 1, 0, 1);
}

static void constant_stays(void **state) {
    (void)state;
    for (size_t step = 0; step < 9; step++)
        expect(MUON_SCHEDULE_constant, step, 4, 0, 1);
}

static void cosine_is_half_a_period(void **state) {
    (void)state;
    const double factors[] = {1, 0.5 + sqrt(0.125), 0.5, 0.5 - sqrt(0.125), 0, 0};
    for (size_t step = 0; step < 6; step++)
        expect(MUON_SCHEDULE_cosine, step, 4, 0, factors[step]);
}

static void warm_up_rises_and_the_rest_follows(void **state) {
    (void)state;
    for (enum muon_schedule schedule = MUON_SCHEDULE_linear; schedule <= MUON_SCHEDULE_cosine; schedule++)
        for (size_t step = 0; step < 3; step++)
            expect(schedule, step, 11, 3, 0.25 * (double)(step + 1));
    expect(MUON_SCHEDULE_linear, 3, 11, 3, 1);
    expect(MUON_SCHEDULE_linear, 5, 11, 3, 0.75);
    expect(MUON_SCHEDULE_linear, 10, 11, 3, 0.125);
    expect(MUON_SCHEDULE_linear, 11, 11, 3, 0);
    expect(MUON_SCHEDULE_cosine, 7, 11, 3, 0.5);
    expect(MUON_SCHEDULE_constant, 7, 11, 3, 1);
}

static void names(void **state) {
    (void)state;
    const char *const known[] = {"linear", "constant", "cosine"};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(muon_schedule_find(known[k]), k);
        assert_string_equal(muon_schedule_name(k), known[k]);
    }
    assert_int_equal(muon_schedule_find("Linear"), -1);
    assert_int_equal(muon_schedule_find(""), -1);
    assert_null(muon_schedule_name(3));
    assert_null(muon_schedule_name(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_falls_to_zero),
        cmocka_unit_test(constant_stays),
        cmocka_unit_test(cosine_is_half_a_period),
        cmocka_unit_test(warm_up_rises_and_the_rest_follows),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
