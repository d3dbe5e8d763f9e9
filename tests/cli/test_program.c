/* The program as a whole: help, version, commands, exit statuses. */
#include "cli/support.h"

#include <string.h>

static void test_help(void **state) {
    static const char *const commands[][3] = {{"collect"},
                                              {"prepare"},
                                              {"train"},
                                              {"evaluate"},
                                              {"online"},
                                              {"report"},
                                              {"run"},
                                              {"solve"},
                                              {"data", "list"},
                                              {"data", "verify"},
                                              {"bench", "solvers"},
                                              {"bench", "scaling"},
                                              {"bench", "train-step"},
                                              {"bench", "collect-step"},
                                              {"man", NULL},
                                              {"completion", NULL},
                                              {"bench", "update"},
                                              {"bench", "router"}};
    struct run r;
    RUN(&r, *state, "--version");
    assert_int_equal(r.exit_status, 0);
    assert_memory_equal(r.out, "trm-router ", strlen("trm-router "));
    assert_string_equal(r.err, "");
    RUN(&r, *state, "help");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "\n  solve "));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct run again;
        run_program(&r, *state, (const char *const[]){"help", commands[i][0], commands[i][1], NULL});
        assert_int_equal(r.exit_status, 0);
        assert_non_null(strstr(r.out, "\nExample:\n  trm-router "));
        assert_string_equal(r.err, "");
        if (commands[i][1] == NULL)
            RUN(&again, *state, commands[i][0], "--help");
        else
            RUN(&again, *state, commands[i][0], commands[i][1], "-h");
        assert_string_equal(again.out, r.out);
    }
}

/* The common options first, then the rest in its groups; each option in one of them. */
static void test_help_is_grouped(void **state) {
    static const char *const in_order[] = {"\nCommon options:\n", "--solver NAME",   "--epochs N",
                                           "\nInner solver:\n",   "--tol T",         "\nOptimiser:\n",
                                           "--momentum M",        "\nData:\n",       "--data-dir DIR",
                                           "\nOutput:\n",         "--record-every K"};
    struct run r;
    RUN(&r, *state, "help", "train");
    assert_true(strstr(r.out, "\nTo be given:\n") < strstr(r.out, "\n  --data FILE"));
    assert_true(strstr(r.out, "\n  --data FILE") < strstr(r.out, "\nCommon options:\n"));
    RUN(&r, *state, "help", "collect");
    const char *at = r.out;
    for (size_t i = 0; i < sizeof in_order / sizeof *in_order; i++) {
        at = strstr(at, in_order[i]);
        assert_non_null(at);
        at += strlen(in_order[i]) - 1;
        assert_null(strstr(at, in_order[i]));
    }
}

static void test_wrong_use(void **state) {
    struct run r;
    run_program(&r, *state, (const char *const[]){NULL});
    expect_refusal(&r, 2, "no command");
    RUN(&r, *state, "slove");
    expect_refusal(&r, 2, "did you mean solve?");
    RUN(&r, *state, "plan");
    expect_refusal(&r, 2, "unknown command 'plan'; `trm-router help` lists them");
    RUN(&r, *state, "train", "--quality", "9");
    expect_refusal(&r, 2, "unknown option '--quality'; `trm-router help train` lists them");
    RUN(&r, *state, "train", "--eopchs", "9");
    expect_refusal(&r, 2, "did you mean --epochs?");
    RUN(&r, *state, "train");
    expect_refusal(&r, 2,
                   "--data (the data set) and --output (the router) are missing; `trm-router help train` "
                   "shows an example");
    RUN(&r, *state, "help", "slove");
    expect_refusal(&r, 2, "did you mean solve?");
    RUN(&r, *state, "help", "solve", "solve", "solve");
    expect_refusal(&r, 2, "one command");
    RUN(&r, *state, "bench");
    expect_refusal(&r, 2, "no command");
    RUN(&r, *state, "bench", "solver");
    expect_refusal(&r, 2, "did you mean solvers?");
    RUN(&r, *state, "solve", "a\nb\nc\nd\ne");
    expect_refusal(&r, 2,
                   "--solver (which solver), --radius (spectral norm of the step at most B) and --output "
                   "(where A and X go) are missing");
    RUN(&r, *state, "bench", "solvers", "a\nb\nc\nd\ne");
    expect_refusal(&r, 1, "a?b?c?d?e");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_help, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_help_is_grouped, support_folder_make, support_folder_remove),
        cmocka_unit_test_setup_teardown(test_wrong_use, support_folder_make, support_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
