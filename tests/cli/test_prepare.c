/* prepare and evaluate from outside: what they print, write and refuse. */
#include "cli/support_store.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int make(void **state) {
    if (support_folder_make(state) != 0)
        return 1;
    put_store(state, "da.db", "dual_ascent", 0);
    put_store(state, "admm.db", "admm", 1);
    put_store(state, "fw.db", "frank_wolfe", 2);
    return 0;
}

static void test_prepare_says_what_it_made(void **state) {
    struct run r;
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "--output", "new/merged.db");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "360 (3 runs, 1 seed, 120 shared steps)"));
    assert_non_null(strstr(r.out, "feature dimension  12"));
    assert_non_null(strstr(r.out, "dual_ascent      120  33.3 "));
    assert_non_null(strstr(r.out, "missing solvers    spectral_clip, quasi_newton"));
    assert_non_null(strstr(r.out, "10 blocks of 12 steps"));
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "new/merged.db");
    expect_refusal(&r, 1, "--force");
    RUN(&r, *state, "prepare", "--output", "new/merged.db", "--force", "--json", "--inputs", "da.db",
        "admm.db");
    assert_int_equal(r.exit_status, 0);
    json_t *const object = json_loads(r.out, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_integer_value(json_object_get(object, "samples")), 240);
    assert_int_equal(json_integer_value(json_object_get(object, "feature_dim")), 12);
    json_t *const admm = json_array_get(json_object_get(object, "solvers"), 4);
    assert_string_equal(json_string_value(json_object_get(admm, "solver")), "admm");
    assert_int_equal(json_integer_value(json_object_get(admm, "steps")) * 2,
                     json_integer_value(json_object_get(admm, "samples")));
    json_decref(object);
}

static void test_prepare_refuses(void **state) {
    char path[SUPPORT_PATH];
    struct run r;
    RUN(&r, *state, "prepare", "--inputs", "da.db", "--output", "x.db");
    expect_refusal(&r, 1, "of dual_ascent alone");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "absent.db", "--output", "x.db");
    expect_refusal(&r, 1, "absent.db");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "da.db", "admm.db", "--output", "x.db");
    expect_refusal(&r, 1, "both are runs of dual_ascent");
    RUN(&r, *state, "prepare", "--output", "x.db");
    expect_refusal(&r, 2, "--inputs is missing");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db");
    expect_refusal(&r, 2, "--output is missing");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "da.db", "--force");
    expect_refusal(&r, 1, "both input and output");
    support_put(support_path(path, state, "text.db"), "hello", 5);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "text.db", "--output", "x.db");
    expect_refusal(&r, 1, "text.db");
    assert_int_not_equal(access(support_path(path, state, "x.db"), F_OK), 0);
}

static void test_a_class_never_seen_is_said(void **state) {
    struct run r;
    put_store(state, "never.db", "spectral_clip", 9);
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "never.db", "--output",
        "never-out.db");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(r.err_lines, 1);
    assert_non_null(strstr(r.err, "spectral_clip is best at no step"));
}

static void test_evaluate(void **state) {
    static char first[65536], second[65536];
    char path[SUPPORT_PATH];
    struct run r;
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "fw.db", "--output", "d.db");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "train", "--data", "d.db", "--output", "r.safetensors", "--size", "tiny", "--epochs",
        "2");
    assert_int_equal(r.exit_status, 0);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-split", "0.2",
        "--baseline-epochs", "2", "--output", "a.json", "--plot", "c.png");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "oracle agreement"));
    assert_non_null(strstr(r.out, "expected loss change vs always admm"));
    assert_non_null(strstr(r.out, "not in the data       spectral_clip, quasi_newton"));
    assert_non_null(strstr(r.out, "winner's curse"));
    assert_int_equal(access(support_path(path, state, "c.png"), F_OK), 0);
    assert_int_equal(access(support_path(path, state, "c.svg"), F_OK), 0);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--baseline-epochs", "2",
        "--output", "b.json");
    assert_int_equal(r.exit_status, 0);
    get_file(*state, "a.json", first, sizeof first);
    get_file(*state, "b.json", second, sizeof second);
    assert_true(strlen(first) > 1000);
    assert_string_equal(first, second);
    json_t *const object = json_loads(first, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(object, "policies"), 0), "name")),
        "router");
    json_decref(object);
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--output", "b.json");
    expect_refusal(&r, 1, "--force");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-split", "0.3");
    expect_refusal(&r, 1, "0.2");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "da.db");
    expect_refusal(&r, 1, "is no data set");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--plot", "c.gif");
    expect_refusal(&r, 1, ".png");
    RUN(&r, *state, "prepare", "--inputs", "da.db", "admm.db", "--output", "two.db");
    RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "two.db");
    expect_refusal(&r, 1, "the router's own data set");
}

static void test_evaluate_refuses_shares(void **state) {
    static const char *const shares[] = {"0", "1", "-0.5", "nan", "x"};
    struct run r;
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        RUN(&r, *state, "evaluate", "--model", "r.safetensors", "--data", "d.db", "--test-split", shares[i]);
        expect_refusal(&r, 2, "--test-split");
    }
    RUN(&r, *state, "evaluate", "--model", "absent.safetensors", "--data", "d.db");
    expect_refusal(&r, 1, "absent.safetensors");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, support_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_prepare_says_what_it_made),  IN_FOLDER(test_prepare_refuses),
        IN_FOLDER(test_a_class_never_seen_is_said), IN_FOLDER(test_evaluate),
        IN_FOLDER(test_evaluate_refuses_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
