/* Saved in the middle and restored into a new optimiser: the same bits as without a break. */
#include "support_sgd.h"

#include <stdlib.h>
#include <string.h>

enum { steps = 8, broken_at = 4 };

static void run(struct muon_sgd *sgd, struct support_network *net, size_t from, size_t to) {
    for (size_t step = from; step < to; step++) {
        support_network_gradients(net, 8, step);
        support_sgd_step(sgd, step % 2);
    }
}

static size_t bytes_of(const struct muon_state *state) {
    return state->count * (state->floats != NULL ? sizeof(float) : sizeof(double));
}

static void *memory_of(const struct muon_state *state) {
    return state->floats != NULL ? (void *)state->floats : (void *)state->doubles;
}

/* Values and state, by index and checked by name. */
static void transfer(struct muon_sgd *from, const struct support_network *a, struct muon_sgd *to,
                     struct support_network *b) {
    assert_int_equal(muon_sgd_state_count(from), muon_sgd_state_count(to));
    for (size_t i = 0; i < muon_sgd_state_count(from); i++) {
        const struct muon_state x = muon_sgd_state(from, i), y = muon_sgd_state(to, i);
        assert_string_equal(x.name, y.name);
        assert_true(x.count == y.count && (x.floats == NULL) != (x.doubles == NULL));
        memcpy(memory_of(&y), memory_of(&x), bytes_of(&x));
    }
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
        memcpy(b->parameters[i].value, a->parameters[i].value, a->parameters[i].count * sizeof(float));
}

static void restored_in_the_middle_the_bits_are_the_same(void **state) {
    (void)state;
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        struct muon_sgd_options options = support_sgd_options("quasi_newton", steps);
        options.nesterov = nesterov;
        options.arm_count = 2;
        options.arms[1] = (struct muon_arm){MUON_SOLVER_admm, muon_options_default(MUON_SOLVER_admm)};
        struct support_network a = support_network_make(8), b = support_network_make(9);
        struct muon_sgd *const whole = support_sgd(&a, &options), *const restored = support_sgd(&b, &options);
        run(whole, &a, 0, broken_at);
        transfer(whole, &a, restored, &b);
        double kept[4];
        for (size_t i = 0; i < SUPPORT_HEAD; i++) { /* what features are made of is known again */
            assert_true(muon_sgd_last_update(whole, i, &kept[0], &kept[1]));
            assert_true(muon_sgd_last_update(restored, i, &kept[2], &kept[3]));
            assert_true(kept[0] == kept[2] && kept[1] == kept[3]);
        }
        assert_true(muon_sgd_radius(whole) == muon_sgd_radius(restored));
        run(whole, &a, broken_at, steps);
        run(restored, &b, broken_at, steps);
        for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
            assert_memory_equal(a.parameters[i].value, b.parameters[i].value,
                                a.parameters[i].count * sizeof(float));
        for (size_t i = 0; i < muon_sgd_state_count(whole); i++) {
            const struct muon_state x = muon_sgd_state(whole, i), y = muon_sgd_state(restored, i);
            assert_memory_equal(memory_of(&x), memory_of(&y), bytes_of(&x));
        }
        muon_sgd_destroy(whole), muon_sgd_destroy(restored);
        support_network_free(&a), support_network_free(&b);
    }
}

/* Every piece is needed: without it the bits differ. */
static void nothing_of_the_state_is_idle(void **state) {
    (void)state;
    const struct muon_sgd_options options = support_sgd_options("quasi_newton", steps);
    struct support_network a = support_network_make(8);
    struct muon_sgd *const whole = support_sgd(&a, &options);
    for (size_t step = 0; step < broken_at; step++)
        support_network_gradients(&a, 8, step), support_sgd_step(whole, 0);
    bool seen_momentum = false, seen_warm = false, seen_step = false;
    for (size_t i = 0; i < muon_sgd_state_count(whole); i++) {
        const struct muon_state piece = muon_sgd_state(whole, i);
        bool any = false;
        for (size_t k = 0; k < piece.count; k++)
            any = any || (piece.floats != NULL ? piece.floats[k] != 0 : piece.doubles[k] != 0);
        assert_true(any || piece.count == 1); /* of one column the best X' is 0 */
        seen_momentum = seen_momentum || strcmp(piece.name, "momentum.conv") == 0;
        seen_warm = seen_warm || strcmp(piece.name, "warm.conv") == 0;
        seen_step = seen_step || (strcmp(piece.name, "optimiser.step") == 0 && piece.doubles[0] == broken_at);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(piece.name, muon_sgd_state(whole, k).name);
    }
    assert_true(seen_momentum && seen_warm && seen_step);
    muon_sgd_destroy(whole);
    support_network_free(&a);
}

/* The last step of a linear schedule is past: the radius is 0 and nothing moves. */
static void after_the_last_step_nothing_moves(void **state) {
    (void)state;
    const struct muon_sgd_options options = support_sgd_options("spectral_clip", 2);
    struct support_network a = support_network_make(8);
    struct muon_sgd *const sgd = support_sgd(&a, &options);
    for (size_t step = 0; step < 2; step++)
        support_network_gradients(&a, 8, step), support_sgd_step(sgd, 0);
    assert_true(muon_sgd_radius(sgd) == 0);
    float before[400], head[80];
    memcpy(before, a.parameters[SUPPORT_TALL].value, sizeof before);
    memcpy(head, a.parameters[SUPPORT_HEAD].value, sizeof head);
    support_sgd_step(sgd, 0);
    assert_memory_equal(before, a.parameters[SUPPORT_TALL].value, sizeof before);
    assert_memory_equal(head, a.parameters[SUPPORT_HEAD].value, sizeof head);
    muon_sgd_destroy(sgd);
    support_network_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(restored_in_the_middle_the_bits_are_the_same),
        cmocka_unit_test(nothing_of_the_state_is_idle),
        cmocka_unit_test(after_the_last_step_nothing_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
