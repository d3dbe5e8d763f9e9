#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{1, 1}, {5, 1}, {4, 4}, {7, 3}, {33, 32}, {60, 20}, {130, 24}, {300, 9}};
enum { shape_count = sizeof shapes / sizeof *shapes };

/* From 1 down to 1 / condition, evenly in the logarithm. */
static double *spectrum(size_t n, double condition) {
    double *const s = support_work(n);
    for (size_t i = 0; i < n; i++)
        s[i] = n > 1 ? pow(condition, -(double)i / (double)(n - 1)) : 1;
    return s;
}

/* sigma to the rounding of the largest, where the Gram matrix would keep half the digits; A'A V = V diag(lambda). */
static void right_singular_vectors_of_a_construction(void **state) {
    (void)state;
    struct rng r = support_rng(5);
    for (size_t k = 0; k < shape_count; k++) {
        const size_t m = shapes[k][0], n = shapes[k][1], wanted = lin_right_singular_work(m, n);
        double *const U = support_orthonormal(&r, m, n), *const V = support_orthonormal(&r, n, n),
                      *const s = spectrum(n, 1e12), *const A = support_from_svd(m, n, U, s, V);
        double *const lambda = support_work(n), *const found = support_work(n * n),
                      *const work = support_work(wanted);
        double *const copy = support_copy(A, m * n);
        assert_true(lin_right_singular(m, n, copy, lambda, found, work));
        for (size_t i = 0; i < n; i++)
            assert_true(fabs(sqrt(lambda[i]) - s[n - 1 - i]) < 1e-14 * (double)(n + 5));
        assert_true(support_orthonormality(n, n, found) < 1e-13);
        double *const AV = support_product(m, n, n, A, false, found, false);
        for (size_t j = 0; j < n; j++) {
            double length = 0;
            for (size_t i = 0; i < m; i++)
                length += AV[i + j * m] * AV[i + j * m];
            assert_true(fabs(sqrt(length) - sqrt(lambda[j])) < 1e-13);
        }
        free(U), free(V), free(A), free(copy), free(AV);
        support_work_free(s, n), support_work_free(lambda, n), support_work_free(found, n * n);
        support_work_free(work, wanted);
    }
}

static void qr_has_the_gram_matrix_of_its_matrix(void **state) {
    (void)state;
    struct rng r = support_rng(6);
    for (size_t k = 0; k < shape_count; k++) {
        const size_t m = shapes[k][0], n = shapes[k][1], wanted = lin_qr_work(n);
        double *const A = support_normal(&r, m * n), *const copy = support_copy(A, m * n);
        double *const R = support_work(n * n), *const work = support_work(wanted);
        assert_true(lin_qr(m, n, copy, R, work));
        for (size_t j = 0; j < n; j++)
            for (size_t i = j + 1; i < n; i++)
                assert_true(R[i + j * n] == 0);
        double *const one = support_product(n, n, m, A, true, A, false), *const other = support_product(
                                                                             n, n, n, R, true, R, false);
        assert_true(support_max_difference(n * n, one, other) < 1e-13 * (double)m);
        free(A), free(copy), free(one), free(other);
        support_work_free(R, n * n), support_work_free(work, wanted);
    }
}

static void polar_factor_up_to_condition_1e6(void **state) {
    (void)state;
    struct rng r = support_rng(2);
    for (double condition = 1; condition < 2e6; condition *= 10)
        for (size_t k = 0; k < shape_count; k++) {
            const size_t m = shapes[k][0], n = shapes[k][1], wanted = lin_polar_work(m, n);
            double *const U = support_orthonormal(&r, m, n), *const V = support_orthonormal(&r, n, n),
                          *const s = spectrum(n, condition), *const A = support_from_svd(m, n, U, s, V);
            double *const known = support_product(m, n, n, U, false, V, true);
            double *const sigma = support_work(n), *const work = support_work(wanted);
            assert_true(lin_polar(m, n, A, sigma, work));
            for (size_t i = 0; i < n; i++)
                assert_true(fabs(sigma[i] - s[i]) < 1e-14 * (double)(n + 5));
            assert_true(support_orthonormality(m, n, A) < 1e-13);
            assert_true(support_max_difference(m * n, known, A) < 2e-15 * condition + 1e-13);
            free(U), free(V), free(A), free(known);
            support_work_free(s, n), support_work_free(sigma, n), support_work_free(work, wanted);
        }
}

static void polar_factor_does_not_depend_on_scale(void **state) {
    (void)state;
    struct rng r = support_rng(3);
    const size_t m = 12, n = 5;
    double sigma[5];
    double *const A = support_normal(&r, m * n), *const work = support_work(lin_polar_work(m, n));
    double *const known = support_copy(A, m * n);
    assert_true(lin_polar(m, n, known, sigma, work));
    for (int exponent = -900; exponent <= 900; exponent += 300) {
        double *const scaled = support_copy(A, m * n);
        for (size_t i = 0; i < m * n; i++)
            scaled[i] = ldexp(scaled[i], exponent);
        assert_true(lin_polar(m, n, scaled, sigma, work));
        assert_true(support_max_difference(m * n, known, scaled) < 1e-13);
        free(scaled);
    }
    free(A), free(known);
    support_work_free(work, lin_polar_work(m, n));
}

