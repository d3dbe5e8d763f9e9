/* The certificate against problems made from their optimum, and against loops and Jacobi rotations. */
#include "support.h"

#include "muon/certificate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t shapes[][2] = {{1, 1}, {4, 1}, {2, 2}, {6, 6}, {7, 5}, {9, 4}, {30, 13}};
enum { shape_count = sizeof shapes / sizeof *shapes };

/* With canaries behind the workspace. */
static struct muon_info certify(const struct support_problem *p, double radius, size_t k) {
    const size_t wanted = muon_certificate_work(p->m, p->n);
    double *const work = support_zeros(wanted + 8);
    for (size_t i = wanted; i < wanted + 8; i++)
        work[i] = 12345;
    struct muon_info info = {.outcome = MUON_max_iter};
    assert_true(muon_certify(&p->W, &p->G, &p->A, p->X, radius, k, work, &info));
    for (size_t i = wanted; i < wanted + 8; i++)
        assert_true(work[i] == 12345);
    free(work);
    return info;
}

/* A <- a random tangent direction of norm radius; X <- random symmetric. */
static void random_answer(struct support_problem *p, struct rng *r, double radius) {
    const size_t m = p->m, n = p->n;
    double *const W = support_read(&p->W), *const A = support_normal(r, m * n),
                  *const X = support_symmetric(r, n), *const sigma = support_zeros(n);
    support_make_tangent(m, n, W, A);
    double *const U = support_copy(A, m * n);
    support_svd(m, n, U, sigma, NULL);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < m; i++)
            support_set(&p->A, i, j, sigma[0] > 1e-9 ? A[i + j * m] * radius / sigma[0] : 0);
    memcpy(p->X, X, n * n * sizeof *X);
    free(W), free(A), free(X), free(sigma), free(U);
}

static void no_gap_at_a_known_optimum(void **state) {
    (void)state;
    for (size_t s = 2; s < shape_count; s++) {
        const size_t m = shapes[s][0], n = shapes[s][1];
        for (size_t rank = 1; rank <= n; rank += n - 1) { /* also where (D) is not smooth */
            double optimum;
            struct support_problem p = support_problem_known(s, m, n, rank, 0.3, &optimum);
            const struct muon_info info = certify(&p, 0.3, n);
            assert_true(fabs(info.gap) < 1e-13 * (double)n && info.gap_full == info.gap);
            assert_true(fabs(info.dual - optimum) < 1e-13 * optimum * (double)n);
            assert_true(fabs(info.primal - optimum) < 1e-13 * optimum * (double)n);
            assert_true(info.tangency < 1e-13 * (double)n);
            assert_true(fabs(info.norm - 0.3) < 1e-14 && info.rank == n);
            assert_true(fabs(info.nuclear - 0.3 * (double)n) < 1e-13 * (double)n);
            assert_true(fabs(info.frobenius - 0.3 * sqrt((double)n)) < 1e-13 * (double)n);
            assert_true(fabs(info.eff_rank - (double)n) < 1e-12 * (double)n);
            support_problem_free(&p);
        }
    }
}

static void every_number_in_every_layout(void **state) {
    (void)state;
    struct rng r = support_rng(20);
    for (size_t s = 0; s < shape_count; s++)
        for (enum support_layout layout = 0; layout < SUPPORT_LAYOUTS; layout++)
            for (size_t k = 1; k <= shapes[s][1]; k += 2) {
                struct support_problem p = support_problem_random(s, shapes[s][0], shapes[s][1], layout);
                random_answer(&p, &r, 0.7);
                const struct muon_info info = certify(&p, 0.7, k);
                support_check_info(&p, 0.7, k, &info);
                support_problem_free(&p);
            }
}

static void weak_duality_for_any_tangent_step_and_multiplier(void **state) {
    (void)state;
    struct rng r = support_rng(21);
    for (size_t s = 1; s < shape_count; s++) {
        struct support_problem p = support_problem_random(s, shapes[s][0], shapes[s][1], SUPPORT_F64_COLUMNS);
        for (int round = 0; round < 30; round++) {
            random_answer(&p, &r, 0.7);
            const struct muon_info info = certify(&p, 0.7, p.n);
            assert_true(info.gap > 0 && info.gap < 2 + 1e-12);
            assert_true(info.tangency < 1e-12);
        }
        support_problem_free(&p);
    }
}

static void a_gap_opens_on_either_side_of_the_optimum(void **state) {
    (void)state;
    struct rng r = support_rng(22);
    const size_t m = 12, n = 5;
    double optimum;
    struct support_problem p = support_problem_known(3, m, n, n, 1, &optimum);
    double *const A = support_copy(p.A.data, m * n), *const X = support_copy(p.X, n * n);
    for (int round = 0; round < 10; round++) {
        random_answer(&p, &r, 1); /* mix it into the optimum: (1 - t) A + t A_random stays feasible */
        double *const A_random = p.A.data;
        for (size_t i = 0; i < m * n; i++)
            A_random[i] = 0.99 * A[i] + 0.01 * A_random[i];
        memcpy(p.X, X, n * n * sizeof *X);
        const struct muon_info primal = certify(&p, 1, n);
        assert_true(primal.gap > 1e-4 && primal.gap < 0.02);
        assert_true(fabs(primal.dual - optimum) < 1e-12);
        memcpy(p.A.data, A, m * n * sizeof *A);
        double *const D = support_symmetric(&r, n);
        support_add(n * n, p.X, 0.1, D);
        const struct muon_info dual = certify(&p, 1, n);
        assert_true(dual.gap > 1e-4 && fabs(dual.primal - optimum) < 1e-12);
        free(D);
    }
    free(A), free(X);
    support_problem_free(&p);
}

static void a_step_off_the_tangent_space_shows(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(1, 8, 3, SUPPORT_F64_COLUMNS);
    memset(p.X, 0, 9 * sizeof *p.X);
    memcpy(p.A.data, p.W.data, 24 * sizeof(double)); /* A = W: W'A + A'W = 2 I */
    assert_true(fabs(certify(&p, 0.5, 3).tangency - 2 * sqrt(3) / 0.5) < 1e-12);
    support_problem_free(&p);
}

static void zero_gives_zeros_and_no_nan(void **state) {
    (void)state;
    struct support_problem p = support_problem_random(1, 8, 3, SUPPORT_F32_WIDE);
    memset(p.G.data, 0, 24 * sizeof(float));
    memset(p.A.data, 0, 24 * sizeof(float));
    memset(p.X, 0, 9 * sizeof *p.X);
    const struct muon_info info = certify(&p, 0.5, 3);
    assert_true(info.gap == 0 && info.gap_full == 0 && info.primal == 0 && info.dual == 0);
    assert_true(info.norm == 0 && info.nuclear == 0 && info.frobenius == 0 && info.tangency == 0);
    assert_true(info.rank == 0 && info.eff_rank == 0);
    support_problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_gap_at_a_known_optimum),
        cmocka_unit_test(every_number_in_every_layout),
        cmocka_unit_test(weak_duality_for_any_tangent_step_and_multiplier),
        cmocka_unit_test(a_gap_opens_on_either_side_of_the_optimum),
        cmocka_unit_test(a_step_off_the_tangent_space_shows),
        cmocka_unit_test(zero_gives_zeros_and_no_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
