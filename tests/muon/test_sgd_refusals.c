/* What MuonSGD refuses of its caller, with which status and words. */
#include "support_sgd.h"

#include <math.h>
#include <string.h>

static void create_refuses(struct support_network *net, const char *words) {
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *sgd = (void *)net;
    struct trm_error error = {.text = ""};
    assert_int_equal(muon_sgd_create(&sgd, net->parameters, SUPPORT_PARAMETERS, &options, &error),
                     TRM_INVALID);
    assert_null(sgd);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
}

static void what_is_missing_or_there_twice(void **state) {
    (void)state;
    const size_t indices[] = {SUPPORT_TALL, SUPPORT_BIAS}; /* on the manifold, and off it */
    for (size_t k = 0; k < 2; k++) {
        struct support_network net = support_network_make(1);
        struct muon_parameter *const p = &net.parameters[indices[k]];
        const struct muon_parameter held = *p;
        p->value = NULL;
        create_refuses(&net, "no value");
        *p = held, p->name = NULL;
        create_refuses(&net, "no name");
        *p = held, p->name = net.parameters[SUPPORT_CONV].name;
        create_refuses(&net, "two parameters are called");
        *p = held;
        support_network_free(&net);
    }
    const struct muon_sgd_options options = support_sgd_options("admm", 5);
    struct muon_sgd *sgd;
    assert_int_equal(muon_sgd_create(&sgd, NULL, 3, &options, NULL), TRM_INVALID);
    assert_null(sgd);
    assert_int_equal(muon_sgd_create(&sgd, NULL, 0, &options, NULL), TRM_OK); /* nothing to train is fine */
    muon_sgd_destroy(sgd);
}

/* On the manifold and off it; the momentum and the count of steps are those of before. */
static void gradients_that_are_not_finite(void **state) {
    (void)state;
    const size_t indices[] = {SUPPORT_TALL, SUPPORT_HEAD, SUPPORT_BIAS};
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++) {
        struct support_network net = support_network_make(2);
        const struct muon_sgd_options options = support_sgd_options("admm", 5);
        struct muon_sgd *const sgd = support_sgd(&net, &options);
        support_network_gradients(&net, 2, 0);
        support_sgd_step(sgd, 0);
        const struct muon_state momentum = muon_sgd_state(sgd, 1 + SUPPORT_CONV);
        const float before = momentum.floats[0];
        support_network_gradients(&net, 2, 1);
        net.grad[indices[k]][2] = bad[k];
        struct trm_error error = {.text = ""};
        assert_int_equal(muon_sgd_accumulate(sgd, &error), TRM_NOT_FINITE);
        assert_non_null(strstr(error.text, net.parameters[indices[k]].name));
        assert_non_null(strstr(error.text, "step 1"));
        assert_true(momentum.floats[0] == before);
        assert_int_equal(muon_sgd_update(sgd, 0, &error), TRM_INVALID); /* no first half */
        muon_sgd_destroy(sgd);
        support_network_free(&net);
    }
}

static void halves_out_of_order(void **state) {
    (void)state;
    struct support_network net = support_network_make(3);
    const struct muon_sgd_options options = support_sgd_options("quasi_newton", 5);
    struct muon_sgd *const sgd = support_sgd(&net, &options);
    struct trm_error error = {.text = ""};
    support_network_gradients(&net, 3, 0);
    assert_int_equal(muon_sgd_update(sgd, 0, &error), TRM_INVALID);
    assert_non_null(strstr(error.text, "muon_sgd_accumulate"));
    support_sgd_step(sgd, 0);
    assert_int_equal(muon_sgd_update(sgd, 0, &error), TRM_INVALID); /* the half was used */
    support_sgd_step(sgd, 0);
    muon_sgd_destroy(sgd);
    support_network_free(&net);
}

