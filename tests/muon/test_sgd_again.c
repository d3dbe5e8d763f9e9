/* Several arms tried from one state: what is put back goes on to the same bits as if nothing had been tried. */
#include "support_sgd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 6, ARMS = 3 };

static struct muon_sgd_options options_of(bool nesterov) {
    struct muon_sgd_options options = support_sgd_options("quasi_newton", STEPS);
    static const int solvers[ARMS] = {MUON_SOLVER_quasi_newton, MUON_SOLVER_frank_wolfe,
                                      MUON_SOLVER_spectral_clip};
    for (size_t i = 0; i < ARMS; i++)
        options.arms[i] = (struct muon_arm){solvers[i], muon_options_default(solvers[i])};
    options.arm_count = ARMS;
    options.nesterov = nesterov;
    return options;
}

/* Values, gradients and the optimiser's state. */
struct kept {
    float *values[SUPPORT_PARAMETERS], *grads[SUPPORT_PARAMETERS];
    void *state[64];
};

static size_t bytes_of(const struct muon_state *s) {
    return s->count * (s->floats != NULL ? sizeof(float) : sizeof(double));
}

static void *at(const struct muon_state *s) {
    return s->floats != NULL ? (void *)s->floats : (void *)s->doubles;
}

static void *copy_of(const void *data, size_t bytes) {
    void *const copy = malloc(bytes);
    assert_non_null(copy);
    return memcpy(copy, data, bytes);
}

static struct kept keep(struct support_network *n, struct muon_sgd *sgd) {
    struct kept k = {.values = {NULL}};
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++) {
        const size_t bytes = n->parameters[i].count * sizeof(float);
        k.values[i] = copy_of(n->parameters[i].value, bytes);
        k.grads[i] = copy_of(n->grad[i], bytes);
    }
    for (size_t i = 0; i < muon_sgd_state_count(sgd); i++) {
        const struct muon_state s = muon_sgd_state(sgd, i);
        k.state[i] = copy_of(at(&s), bytes_of(&s));
    }
    return k;
}

static void put_back(const struct kept *k, struct support_network *n, struct muon_sgd *sgd) {
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++) {
        memcpy(n->parameters[i].value, k->values[i], n->parameters[i].count * sizeof(float));
        memcpy(n->grad[i], k->grads[i], n->parameters[i].count * sizeof(float));
    }
    for (size_t i = 0; i < muon_sgd_state_count(sgd); i++) {
        const struct muon_state s = muon_sgd_state(sgd, i);
        memcpy(at(&s), k->state[i], bytes_of(&s));
    }
}

static void forget(struct kept *k) {
    for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
        free(k->values[i]), free(k->grads[i]);
    for (size_t i = 0; i < sizeof k->state / sizeof *k->state; i++)
        free(k->state[i]);
}

/* Every arm twice as far, and with each another two whole steps, so that momentum and problems are others. */
static void try_all(struct support_network *n, struct muon_sgd *sgd, bool far) {
    struct kept k = keep(n, sgd);
    for (size_t arm = 0; arm < ARMS; arm++) {
        assert_int_equal(muon_sgd_solve(sgd, arm, muon_sgd_factor(sgd), 2.0, NULL), TRM_OK);
        assert_int_equal(muon_sgd_finish(sgd, 0.5, 2.0, NULL), TRM_OK);
        for (size_t step = 0; far && step < 2; step++) {
            support_network_gradients(n, 99, step);
            support_sgd_step(sgd, arm);
        }
        put_back(&k, n, sgd);
        assert_int_equal(muon_sgd_again(sgd, far, NULL), TRM_OK);
    }
    forget(&k);
}

/* In pieces: the update as solve and finish. */
static struct support_network trained(bool nesterov, bool tries, bool far, bool pieces) {
    struct support_network n = support_network_make(5);
    const struct muon_sgd_options options = options_of(nesterov);
    struct muon_sgd *const sgd = support_sgd(&n, &options);
    for (size_t step = 0; step < STEPS; step++) {
        support_network_gradients(&n, 5, step);
        assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
        if (tries)
            try_all(&n, sgd, far);
        const double factor = muon_sgd_factor(sgd);
        if (pieces) {
            assert_int_equal(muon_sgd_solve(sgd, step % ARMS, factor, 1.0, NULL), TRM_OK);
            assert_int_equal(muon_sgd_finish(sgd, factor, 1.0, NULL), TRM_OK);
        } else
            assert_int_equal(muon_sgd_update(sgd, step % ARMS, NULL), TRM_OK);
    }
    muon_sgd_destroy(sgd);
    return n;
}

