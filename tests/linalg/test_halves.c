/* Products that are made in two halves: what they should be, and the same to the bit whoever makes the second half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "linalg/linalg.h"
#include "support/arrays.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { m = 400, n = 101, inner = 2 * n }; /* m n^2 is just above what is cut; neither half is round */

struct results {
    double inner_product[n * n], gram[n * n], lower[n * n], product[m * n];
};

static void make(const double *A, const double *B, const double *S, struct results *r) {
    lin_tall_inner(m, n, A, B, r->inner_product);
    lin_tall_gram(m, n, A, r->gram);
    lin_tall_gram_lower(m, n, A, r->lower);
    memcpy(r->product, B, sizeof r->product);
    lin_tall_product_of(m, inner, n, 2, A, S, -1, r->product); /* A: [A A2], m x inner */
}

static double column_dot(const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < m; i++)
        sum += a[i] * b[i];
    return sum;
}

static void halves_are_the_whole(void **state) {
    (void)state;
    struct rng r = support_rng(5);
    double *const A = support_normal(&r, m * inner), *const B = support_normal(&r, m * n),
                  *const S = support_normal(&r, inner * n);
    struct results *const alone = calloc(1, sizeof *alone), *const shared = calloc(1, sizeof *shared);
    assert_true(alone != NULL && shared != NULL);
    omp_set_num_threads(1); /* BLAS, too, as it does within a region */
    make(A, B, S, alone);
#pragma omp parallel num_threads(2)
#pragma omp single
    make(A, B, S, shared);
    assert_memory_equal(alone, shared, sizeof *alone);
    for (size_t j = 0; j < n; j += 7)
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(alone->inner_product[i + j * n] - column_dot(A + i * m, B + j * m)) < 1e-11);
            assert_true(fabs(alone->gram[i + j * n] - column_dot(A + i * m, A + j * m)) < 1e-11);
            assert_true(alone->lower[i + j * n] == (i >= j ? alone->gram[i + j * n] : 0));
        }
    for (size_t j = 0; j < n; j += 7)
        for (size_t i = 0; i < m; i++) {
            double sum = -B[i + j * m];
            for (size_t k = 0; k < inner; k++)
                sum += 2 * A[i + k * m] * S[k + j * inner];
            assert_true(fabs(alone->product[i + j * m] - sum) < 1e-11);
        }
    free(A), free(B), free(S), free(alone), free(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
