/* Anderson acceleration against what it is known to do on linear fixed points. */
#include "support.h"

#include "muon/inner/anderson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Memory of a history, to be freed. */
static double *make(struct muon_anderson *history, size_t count) {
    struct muon_pool pool = {0};
    muon_anderson_place(history, count, &pool);
    pool.memory = support_zeros(pool.used), pool.used = 0;
    muon_anderson_place(history, count, &pool);
    muon_anderson_forget(history);
    return pool.memory;
}

/* F(x) - x = b - D x for a diagonal D with `values` different entries: a least-squares fit of as many differences
   solves it, in exact arithmetic after values + 1 steps. */
static void residual(size_t count, size_t values, const double *b, const double *x, double *f) {
    for (size_t i = 0; i < count; i++)
        f[i] = b[i] - (0.2 + 0.3 * (double)(i % values)) * x[i];
}

static void a_linear_fixed_point_is_found_in_few_steps(void **state) {
    (void)state;
    const size_t count = 60;
    for (size_t values = 1; values <= 6; values++) {
        struct rng r = support_rng(values);
        double *const b = support_normal(&r, count), *const x = support_zeros(count),
                      *const f = support_zeros(count);
        struct muon_anderson history;
        double *const memory = make(&history, count);
        for (size_t k = 0; k <= values + 1; k++) {
            residual(count, values, b, x, f);
            muon_anderson_step(&history, x, f);
        }
        residual(count, values, b, x, f);
        assert_true(sqrt(support_dot(count, f, f)) < 1e-8);
        free(b), free(x), free(f), free(memory);
    }
}

/* More steps than the ring holds, and differences of length 0 at the end, do no harm. */
static void a_full_and_a_flat_history_do_no_harm(void **state) {
    (void)state;
    const size_t count = 40;
    struct rng r = support_rng(3);
    double *const b = support_normal(&r, count), *const x = support_zeros(count),
                  *const f = support_zeros(count);
    struct muon_anderson history;
    double *const memory = make(&history, count);
    for (size_t k = 0; k < 60; k++) {
        residual(count, 17, b, x, f);
        muon_anderson_step(&history, x, f);
        for (size_t i = 0; i < count; i++)
            assert_true(isfinite(x[i]));
    }
    residual(count, 17, b, x, f);
    assert_true(sqrt(support_dot(count, f, f)) < 1e-9);
    free(b), free(x), free(f), free(memory);
}

/* The first step after forgetting is the plain one: x + f. */
static void a_forgotten_history_has_no_say(void **state) {
    (void)state;
    const size_t count = 12;
    struct rng r = support_rng(5);
    double *const b = support_normal(&r, count), *const x = support_zeros(count),
                  *const f = support_zeros(count);
    struct muon_anderson history;
    double *const memory = make(&history, count);
    for (size_t k = 0; k < 4; k++) {
        residual(count, 5, b, x, f);
        if (k == 3) {
            double *const plain = support_copy(x, count);
            support_add(count, plain, 1, f);
            muon_anderson_forget(&history);
            muon_anderson_step(&history, x, f);
            assert_memory_equal(x, plain, count * sizeof *x);
            free(plain);
        } else {
            muon_anderson_step(&history, x, f);
        }
    }
    free(b), free(x), free(f), free(memory);
}

/* A history that is told to another one, point by point, leads to the same next point. */
static void a_history_can_be_handed_on(void **state) {
    (void)state;
    const size_t count = 30, values = 13;
    for (size_t steps = 1; steps <= 15; steps += 7) { /* also more than the ring holds */
        struct rng r = support_rng(steps);
        double *const b = support_normal(&r, count), *const x = support_zeros(count),
                      *const f = support_zeros(count), *const g = support_zeros(count);
        struct muon_anderson one, other;
        double *const memory = make(&one, count), *const more = make(&other, count);
        for (size_t k = 0; k < steps; k++) {
            residual(count, values, b, x, f);
            muon_anderson_step(&one, x, f);
        }
        assert_int_equal(muon_anderson_points(&one), steps < 11 ? steps : 11);
        double *const y = support_zeros(count);
        for (size_t back = muon_anderson_points(&one); back-- > 0;) {
            muon_anderson_point(&one, back, y, f);
            residual(count, values, b, y, g);
            assert_true(support_max_difference(count, f, g) < 1e-12);
            muon_anderson_recall(&other, y, f);
        }
        memcpy(y, x, count * sizeof *y);
        residual(count, values, b, x, f);
        muon_anderson_step(&one, x, f);
        muon_anderson_step(&other, y, f);
        assert_true(support_max_difference(count, x, y) < 1e-9);
        free(b), free(x), free(f), free(g), free(y), free(memory), free(more);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_linear_fixed_point_is_found_in_few_steps),
        cmocka_unit_test(a_full_and_a_flat_history_do_no_harm),
        cmocka_unit_test(a_forgotten_history_has_no_say),
        cmocka_unit_test(a_history_can_be_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
