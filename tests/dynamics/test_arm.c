/* Arms: written, read, named, and refused in one line. */
#include "support/dynamics.h"

#include <stdio.h>
#include <string.h>

static void one_arm_and_its_shortest_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *name;
        size_t budget;
        double multiplier;
    } good[] = {{"quasi_newton", "quasi_newton", 0, 1},
                {"quasi_newton:1", "quasi_newton", 0, 1},
                {"quasi_newton:0.50", "quasi_newton:0.5", 0, 0.5},
                {"frank_wolfe@10:2", "frank_wolfe@10:2", 10, 2},
                {"frank_wolfe@20", "frank_wolfe", 0, 1},
                {"frank_wolfe@020:1e0", "frank_wolfe", 0, 1},
                {"admm@1000000", "admm@1000000", 1000000, 1},
                {"spectral_clip:0.001", "spectral_clip:0.001", 0, 0.001},
                {"msign_tangent:1000", "msign_tangent:1000", 0, 1000},
                {"admm:0.1", "admm:0.1", 0, 0.1},
                {"admm:0.3333333333333333", "admm:0.3333333333333333", 0, 1.0 / 3}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct trm_arm arm, again;
        char name[TRM_ARM_NAME];
        assert_int_equal(trm_arm_parse(good[i].text, &arm, NULL), TRM_OK);
        assert_int_equal(arm.budget, good[i].budget);
        assert_true(arm.radius_multiplier == good[i].multiplier);
        trm_arm_name(&arm, name);
        assert_string_equal(name, good[i].name);
        assert_int_equal(trm_arm_parse(name, &again, NULL), TRM_OK);
        assert_true(again.solver == arm.solver && again.budget == arm.budget &&
                    again.radius_multiplier == arm.radius_multiplier);
    }
}

static void the_default_arms_are_the_labels(void **state) {
    (void)state;
    const struct trm_arms arms = trm_arms_default();
    char text[TRM_ARMS_MAX * TRM_ARM_NAME];
    struct trm_arms again;
    trm_arms_name(&arms, text);
    assert_string_equal(text, "spectral_clip,dual_ascent,quasi_newton,frank_wolfe,admm");
    assert_int_equal(trm_arms_parse(text, &again, NULL), TRM_OK);
    assert_int_equal(again.count, 5);
    assert_true(trm_arms_equal(&again, &arms));
    again.at[4].radius_multiplier = 2;
    assert_false(trm_arms_equal(&again, &arms));
    again.count = 4;
    assert_false(trm_arms_equal(&again, &arms));
    assert_int_equal(trm_arms_find(&again, "quasi_newton"), 2);
    assert_int_equal(trm_arms_find(&again, "quasi_newton:2"), -1);
}

static void refused(const char *text, enum trm_status expected, const char *words) {
    struct trm_arms arms = {.count = 7};
    struct trm_error error = {TRM_OK, ""};
    if (trm_arms_parse(text, &arms, &error) != expected || strstr(error.text, words) == NULL ||
        strchr(error.text, '\n') != NULL)
        fail_msg("'%s': %s", text, error.text);
    assert_int_equal(arms.count, 7);
}

static void bad_arms_are_refused_in_one_line(void **state) {
    (void)state;
    refused("", TRM_NOT_FOUND, "is no solver");
    refused("quasi_neutron", TRM_NOT_FOUND, "'quasi_neutron' is no solver");
    refused("admm,", TRM_NOT_FOUND, "'' is no solver");
    refused("admm, quasi_newton", TRM_NOT_FOUND, "' quasi_newton'");
    refused("admm@0", TRM_INVALID, "budget");
    refused("admm@-3", TRM_INVALID, "budget");
    refused("admm@", TRM_INVALID, "budget");
    refused("admm@1e3", TRM_INVALID, "'e3' is no part");
    refused("admm@1000001", TRM_INVALID, "budget");
    refused("admm@99999999999999999999999", TRM_INVALID, "budget");
    refused("spectral_clip@3", TRM_INVALID, "has no iterations");
    refused("admm:", TRM_INVALID, "multiplier");
    refused("admm:0", TRM_INVALID, "multiplier");
    refused("admm:-1", TRM_INVALID, "multiplier");
    refused("admm:nan", TRM_INVALID, "multiplier");
    refused("admm:0x1p1", TRM_INVALID, "multiplier");
    refused("admm: 1", TRM_INVALID, "multiplier");
    refused("admm:1001", TRM_INVALID, "multiplier");
    refused("admm:0.5:0.5", TRM_INVALID, "no part");
    refused("admm:0.5,admm@50:0.5", TRM_INVALID, "'admm:0.5' is there twice");
    refused("admm,muon", TRM_INVALID, "leaves the manifold");
    refused("muon:2,muon,admm", TRM_INVALID, "leaves the manifold");
    char many[1024] = "admm";
    for (int i = 1; i <= TRM_ARMS_MAX; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), ",admm@%d", i);
    refused(many, TRM_INVALID, "one arm too many");
    char longest[400];
    memset(longest, 'a', sizeof longest - 1), longest[sizeof longest - 1] = '\0';
    refused(longest, TRM_NOT_FOUND, "is no solver");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_arm_and_its_shortest_name),
                                       cmocka_unit_test(the_default_arms_are_the_labels),
                                       cmocka_unit_test(bad_arms_are_refused_in_one_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
