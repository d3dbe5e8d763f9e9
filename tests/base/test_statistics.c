#include "base/statistics.h"
#include "support/folders.h"

#include <float.h>
#include <math.h>

/* One bad value at every place of an array longer than any vector register. */
static void test_finite(void **state) {
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    double a[67];
    float f[67];
    for (size_t i = 0; i < 67; i++)
        a[i] = i % 2 ? DBL_MAX : -DBL_MIN, f[i] = i % 2 ? FLT_MAX : -FLT_MIN;
    assert_true(statistics_finite(67, a) && statistics_finite_float(67, f));
    assert_true(statistics_finite(0, a));
    for (size_t i = 0; i < 67; i++)
        for (size_t k = 0; k < 3; k++) {
            const double was = a[i];
            a[i] = bad[k], f[i] = (float)bad[k];
            assert_false(statistics_finite(67, a));
            assert_false(statistics_finite_float(67, f));
            assert_true(statistics_finite(i, a));
            a[i] = was, f[i] = (float)(was > 0 ? 1 : -1);
        }
}

static void test_median(void **state) {
    (void)state;
    double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2}, one[] = {7};
    assert_true(statistics_median(3, odd) == 2);
    assert_true(statistics_median(4, even) == 2.5);
    assert_true(statistics_median(1, one) == 7);
    assert_true(isnan(statistics_median(0, one)));
    for (int i = 0; i < 3; i++)
        assert_true(even[i] < even[i + 1]);
}

/* Against the definition; what is masked has no say, be it NaN or the largest. */
static void test_softmax(void **state) {
    (void)state;
    double p[] = {1, 1000, NAN, 3, 3};
    const double sum = exp(1) + 2 * exp(3);
    assert_int_equal(statistics_softmax(5, p, 0x19), 3);
    assert_true(p[1] == 0 && p[2] == 0);
    assert_true(fabs(p[0] - exp(1) / sum) < 1e-15);
    assert_true(fabs(p[3] - exp(3) / sum) < 1e-15 && p[4] == p[3]);
    double far[] = {-1e308, 1e308};
    assert_int_equal(statistics_softmax(2, far, 3), 1);
    assert_true(far[0] == 0 && far[1] == 1);
    float single[5] = {1, 90, -1, 3, 3}, total;
    assert_int_equal(statistics_softmax_float(5, single, 0x19, single, &total), 3); /* in place */
    assert_true(fabsf(total - 2 - expf(-2)) < 1e-6f && single[1] == 0 && single[2] == 0);
    for (int i = 0; i < 5; i++)
        assert_true(fabs((double)single[i] - (i == 0 ? exp(-2) : i > 2 ? 1 : 0) / (2 + exp(-2))) < 1e-7);
    assert_int_equal(statistics_softmax_float(2, single, 0, single, NULL), -1);
    assert_int_equal(statistics_softmax(2, far, 0), -1);
    assert_true(far[0] == 0 && far[1] == 0);
}

/* Two-sided quantiles of the tables, and the normal's where there are many degrees. */
static void test_student(void **state) {
    (void)state;
    static const struct {
        double probability;
        size_t degrees;
        double t;
    } table[] = {{0.95, 1, 12.7062},  {0.95, 2, 4.30265},   {0.95, 3, 3.18245}, {0.95, 4, 2.77645},
                 {0.90, 4, 2.13185},  {0.95, 5, 2.57058},   {0.90, 9, 1.83311}, {0.99, 10, 3.16927},
                 {0.95, 29, 2.04523}, {0.95, 9999, 1.96020}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_true(fabs(statistics_student(table[i].probability, table[i].degrees) - table[i].t) < 1e-4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finite),
        cmocka_unit_test(test_median),
        cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_student),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