/* P H P = I, P symmetric, positive: P = H^{-1/2}. */
static void check_inverse_sqrt(size_t n, const double *H, double tolerance) {
    double *const P = support_work(n * n), *const work = support_work(lin_inverse_sqrt_work(n));
    double *const H0 = support_copy(H, n * n);
    assert_true(lin_inverse_sqrt(n, H, P, work));
    assert_memory_equal(H, H0, n * n * sizeof *H);
    double *const PH = support_product(n, n, n, P, false, H, false);
    double *const E = support_product(n, n, n, PH, false, P, false);
    for (size_t i = 0; i < n; i++)
        E[i + i * n] -= 1;
    assert_true(support_max_abs(n * n, E) < tolerance);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            assert_true(P[i + j * n] == P[j + i * n]);
    double *const lambda = support_work(n), *const eig = support_work(lin_eig_work(n));
    assert_true(lin_eig_values(n, P, lambda, eig));
    assert_true(lambda[0] > 0);
    free(H0), free(PH), free(E);
    support_work_free(P, n * n), support_work_free(work, lin_inverse_sqrt_work(n));
    support_work_free(lambda, n), support_work_free(eig, lin_eig_work(n));
}

/* H = V diag(1 + distance e) V' with ||e||_2 = 1, so that ||H - I||_F = distance */
static double *at_distance(struct rng *r, size_t n, double distance) {
    double *const V = support_orthonormal(r, n, n), *const e = support_normal(r, n);
    double norm = 0;
    for (size_t i = 0; i < n; i++)
        norm += e[i] * e[i];
    for (size_t i = 0; i < n; i++)
        e[i] = 1 + distance * e[i] / sqrt(norm);
    double *const H = support_from_svd(n, n, V, e, V);
    lin_sym(n, H);
    free(V), free(e);
    return H;
}

static void inverse_root_near_the_identity(void **state) {
    (void)state;
    struct rng r = support_rng(4);
    const double distances[] = {0, 1e-15, 1e-9, 1e-4, 0.01, 0.1, 0.4, 0.499, 0.501, 0.9};
    for (size_t k = 0; k < sizeof distances / sizeof *distances; k++)
        for (size_t n = 1; n <= 40; n += 13) {
            double *const H = at_distance(&r, n, distances[k]);
            check_inverse_sqrt(n, H, 1e-13);
            free(H);
        }
}

static void inverse_root_far_from_the_identity(void **state) {
    (void)state;
    struct rng r = support_rng(5);
    for (double condition = 1; condition < 2e6; condition *= 100)
        for (size_t n = 1; n <= 40; n += 13) {
            double *const V = support_orthonormal(&r, n, n), *const s = spectrum(n, condition);
            for (size_t i = 0; i < n; i++)
                s[i] *= 1e5;
            double *const H = support_from_svd(n, n, V, s, V);
            lin_sym(n, H);
            check_inverse_sqrt(n, H, 1e-14 * condition + 1e-13);
            free(V), free(H);
            support_work_free(s, n);
        }
}

static void no_inverse_root_of_an_indefinite_matrix(void **state) {
    (void)state;
    struct rng r = support_rng(6);
    const size_t n = 5;
    double *const V = support_orthonormal(&r, n, n), *const P = support_work(n * n),
                  *const work = support_work(lin_inverse_sqrt_work(n));
    const double negative[5] = {3, 2, 1, 1, -0.5}, minus_one = -1, zero = 0;
    double *const H = support_from_svd(n, n, V, negative, V);
    assert_false(lin_inverse_sqrt(n, H, P, work));
    assert_false(lin_inverse_sqrt(1, &minus_one, P, work));
    assert_false(lin_inverse_sqrt(1, &zero, P, work));
    for (size_t i = 0; i < n * n; i++)
        H[i] = NAN;
    assert_false(lin_inverse_sqrt(n, H, P, work));
    free(V), free(H);
    support_work_free(P, n * n), support_work_free(work, lin_inverse_sqrt_work(n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_singular_vectors_of_a_construction),
        cmocka_unit_test(qr_has_the_gram_matrix_of_its_matrix),
        cmocka_unit_test(polar_factor_up_to_condition_1e6),
        cmocka_unit_test(polar_factor_does_not_depend_on_scale),
        cmocka_unit_test(inverse_root_near_the_identity),
        cmocka_unit_test(inverse_root_far_from_the_identity),
        cmocka_unit_test(no_inverse_root_of_an_indefinite_matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
