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
        *p = held, p->grad = NULL;
        create_refuses(&net, "no gradient");
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_or_there_twice),
        cmocka_unit_test(gradients_that_are_not_finite),
        cmocka_unit_test(halves_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
