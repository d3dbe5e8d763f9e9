/* online from outside: what it prints and refuses. */
#include "cli/support.h"

#include "data/data.h"
#include "router/router.h"

#include <jansson.h>
#include <string.h>

static void put_router(void **state, const char *name) {
    char path[SUPPORT_PATH];
    struct trm_router_config config;
    struct trm_router *router;
    assert_int_equal(trm_router_config_named("tiny", &config, NULL), TRM_OK);
    assert_int_equal(trm_router_create(&router, &config, 1, NULL), TRM_OK);
    struct trm_router_origin origin = *trm_router_origin(router);
    origin.present = 1 << 0 | 1 << 4; /* spectral_clip and admm */
    trm_router_set_origin(router, &origin);
    assert_int_equal(trm_router_save(support_path(path, state, name), router, true, NULL), TRM_OK);
    trm_router_destroy(router);
}

static void wrong_use_is_refused(void **state) {
    struct run r;
    RUN(&r, *state, "online");
    expect_refusal(&r, 2, "--router is missing");
    RUN(&r, *state, "online", "--router", "r", "--solver", "admm");
    expect_refusal(&r, 2, "unknown option '--solver'");
    RUN(&r, *state, "online", "--router", "r", "--interval", "0");
    expect_refusal(&r, 2, "--interval '0'");
    RUN(&r, *state, "online", "--router", "r", "--seeds", "4,4");
    expect_refusal(&r, 2, "--seeds '4,4'");
    RUN(&r, *state, "online", "--router", "r", "--seeds", "4,5", "--seed", "1");
    expect_refusal(&r, 2, "give one of them");
    RUN(&r, *state, "online", "--router", "r", "--optimizer", "sgd");
    expect_refusal(&r, 2, "--optimizer");
    RUN(&r, *state, "online", "--router", "r", "--opponents", "exp3,exp4");
    expect_refusal(&r, 2, "--opponents: 'exp4' is no opponent");
    RUN(&r, *state, "online", "--router", "r", "--opponents", "exp3,random,exp3");
    expect_refusal(&r, 2, "'exp3' is there twice");
    RUN(&r, *state, "online", "--router", "r", "--opponents", "exp3,");
    expect_refusal(&r, 2, "'' is no opponent");
    RUN(&r, *state, "online", "--router", "r", "--opponents", "two_phase");
    expect_refusal(&r, 2, "give it");
    RUN(&r, *state, "online", "--router", "r", "--opponents", "exp3", "--data", "d.db");
    expect_refusal(&r, 2, "leave it out");
    RUN(&r, *state, "online", "--router", "r", "--resume", "--force");
    expect_refusal(&r, 2, "give one of them");
}

static void need_data(void) {
    struct data_info info;
    const struct data_options package = {0};
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
}

/* stderr also says what would have run, so that expect_refusal does not fit. */
static void expect_failure(const struct run *r, const char *word) {
    assert_int_equal(r->exit_status, 1);
    assert_string_equal(r->out, "");
    if (strstr(r->err, word) == NULL)
        fail_msg("no '%s' in: %s", word, r->err);
}

#define SMALL                                                                                                \
    "--model", "mlp", "--width", "0.125", "--epochs", "2", "--train-limit", "96", "--batch-size", "32",      \
        "--threads", "1"

static void bad_files_are_refused(void **state) {
    struct run r;
    char path[SUPPORT_PATH];
    need_data();
    RUN(&r, *state, "online", "--router", "none.safetensors", SMALL);
    expect_failure(&r, "none.safetensors");
    support_put(support_path(path, state, "noise.safetensors"), "0123456789", 10);
    RUN(&r, *state, "online", "--router", "noise.safetensors", SMALL);
    expect_failure(&r, "noise.safetensors");
    put_router(state, "router.safetensors");
    support_put(support_path(path, state, "text.db"), "text", 4);
    RUN(&r, *state, "online", "--router", "router.safetensors", "--output", "text.db", "--resume", SMALL);
    expect_failure(&r, "text.db");
    RUN(&r, *state, "online", "--router", "router.safetensors", "--output", "text.db", SMALL);
    expect_failure(&r, "exists already");
}

static double number(const json_t *object, const char *key) {
    const json_t *const value = json_object_get(object, key);
    if (!json_is_number(value))
        fail_msg("no number '%s'", key);
    return json_number_value(value);
}

/* Two seeds, four policies and their shares; the default output is announced. */
static void json_holds_every_policy(void **state) {
    static const char *const names[] = {"router", "random", "spectral_clip", "admm"};
    struct run r;
    need_data();
    put_router(state, "router.safetensors");
    RUN(&r, *state, "online", "--router", "router.safetensors", "--baselines", "--seeds", "2", "--seed", "7",
        "--json", SMALL);
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "-> results/online-7.db"));
    json_t *const object = json_loads(r.out, 0, NULL);
    const json_t *const policies = json_object_get(object, "policies"), *share;
    assert_int_equal(json_array_size(json_object_get(object, "runs")), 8);
    assert_int_equal(json_array_size(policies), 4);
    for (size_t p = 0; p < 4; p++) {
        const json_t *const policy = json_array_get(policies, p), *value;
        const char *name;
        double sum = 0.0;
        assert_string_equal(json_string_value(json_object_get(policy, "policy")), names[p]);
        assert_int_equal((int)number(json_object_get(policy, "test_accuracy"), "seeds"), 2);
        assert_int_equal(json_array_size(json_object_get(policy, "share_by_epoch")), 2);
        share = json_array_get(json_object_get(policy, "share_by_epoch"), 1);
        json_object_foreach((json_t *)share, name, value) sum += json_number_value(value);
        assert_true(sum > 0.999999 && sum < 1.000001);
    }
    json_decref(object);
    RUN(&r, *state, "online", "--router", "router.safetensors", "--baselines", "--seeds", "7,8", "--resume",
        "--output", "results/online-7.db", SMALL);
    assert_int_equal(r.exit_status, 0); /* nothing was left to do: the table */
    assert_non_null(strstr(r.out, "overhead of deciding"));
    assert_non_null(strstr(r.out, "\nrandom "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_use_is_refused, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(bad_files_are_refused, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(json_holds_every_policy, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
