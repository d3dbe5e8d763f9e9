#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {1, 2, 3, 7, 10, 33, 64};
enum { size_count = sizeof sizes / sizeof *sizes };

static void vectors_and_values_give_the_matrix_back(void **state) {
    (void)state;
    struct rng r = support_rng(1);
    for (size_t s = 0; s < size_count; s++) {
        const size_t n = sizes[s], wanted = lin_eig_work(n);
        double *const H = support_symmetric(&r, n), *const H0 = support_copy(H, n * n);
        double *const V = support_work(n * n), *const lambda = support_work(n),
                      *const work = support_work(wanted);
        assert_true(lin_eig(n, H, lambda, V, work));
        assert_memory_equal(H, H0, n * n * sizeof *H);
        for (size_t i = 1; i < n; i++)
            assert_true(lambda[i - 1] <= lambda[i]);
        assert_true(support_orthonormality(n, n, V) < 1e-13);
        double *const back = support_from_svd(n, n, V, lambda, V); /* V diag(lambda) V' */
        assert_true(support_max_difference(n * n, back, H) < 1e-13 * (double)n);
        free(H), free(H0), free(back);
        support_work_free(V, n * n), support_work_free(lambda, n), support_work_free(work, wanted);
    }
}

static void in_place_and_from_the_lower_triangle_alone(void **state) {
    (void)state;
    struct rng r = support_rng(2);
    const size_t n = 12;
    double *const H = support_symmetric(&r, n), *const V = support_copy(H, n * n),
                  *const in_place = support_copy(H, n * n), *const work = support_work(lin_eig_work(n));
    double lambda[12], again[12];
    assert_true(lin_eig(n, H, lambda, V, work));
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++)
            in_place[i + j * n] = NAN; /* the upper triangle */
    assert_true(lin_eig(n, in_place, again, in_place, work));
    assert_memory_equal(V, in_place, n * n * sizeof *V);
    assert_memory_equal(lambda, again, sizeof lambda);
    free(H), free(V), free(in_place);
    support_work_free(work, lin_eig_work(n));
}

static void values_alone_of_a_known_matrix(void **state) {
    (void)state;
    struct rng r = support_rng(3);
    for (size_t s = 0; s < size_count; s++) {
        const size_t n = sizes[s], wanted = lin_eig_work(n);
        double *const V = support_orthonormal(&r, n, n), *const known = support_normal(&r, n);
        double *const H = support_from_svd(n, n, V, known, V);
        double *const lambda = support_work(n), *const work = support_work(wanted);
        for (size_t i = 1; i < n; i++) /* sort by insertion */
            for (size_t k = i; k > 0 && known[k - 1] > known[k]; k--) {
                const double held = known[k];
                known[k] = known[k - 1], known[k - 1] = held;
            }
        assert_true(lin_eig_values(n, H, lambda, work));
        assert_true(support_max_difference(n, known, lambda) < 1e-13 * (double)(n + 3));
        free(V), free(known), free(H);
        support_work_free(lambda, n), support_work_free(work, wanted);
    }
}

static void functions_of_a_matrix(void **state) {
    (void)state;
    struct rng r = support_rng(4);
    for (size_t s = 0; s < size_count; s++) {
        const size_t n = sizes[s];
        double *const H = support_symmetric(&r, n), *const V = support_copy(H, n * n),
                      *const F = support_normal(&r, n * n), *const scratch = support_work(n * n);
        double *const lambda = support_work(n), *const work = support_work(lin_eig_work(n));
        assert_true(lin_eig(n, H, lambda, V, work));
        lin_eig_function(n, V, lambda, F, scratch); /* f(x) = x */
        assert_true(support_max_difference(n * n, F, H) < 1e-13 * (double)n);
        for (size_t i = 0; i < n; i++)
            lambda[i] *= lambda[i]; /* f(x) = x^2, against H H by loops */
        lin_eig_function(n, V, lambda, F, scratch);
        double *const square = support_product(n, n, n, H, false, H, false);
        assert_true(support_max_difference(n * n, F, square) < 1e-12 * (double)n);
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                assert_true(F[i + j * n] == F[j + i * n]);
        free(H), free(V), free(F), free(square);
        support_work_free(scratch, n * n), support_work_free(lambda, n);
        support_work_free(work, lin_eig_work(n));
    }
}

static void nan_does_not_hang_or_crash(void **state) {
    (void)state;
    const size_t n = 6;
    double *const H = support_work(n * n), *const V = support_work(n * n), *const lambda = support_work(n),
                  *const work = support_work(lin_eig_work(n));
    for (size_t i = 0; i < n * n; i++)
        H[i] = NAN;
    const bool done = lin_eig(n, H, lambda, V, work);
    assert_true(!done || isnan(lambda[n - 1])); /* never a number made of nothing */
    support_work_free(H, n * n), support_work_free(V, n * n), support_work_free(lambda, n);
    support_work_free(work, lin_eig_work(n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_and_values_give_the_matrix_back),
        cmocka_unit_test(in_place_and_from_the_lower_triangle_alone),
        cmocka_unit_test(values_alone_of_a_known_matrix),
        cmocka_unit_test(functions_of_a_matrix),
        cmocka_unit_test(nan_does_not_hang_or_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
