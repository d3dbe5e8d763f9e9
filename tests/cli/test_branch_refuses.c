/* Bad input for branch states: one clear line, exit status 2 or 1, nothing left behind. */
#include "cli/support.h"

#include "data/data.h"

static void refuse(void **state, int exit_status, const char *word, const char *const *extra) {
    const char *arguments[32] = {"collect", "--output", "run.db"};
    size_t count = 3;
    struct run r;
    for (; extra[count - 3] != NULL; count++)
        arguments[count] = extra[count - 3];
    run_program(&r, *state, arguments);
    expect_refusal(&r, exit_status, word);
    assert_int_equal(support_entries(*state), 0);
}
#define REFUSE(exit_status, word, ...)                                                                       \
    refuse(state, exit_status, word, (const char *const[]){__VA_ARGS__, NULL})
#define BRANCH "--solver", "admm", "--oracle", "branch"

static void test_values(void **state) {
    REFUSE(2, "oracle", "--solver", "admm", "--oracle", "merge");
    REFUSE(2, "branch-every", BRANCH, "--branch-every", "0");
    REFUSE(2, "probes", BRANCH, "--probes", "0");
    REFUSE(2, "probes", BRANCH, "--probes", "1025");
    REFUSE(2, "match", BRANCH, "--match", "nuclear");
    REFUSE(2, "look-every", BRANCH, "--look-every", "0");
    REFUSE(2, "hold", BRANCH, "--look-every", "1", "--holdout", "100", "--hold", "0");
    REFUSE(2, "anneal", BRANCH, "--look-every", "1", "--holdout", "100", "--anneal", "-1");
    REFUSE(2, "look-repeats", BRANCH, "--look-every", "1", "--holdout", "100", "--look-repeats", "17");
    REFUSE(2, "'quasi_neutron' is no solver", BRANCH, "--arms", "quasi_neutron");
    REFUSE(2, "is there twice", BRANCH, "--arms", "admm,admm:1");
    REFUSE(2, "the multiplier", BRANCH, "--arms", "admm:0");
    REFUSE(2, "--arms", BRANCH, "--arms", "");
}

static void test_what_goes_together(void **state) {
    REFUSE(2, "--probes has a meaning with --oracle branch only", "--solver", "admm", "--probes", "3");
    REFUSE(2, "--arms has a meaning", "--solver", "admm", "--arms", "admm");
    REFUSE(2, "--router has a meaning", "--router", "r.safetensors");
    REFUSE(2, "--hold has a meaning with --look-every only", BRANCH, "--hold", "3");
    REFUSE(2, "--look-check has a meaning with --look-every", BRANCH, "--look-check");
    REFUSE(2, "--holdout 5000", BRANCH, "--look-every", "2");
    REFUSE(2, "--match", BRANCH, "--look-every", "2", "--holdout", "100", "--match", "frobenius");
    REFUSE(2, "multiple of --record-every", BRANCH, "--branch-every", "3", "--record-every", "2");
    REFUSE(2, "--solver random goes with --oracle branch", "--solver", "random");
    REFUSE(2, "give one of them", BRANCH, "--router", "r.safetensors");
    REFUSE(2, "--solver is missing", "--oracle", "branch");
    REFUSE(2, "--optimizer manifold_muon", "--optimizer", "sgd", "--oracle", "branch");
    REFUSE(2, "random", "--solver", "router", "--oracle", "branch"); /* the list of names */
}

static void test_files_and_mixtures(void **state) {
    struct data_info info;
    const struct data_options package = {0};
    REFUSE(1, "nowhere.safetensors", "--oracle", "branch", "--router", "nowhere.safetensors");
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
    REFUSE(1, "muon leaves the manifold", "--solver", "muon", "--oracle", "branch", "--train-limit", "256");
    REFUSE(1, "one too many", "--solver", "quasi_newton", "--oracle", "branch", "--train-limit", "256",
           "--arms",
           "admm@1,admm@2,admm@3,admm@4,admm@5,admm@6,admm@7,admm@8,admm@9,admm@10,admm@11,admm@12,admm@13,"
           "admm@14,admm@15,admm@16");
    REFUSE(1, "give fewer", BRANCH, "--probes", "1024", "--epochs", "1000000");
}

static void test_online(void **state) {
    static const char *const bad[][2] = {{"", "--arms"},
                                         {"quasi_neutron", "'quasi_neutron' is no solver"},
                                         {"admm:0", "the multiplier"},
                                         {"admm,admm@50", "is there twice"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct run r;
        RUN(&r, *state, "online", "--router", "r.safetensors", "--arms", bad[i][0]);
        expect_refusal(&r, 2, bad[i][1]);
    }
    assert_int_equal(support_entries(*state), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_what_goes_together, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_online, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_files_and_mixtures, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
