#include "support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1 ... 40, and 70, which is past a block of the BLAS */
static size_t some_size(struct rng *r, int round) {
    return round == 0 ? 1 : round == 1 ? 70 : 1 + rng_below(r, 40);
}

static void compare(size_t n, double *expected, const double *found) {
    assert_true(support_max_difference(n * n, expected, found) <= 1e-13 * (double)n * 10);
    free(expected);
}

static void products_are_those_of_plain_loops(void **state) {
    (void)state;
    struct rng r = support_rng(1);
    for (int round = 0; round < 12; round++) {
        const size_t n = some_size(&r, round);
        double *const A = support_normal(&r, n * n), *const B = support_normal(&r, n * n);
        double *const A0 = support_copy(A, n * n), *const B0 = support_copy(B, n * n);
        double *const C = support_normal(&r, n * n); /* what was there must not matter */
        lin_mul(n, A, B, C);
        compare(n, support_product(n, n, n, A, false, B, false), C);
        lin_mul_tn(n, A, B, C);
        compare(n, support_product(n, n, n, A, true, B, false), C);
        lin_mul_nt(n, A, B, C);
        compare(n, support_product(n, n, n, A, false, B, true), C);
        assert_memory_equal(A, A0, n * n * sizeof *A);
        assert_memory_equal(B, B0, n * n * sizeof *B);
        free(A), free(B), free(A0), free(B0), free(C);
    }
}

static void a_gram_matrix_with_and_without_a_summand(void **state) {
    (void)state;
    struct rng r = support_rng(2);
    for (int round = 0; round < 12; round++) {
        const size_t n = some_size(&r, round);
        double *const A = support_normal(&r, n * n), *const N = support_symmetric(&r, n);
        double *const H = support_normal(&r, n * n);
        double *const gram = support_product(n, n, n, A, true, A, false);
        lin_gram_add(n, A, NULL, H);
        assert_true(support_max_difference(n * n, gram, H) < 1e-12 * (double)n);
        lin_gram_add(n, A, N, H);
        for (size_t i = 0; i < n * n; i++)
            gram[i] += N[i];
        assert_true(support_max_difference(n * n, gram, H) < 1e-12 * (double)n);
        free(A), free(N), free(H), free(gram);
    }
}

static void columns_scaled_also_in_place(void **state) {
    (void)state;
    struct rng r = support_rng(3);
    const size_t n = 9;
    double *const A = support_normal(&r, n * n), *const d = support_normal(&r, n);
    double *const C = support_normal(&r, n * n), *const in_place = support_copy(A, n * n);
    lin_scale_columns(n, A, d, C);
    lin_scale_columns(n, in_place, d, in_place);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            assert_true(C[i + j * n] == A[i + j * n] * d[j]);
            assert_true(in_place[i + j * n] == C[i + j * n]);
        }
    free(A), free(d), free(C), free(in_place);
}

static void symmetric_and_skew_parts(void **state) {
    (void)state;
    struct rng r = support_rng(4);
    for (int round = 0; round < 6; round++) {
        const size_t n = some_size(&r, round);
        double *const A = support_normal(&r, n * n), *const S = support_copy(A, n * n),
                      *const K = support_copy(A, n * n);
        lin_sym(n, S);
        lin_skew(n, K);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++) {
                assert_true(S[i + j * n] == S[j + i * n]); /* exactly: LAPACK reads one triangle */
                assert_true(K[i + j * n] == -K[j + i * n]);
                assert_true(fabs(S[i + j * n] + K[i + j * n] - A[i + j * n]) < 1e-14);
            }
        free(A), free(S), free(K);
    }
}

static void dots_and_norms(void **state) {
    (void)state;
    struct rng r = support_rng(5);
    const size_t count = 1001;
    double *const a = support_normal(&r, count), *const b = support_normal(&r, count);
    double dot = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        dot += a[i] * b[i], squares += a[i] * a[i];
    assert_true(fabs(lin_dot(count, a, b) - dot) < 1e-11);
    assert_true(fabs(lin_norm(count, a) - sqrt(squares)) < 1e-12 * sqrt(squares));
    assert_true(lin_norm(0, a) == 0);
    free(a), free(b);
}

static void a_norm_neither_overflows_nor_underflows(void **state) {
    (void)state;
    const double scales[] = {1e200, 1e-200, 1e308, 4.94065645841246544e-324, 1e-310, DBL_MIN, 1};
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        const double s = scales[i], one[3] = {0, -s, 0};
        assert_true(lin_norm(3, one) == s);
        if (s > 1e307 || s < 1e-320) /* 5 s overflows; 3 s and 4 s have too few bits */
            continue;
        const double five[4] = {3 * s, 0, -4 * s, 0};
        assert_true(fabs(lin_norm(4, five) / s - 5) < 1e-12);
    }
    const double least = 4.94065645841246544e-324, five_least[2] = {3 * least, 4 * least};
    assert_true(lin_norm(2, five_least) == 5 * least);
    const double mixed[3] = {1e200, 1e-200, 1e200};
    assert_true(fabs(lin_norm(3, mixed) / 1e200 - sqrt(2)) < 1e-15);
    const double zeros[2] = {0, -0.0}, infinite[2] = {1, -INFINITY}, largest[2] = {DBL_MAX, DBL_MAX};
    const double nothing[3] = {NAN, 0, 0};
    assert_true(lin_norm(2, zeros) == 0);
    assert_true(isinf(lin_norm(2, infinite)));
    assert_true(isinf(lin_norm(2, largest)));
    assert_true(isnan(lin_norm(1, nothing)) && isnan(lin_norm(3, nothing)));
}

static void a_power_of_two_scales_a_norm_exactly(void **state) {
    (void)state;
    struct rng r = support_rng(6);
    double a[37], scaled[37];
    for (size_t i = 0; i < 37; i++)
        a[i] = rng_normal(&r);
    for (int exponent = -900; exponent <= 900; exponent += 100) {
        for (size_t i = 0; i < 37; i++)
            scaled[i] = ldexp(a[i], exponent);
        assert_true(lin_norm(37, scaled) == ldexp(lin_norm(37, a), exponent));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_of_plain_loops),
        cmocka_unit_test(a_gram_matrix_with_and_without_a_summand),
        cmocka_unit_test(columns_scaled_also_in_place),
        cmocka_unit_test(symmetric_and_skew_parts),
        cmocka_unit_test(dots_and_norms),
        cmocka_unit_test(a_norm_neither_overflows_nor_underflows),
        cmocka_unit_test(a_power_of_two_scales_a_norm_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
