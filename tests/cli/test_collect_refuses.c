/* Bad input for collect: one clear line, exit status 1 or 2, nothing left behind, nothing overwritten. */
#include "cli/support.h"

#include "data/data.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Refused, with this word, and the folder is as it was. */
static void refuse(void **state, int exit_status, const char *word, const char *const *extra) {
    const char *arguments[24] = {"collect", "--solver", "admm", "--epochs", "1", "--output", "run.db"};
    size_t count = 7;
    struct run r;
    const size_t before = support_entries(*state);
    for (; extra[count - 7] != NULL; count++)
        arguments[count] = extra[count - 7];
    run_program(&r, *state, arguments);
    expect_refusal(&r, exit_status, word);
    assert_int_equal(support_entries(*state), before);
}
#define REFUSE(exit_status, word, ...)                                                                       \
    refuse(state, exit_status, word, (const char *const[]){__VA_ARGS__, NULL})

static void test_options(void **state) {
    REFUSE(2, "batch-size", "--batch-size", "0");
    REFUSE(2, "lr", "--lr", "nan");
    REFUSE(2, "lr", "--lr", "-1");
    REFUSE(2, "momentum", "--momentum", "1");
    REFUSE(2, "--nesterov needs momentum", "--nesterov", "--momentum", "0"); /* alone it is on */
    REFUSE(2, "give on or off", "--nesterov", "maybe");
    REFUSE(2, "certify", "--certify", "sometimes");
    REFUSE(2, "max-iter", "--max-iter", "-3");
    REFUSE(2, "tol", "--tol", "0");
    REFUSE(2, "spectral-budget", "--spectral-budget", "inf");
    REFUSE(2, "schedule", "--schedule", "sometimes");
    REFUSE(2, "model", "--model", "big_cnn");
    REFUSE(2, "width", "--width", "0");
    REFUSE(2, "dataset", "--dataset", "imagenet");
    REFUSE(2, "augment", "--augment", "maybe");
    REFUSE(2, "train-limit", "--train-limit", "1.5");
    REFUSE(2, "holdout", "--holdout", "0");
    REFUSE(2, "seed", "--seed", "-1");
    REFUSE(2, "thread", "--thread", "2"); /* unknown, near to --threads */
    REFUSE(2, "--resume", "--resume", "--force");
}

static void test_without_a_solver_or_epochs(void **state) {
    struct run r;
    RUN(&r, *state, "collect", "--epochs", "1");
    expect_refusal(&r, 2, "solver");
    RUN(&r, *state, "collect", "--solver", "admn");
    expect_refusal(&r, 2, "quasi_newton"); /* the list of names */
    RUN(&r, *state, "collect", "--solver", "admm", "--epochs", "0");
    expect_refusal(&r, 2, "epochs");
    assert_int_equal(support_entries(*state), 0);
}

/* What belongs to one optimizer is refused beside another. */
static void test_optimizers(void **state) {
    struct run r;
#define REFUSE_WITH(optimizer, word, ...)                                                                    \
    RUN(&r, *state, "collect", "--optimizer", optimizer, "--output", "run.db", __VA_ARGS__);                 \
    expect_refusal(&r, 2, word)
    REFUSE_WITH("rmsprop", "spel", "--epochs", "1");
    REFUSE_WITH("sgd", "--solver", "--solver", "admm");
    REFUSE_WITH("muon", "--tol", "--tol", "1e-3");
    REFUSE_WITH("spel", "--warm-start", "--warm-start", "off");
    REFUSE_WITH("adamw", "--lr", "--spectral-budget", "0.1");
    REFUSE_WITH("adamw", "--nesterov", "--nesterov");
    REFUSE_WITH("spel", "--pull", "--pull", "0.1");
    REFUSE_WITH("sgd", "--pull-to", "--pull-to", "rows");
    REFUSE_WITH("muon", "rows", "--pull-to", "columns");
    REFUSE_WITH("muon", "--pull", "--pull-to", "rows");
    REFUSE_WITH("muon", "[0, 1]", "--pull", "1.5");
    REFUSE_WITH("muon", "[0, 1]", "--pull", "nan");
    REFUSE_WITH("manifold_muon", "--solver", "--epochs", "1");
    assert_int_equal(support_entries(*state), 0);
}

static void test_data_folders(void **state) {
    char path[SUPPORT_PATH];
    REFUSE(1, "nowhere", "--data-dir", "nowhere");
    support_put(support_path(path, state, "file"), "x", 1);
    REFUSE(1, "file", "--data-dir", "file");
    REFUSE(1, "data_batch", "--data-dir", "."); /* names what it looked for */
    support_put(support_path(path, state, "data_batch_1.bin"), "short", 5);
    REFUSE(1, "data_batch_1.bin", "--data-dir", "."); /* its size */
    assert_int_equal(truncate(path, 30730000), 0);
    REFUSE(1, "test_batch.bin", "--data-dir", "."); /* missing */
}

static void test_outputs(void **state) {
    char path[SUPPORT_PATH], kept[64];
    struct run r;
    support_put(support_path(path, state, "file"), "x", 1);
    RUN(&r, *state, "collect", "--solver", "admm", "--output", "file/run.db");
    expect_refusal(&r, 1, "file");
    RUN(&r, *state, "collect", "--solver", "admm", "--output", ".");
    expect_refusal(&r, 1, "folder");
    support_put(support_path(path, state, "run.db"), "old", 3);
    REFUSE(1, "--force", "--threads", "1");
    REFUSE(1, "run.db", "--threads", "1", "--resume"); /* no store */
    get_file(*state, "run.db", kept, sizeof kept);
    assert_string_equal(kept, "old");
}

/* What the network and the sizes of the data decide is said before the data is read, and leaves nothing. */
static void test_sizes_and_names(void **state) {
    struct data_info info;
    const struct data_options package = {0};
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
    REFUSE(1, "--train-limit", "--train-limit", "100000000");
    REFUSE(1, "--holdout", "--holdout", "60000");
    REFUSE(1, "--train-limit", "--holdout", "50000", "--train-limit", "10001");
    REFUSE(1, "--batch-size", "--train-limit", "256", "--batch-size", "512");
    REFUSE(1, "--warmup", "--train-limit", "256", "--warmup", "100");
    REFUSE(1, "conv1.weight", "--manifold", "conv9.weight");
    REFUSE(1, "conv2.weight", "--track", "fc.weight");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_options, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_without_a_solver_or_epochs, support_folder_make,
                                        support_folder_remove),
        cmocka_unit_test_setup_teardown(test_optimizers, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_data_folders, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_outputs, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_sizes_and_names, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