static void trying_leaves_no_trace(void **state) {
    (void)state;
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        struct support_network plain = trained(nesterov == 1, false, false, false);
        for (int way = 0; way < 4; way++) {
            struct support_network other = trained(nesterov == 1, way > 0, way > 1, way % 2 == 0);
            for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
                assert_memory_equal(plain.parameters[i].value, other.parameters[i].value,
                                    plain.parameters[i].count * sizeof(float));
            support_network_free(&other);
        }
        support_network_free(&plain);
    }
}

/* The multiplier reaches radius and spectral_clip's lr, and the caller's scaling of A reaches the weights. */
static void a_step_can_be_read_and_scaled(void **state) {
    (void)state;
    struct support_network n = support_network_make(7);
    const struct muon_sgd_options options = options_of(false);
    struct muon_sgd *const sgd = support_sgd(&n, &options);
    support_network_gradients(&n, 7, 0);
    assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
    assert_null(muon_sgd_step(sgd, SUPPORT_HEAD).data);
    for (size_t arm = 0; arm < ARMS; arm++) {
        double norm[2], decrease[2];
        for (int twice = 0; twice < 2; twice++) {
            assert_int_equal(muon_sgd_solve(sgd, arm, 0.25, 1.0 + twice, NULL), TRM_OK);
            norm[twice] = muon_sgd_report(sgd, SUPPORT_TALL)->info.frobenius;
            decrease[twice] = muon_sgd_report(sgd, SUPPORT_TALL)->info.primal;
        }
        const double loose = options.arms[arm].solver == MUON_SOLVER_frank_wolfe ? 0.1 : 1e-2;
        assert_true(fabs(norm[1] - 2 * norm[0]) < loose * norm[0]);
        assert_true(fabs(decrease[1] - 2 * decrease[0]) < loose * decrease[0]);
    }
    const struct muon_matrix A = muon_sgd_step(sgd, SUPPORT_TALL);
    assert_true(A.dtype == MUON_F64 && A.rows == 40 && A.cols == 10);
    const size_t bytes = n.parameters[SUPPORT_TALL].count * sizeof(float);
    float *const before = copy_of(n.parameters[SUPPORT_TALL].value, bytes);
    double moved = 0.0;
    for (size_t i = 0; i < A.rows * A.cols; i++)
        ((double *)A.data)[i] = 0.0;
    assert_int_equal(muon_sgd_finish(sgd, 0.25, 2.0, NULL), TRM_OK);
    for (size_t i = 0; i < n.parameters[SUPPORT_TALL].count; i++)
        moved = fmax(moved, fabs((double)before[i] - (double)n.parameters[SUPPORT_TALL].value[i]));
    assert_true(moved < 1e-6);
    free(before);
    muon_sgd_destroy(sgd);
    support_network_free(&n);
}

static void pieces_out_of_order_are_refused(void **state) {
    (void)state;
    struct support_network n = support_network_make(9);
    const struct muon_sgd_options options = options_of(false);
    struct muon_sgd *const sgd = support_sgd(&n, &options);
    assert_int_equal(muon_sgd_solve(sgd, 0, 1, 1, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_finish(sgd, 1, 1, NULL), TRM_INVALID);
    support_network_gradients(&n, 9, 0);
    assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
    assert_int_equal(muon_sgd_finish(sgd, 1, 1, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_solve(sgd, ARMS, 1, 1, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_solve(sgd, 0, 1, 0, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_solve(sgd, 0, 0, 1, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_solve(sgd, 0, 1e60, 1e60, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_solve(sgd, 0, 1, 1, NULL), TRM_OK);
    assert_int_equal(muon_sgd_finish(sgd, NAN, 1, NULL), TRM_INVALID);
    assert_int_equal(muon_sgd_finish(sgd, 1, 1, NULL), TRM_OK);
    assert_int_equal(muon_sgd_finish(sgd, 1, 1, NULL), TRM_INVALID);
    muon_sgd_destroy(sgd);
    support_network_free(&n);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(trying_leaves_no_trace),
                                       cmocka_unit_test(a_step_can_be_read_and_scaled),
                                       cmocka_unit_test(pieces_out_of_order_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
