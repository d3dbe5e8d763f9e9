/* solve and step allocate nothing: the allocator itself counts, except for what OpenBLAS and its threads keep to
   themselves (a small product on AVX-512 buffers its operands). Not under the address sanitizer, which brings an
   allocator of its own. */
#define _GNU_SOURCE
#include "support.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static size_t calls;
static bool counting;

#ifndef __SANITIZE_ADDRESS__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void note(void *caller) {
    Dl_info from;
    if (counting && dladdr(caller, &from) != 0 && strstr(from.dli_fname, "openblas") == NULL &&
        strstr(from.dli_fname, "libgomp") == NULL)
        calls++;
}

void *malloc(size_t size) {
    note(__builtin_return_address(0));
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    note(__builtin_return_address(0));
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    note(__builtin_return_address(0));
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note(__builtin_return_address(0));
    return __libc_memalign(alignment, size);
}
#endif

static void start_counting(void) {
    calls = 0;
    counting = true;
}

static size_t stop_counting(void) {
    counting = false;
    return calls;
}

static void the_count_counts(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#endif
    start_counting();
    double *const a = support_zeros(3);
    assert_int_equal(stop_counting(), 1);
    free(a);
}

static void check_solves(int id, const struct muon_options *options, size_t seed, size_t m, size_t n) {
    struct support_problem p = support_problem_random(seed, m, n, SUPPORT_F32_WIDE);
    struct muon_solver *solver;
    struct muon_info info;
    assert_int_equal(muon_solver_create(&solver, muon_solver_name(id), m, n, options, NULL), TRM_OK);
    for (int round = 0; round < 3; round++) { /* the first wakes the BLAS and its threads */
        start_counting();
        const enum trm_status status =
            muon_solver_solve(solver, &p.W, &p.G, 0.1, round > 1 ? p.X : NULL, &p.A, p.X, &info);
        const size_t made = stop_counting();
        assert_int_equal(status, TRM_OK);
        if (round > 0 && made > 0)
            fail_msg("%s on %zu x %zu: %zu allocations", muon_solver_name(id), m, n, made);
    }
    muon_solver_destroy(solver);
    support_problem_free(&p);
}

/* At the default budget, and at one that takes every route: Newton on the stacked matrix, and the exact reduction. */
static void solve_allocates_nothing(void **state) {
    (void)state;
    const size_t shapes[][2] = {{1, 1}, {24, 8}, {12, 10}, {96, 40}};
    for (int id = 0; id < MUON_SOLVER_COUNT; id++)
        for (size_t s = 0; s < 4; s++) {
            struct muon_options tight = muon_options_default(id);
            tight.tol = 1e-7;
            check_solves(id, NULL, s, shapes[s][0], shapes[s][1]);
            check_solves(id, &tight, s, shapes[s][0], shapes[s][1]);
        }
}

static void a_step_allocates_nothing(void **state) {
    (void)state;
    for (int id = 0; id < MUON_SOLVER_COUNT; id++) {
        float weight[24 * 8], grad[24 * 8], bias[5], bias_grad[5] = {1, 2, 3, 4, 5};
        struct rng r = support_rng(1);
        for (size_t i = 0; i < 24 * 8; i++)
            weight[i] = (float)rng_normal(&r), grad[i] = (float)rng_normal(&r);
        memset(bias, 0, sizeof bias);
        const struct muon_parameter parameters[] = {
            {.name = "w",
             .value = weight,
             .grad = grad,
             .count = 24 * 8,
             .rows = 24,
             .cols = 8,
             .manifold = true},
            {.name = "b", .value = bias, .grad = bias_grad, .count = 5}};
        struct muon_sgd_options options = muon_sgd_options_default();
        options.total_steps = 10;
        options.arms[0].solver = id;
        options.arms[0].options = muon_options_default(id);
        struct muon_sgd *sgd;
        assert_int_equal(muon_sgd_create(&sgd, parameters, 2, &options, NULL), TRM_OK);
        assert_int_equal(muon_sgd_project(sgd, NULL), TRM_OK);
        for (int step = 0; step < 4; step++) {
            start_counting();
            const enum trm_status first = muon_sgd_accumulate(sgd, NULL),
                                  second = first == TRM_OK ? muon_sgd_update(sgd, 0, NULL) : first;
            const size_t made = stop_counting();
            assert_int_equal(second, TRM_OK);
            assert_true(step == 0 || made == 0);
        }
        muon_sgd_destroy(sgd);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_counts),
        cmocka_unit_test(solve_allocates_nothing),
        cmocka_unit_test(a_step_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
