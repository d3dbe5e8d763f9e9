/* What the tests of `run` share. The experiment is tiny: two solvers, 8 steps each. */
#ifndef TRM_TESTS_CLI_SUPPORT_RUN_H
#define TRM_TESTS_CLI_SUPPORT_RUN_H

#include "cli/support.h"
#include "dynamics/dynamics.h"

#define TINY                                                                                                 \
    "collect:\n"                                                                                             \
    "  solvers: [admm, dual_ascent]\n"                                                                       \
    "  dataset: fashion-mnist\n"                                                                             \
    "  model: mlp\n"                                                                                         \
    "  width: 0.25\n"                                                                                        \
    "  train-limit: 256\n"                                                                                   \
    "  epochs: 1\n"                                                                                          \
    "  batch-size: 32\n"                                                                                     \
    "run:\n"                                                                                                 \
    "  threads: 1\n"

#define TO_PREPARE(r, ...) RUN(r, *state, "run", "--config", "tiny.yaml", "--until", "prepare", __VA_ARGS__)
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)

/* A file of the test's folder. */
void put_text(void **state, const char *name, const char *text);

/* The test is skipped where the data set's package is not installed. */
void need_data(void);

/* How often a word is in a text. */
size_t count_of(const char *text, const char *word);

/* The run ended well, and so many tasks were skipped and made. */
void expect_skipped(const struct run *r, size_t skipped, size_t made);

/* trm_store_hash of the one run of a store, which is done. */
void hash_of(void **state, const char *name, char hash[TRM_HASH_TEXT]);

#endif