/* One on the manifold and one off it: value, momentum and warm start stay, the others' steps are as ever. */
static void a_parameter_without_gradient_stays(void **state) {
    (void)state;
    const size_t without[] = {SUPPORT_TALL, SUPPORT_HEAD};
    for (int nesterov = 0; nesterov < 2; nesterov++) {
        struct support_network net = support_network_make(4), twin = support_network_make(4);
        struct muon_sgd_options options = support_sgd_options("quasi_newton", 5);
        options.nesterov = nesterov == 1;
        struct muon_sgd *const sgd = support_sgd(&net, &options), *const all = support_sgd(&twin, &options);
        support_network_gradients(&net, 4, 0), support_network_gradients(&twin, 4, 0);
        support_sgd_step(sgd, 0), support_sgd_step(all, 0);
        support_network_gradients(&net, 4, 1), support_network_gradients(&twin, 4, 1);
        for (size_t k = 0; k < 2; k++) {
            net.grad[without[k]][0] = NAN; /* nobody looks */
            muon_sgd_set_grad(sgd, without[k], NULL);
        }
        float before[SUPPORT_PARAMETERS], momentum[SUPPORT_PARAMETERS];
        for (size_t i = 0; i < SUPPORT_PARAMETERS; i++) {
            before[i] = net.parameters[i].value[1];
            momentum[i] = muon_sgd_state(sgd, 1 + i).floats[1];
        }
        support_sgd_step(sgd, 0), support_sgd_step(all, 0);
        for (size_t i = 0; i < SUPPORT_PARAMETERS; i++)
            if (i == without[0] || i == without[1]) {
                assert_true(net.parameters[i].value[1] == before[i]);
                assert_true(muon_sgd_state(sgd, 1 + i).floats[1] == momentum[i]);
            } else {
                assert_true(net.parameters[i].value[1] != before[i]);
                assert_true(net.parameters[i].value[1] == twin.parameters[i].value[1]);
            }
        for (size_t k = 0; k < 2; k++) /* between the halves it undoes the first */
            muon_sgd_set_grad(sgd, without[k], twin.grad[without[k]]);
        assert_int_equal(muon_sgd_accumulate(sgd, NULL), TRM_OK);
        muon_sgd_set_grad(sgd, without[0], twin.grad[without[0]]);
        assert_int_equal(muon_sgd_update(sgd, 0, NULL), TRM_INVALID);
        muon_sgd_destroy(sgd), muon_sgd_destroy(all);
        support_network_free(&net), support_network_free(&twin);
    }
}

/* The caller's struct of an earlier and of a later version, and one that no default began. */
static void options_of_other_versions(void **state) {
    (void)state;
    struct {
        struct muon_sgd_options options;
        double later;
    } newer = {.later = 0.0};
    muon_sgd_options_init(&newer.options, sizeof newer);
    assert_null(muon_sgd_options_check(&newer.options));
    newer.later = 1.0;
    assert_non_null(strstr(muon_sgd_options_check(&newer.options), "does not know"));
    const size_t first = offsetof(struct muon_sgd_options, arm_count) + sizeof(size_t);
    struct muon_sgd_options older;
    memset(&older, 0xff, sizeof older);
    muon_sgd_options_init(&older, first);
    assert_null(muon_sgd_options_check(&older));
    older.size = first - 1;
    assert_non_null(strstr(muon_sgd_options_check(&older), "_default"));
    struct muon_options forgotten = {.tol = 0.1, .max_iter = 1, .lr = 0.1};
    assert_non_null(strstr(muon_options_check(&forgotten, 4), "_default"));
    forgotten = muon_options_default(MUON_SOLVER_admm);
    forgotten.room[1] = 1.0;
    assert_non_null(strstr(muon_options_check(&forgotten, 4), "does not know"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_or_there_twice),
        cmocka_unit_test(gradients_that_are_not_finite),
        cmocka_unit_test(halves_out_of_order),
        cmocka_unit_test(a_parameter_without_gradient_stays),
        cmocka_unit_test(options_of_other_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
