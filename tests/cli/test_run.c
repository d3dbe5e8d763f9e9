/* run: what a configuration may hold, which stages are made, skipped and made again, and stopping. The
   experiment is tiny: two solvers, 8 steps each. */
#include "cli/support.h"

#include "data/data.h"
#include "storage/file.h"
#include "trm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void put_text(void **state, const char *name, const char *text) {
    char path[SUPPORT_PATH];
    support_put(support_path(path, state, name), text, strlen(text));
}

static void need_data(void) {
    struct data_info info;
    const struct data_options package = {.name = "fashion-mnist"};
    if (data_check(&package, &info, NULL) != TRM_OK) {
        print_message("skipped: the data set's package is not installed\n");
        skip();
    }
}

static void refuses_wrong_configurations(void **state) {
    struct run r;
    put_text(state, "key.yaml", "collect:\n  epochs: 3\n  spectral-buget: 0.1\n");
    RUN(&r, *state, "run", "--config", "key.yaml");
    expect_refusal(&r, 2,
                   "key.yaml:3: unknown key 'collect.spectral-buget'; did you mean collect.spectral-budget?");
    put_text(state, "type.yaml", "train:\n  epochs: long\n");
    RUN(&r, *state, "run", "--config", "type.yaml");
    expect_refusal(&r, 2, "type.yaml:2: train.epochs cannot be 'long': give a whole number");
    put_text(state, "range.yaml", "train:\n  test-split: 1\n");
    RUN(&r, *state, "run", "--config", "range.yaml");
    expect_refusal(&r, 2, "range.yaml:2: train.test-split cannot be '1': give a number in (0, 1)");
    put_text(state, "twice.yaml", "collect:\n  seeds: [1]\n  epochs: 1\n  seeds: [2]\n");
    RUN(&r, *state, "run", "--config", "twice.yaml");
    expect_refusal(&r, 2, "twice.yaml:4: collect.seeds was given in line 2 already");
    put_text(state, "solver.yaml", "collect:\n  solvers: [admm, amdd]\n");
    RUN(&r, *state, "run", "--config", "solver.yaml");
    expect_refusal(&r, 2, "'amdd' in its list");
    put_text(state, "one.yaml", "collect:\n  solvers: [admm]\n");
    RUN(&r, *state, "run", "--config", "one.yaml");
    expect_refusal(&r, 2, "give two at least");
    put_text(state, "shares.yaml", "train:\n  test-split: 0.6\n  val-split: 0.6\n");
    RUN(&r, *state, "run", "--config", "shares.yaml");
    expect_refusal(&r, 2, "shares.yaml");
    RUN(&r, *state, "run", "--config", "absent.yaml");
    expect_refusal(&r, 2, "absent.yaml: no such file");
    RUN(&r, *state, "run", "--config", ".");
    expect_refusal(&r, 2, "is a folder");
    put_text(state, "tiny.yaml", TINY);
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.epoch=3");
    expect_refusal(&r, 2, "did you mean collect.epochs?");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.epochs");
    expect_refusal(&r, 2, "is no key=value");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "--until", "nothing");
    expect_refusal(&r, 2, "--until");
    RUN(&r, *state, "run", "--config", "tiny.yaml", "collect.data-dir=nowhere");
    expect_refusal(&r, 1, "nowhere");
}

/* Settings that only the network or the data can judge are refused before anything is written. */
static void refuses_settings_before_it_writes(void **state) {
    need_data();
    struct run r;
    char path[SUPPORT_PATH];
    static const char *const cases[][2] = {
        {"collect.manifold=conv9", "'conv9' is no weight of this network"},
        {"collect.track=fc3", "'fc3' is not on the manifold"},
        {"collect.batch-size=512", "--batch-size 512 is more than the 256 training images"},
        {"collect.warmup=8", "--warmup 8 is not shorter than the run of 8 steps"},
        {"collect.data-dir=nowhere", "nowhere"},
    };
    put_text(state, "tiny.yaml", TINY);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        RUN(&r, *state, "run", "--config", "tiny.yaml", "--output", "out", cases[i][0]);
        expect_refusal(&r, 1, cases[i][1]);
        assert_int_equal(support_entries(*state), 1);
    }
    /* online is as long as it says itself */
    RUN(&r, *state, "run", "--config", "tiny.yaml", "--output", "out", "collect.warmup=9", "collect.epochs=2",
        "online.epochs=1");
    expect_refusal(&r, 1, "--warmup 9 is not shorter than the run of 8 steps");
    assert_false(file_exists(support_path(path, state, "out")));
}

static void hash_of(void **state, const char *name, char hash[17]) {
    char path[SUPPORT_PATH];
    struct trm_store *store;
    struct trm_run *runs;
    size_t count;
    assert_int_equal(trm_store_open(support_path(path, state, name), TRM_STORE_READ, &store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(store, &runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 1);
    assert_int_equal(runs[0].result.status, TRM_RUN_DONE);
    assert_int_equal(trm_store_hash(store, runs[0].id, hash, NULL), TRM_OK);
    free(runs);
    trm_store_close(store, NULL);
}

/* How often a word is in a text. */
static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (; (text = strstr(text, word)) != NULL; text += strlen(word))
        count++;
    return count;
}

static void expect_skipped(const struct run *r, size_t skipped, size_t made) {
    if (r->exit_status != 0)
        print_error("%s", r->err);
    assert_int_equal(r->exit_status, 0);
    assert_int_equal(count_of(r->err, ": complete and unchanged, skipped"), skipped);
    assert_int_equal(count_of(r->err, ": done in "), made);
}

#define TO_PREPARE(r, ...) RUN(r, *state, "run", "--config", "tiny.yaml", "--until", "prepare", __VA_ARGS__)

static void stages_are_skipped_and_made_again(void **state) {
    need_data();
    struct run r;
    char text[SUPPORT_TEXT], path[SUPPORT_PATH], first[17], again[17];
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 0, 3);
    assert_non_null(strstr(r.out, "dual_ascent"));
    hash_of(state, "out/admm-42.db", first);
    get_file(*state, "out/run.yaml", text, sizeof text);
    assert_non_null(strstr(text, "trm-router "));
    assert_non_null(strstr(text, "solvers: [admm, dual_ascent]"));
    assert_non_null(strstr(text, "seeds: [42]"));

    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 3, 0);
    /* what is written beside the results is itself a configuration, and the same one */
    RUN(&r, *state, "run", "--config", "out/run.yaml", "--until", "prepare", "--output", "out");
    expect_skipped(&r, 3, 0);
    TO_PREPARE(&r, "--output", "out", "train.epochs=7", "collect.checkpoint-every=3", "collect.lr=1e-1");
    expect_skipped(&r, 3, 0); /* nothing of this decides the first stages, and 1e-1 is 0.1 */

    TO_PREPARE(&r, "--output", "out", "collect.solvers=admm,dual_ascent,frank_wolfe");
    expect_skipped(&r, 2, 2); /* the new solver, and what is made from all */
    TO_PREPARE(&r, "--output", "out", "collect.spectral-budget=0.05");
    expect_skipped(&r, 0, 3);
    hash_of(state, "out/admm-42.db", again);
    assert_string_not_equal(first, again);

    assert_int_equal(unlink(support_path(path, state, "out/dual_ascent-42.weights.safetensors")), 0);
    TO_PREPARE(&r, "--output", "out", "collect.spectral-budget=0.05");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "collect-dual_ascent-42: done"));
    assert_non_null(strstr(r.err, "collect-admm-42: complete"));
    put_text(state, "out/dataset.db", "damaged");
    TO_PREPARE(&r, "--output", "out", "collect.spectral-budget=0.05");
    expect_skipped(&r, 2, 1);
    put_text(state, "out/stages/prepare.json", "{");
    TO_PREPARE(&r, "--output", "out", "collect.spectral-budget=0.05");
    assert_int_equal(r.exit_status, 1); /* nothing says what made dataset.db */
    assert_non_null(strstr(r.err, "dataset.db: lies there"));
    TO_PREPARE(&r, "--output", "out", "collect.spectral-budget=0.05", "--force");
    expect_skipped(&r, 0, 3);
}

/* Results of another version are kept, and that is said in one line; where all is made again there is none. */
static void results_of_another_version_are_kept(void **state) {
    need_data();
    static const char *const stamps[] = {"out/stages/collect-admm-42.json",
                                         "out/stages/collect-dual_ascent-42.json"};
    struct run r;
    char text[SUPPORT_TEXT];
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 0, 3);
    for (size_t i = 0; i < 2; i++) {
        get_file(*state, stamps[i], text, sizeof text);
        char *const version = strstr(text, "\"program\": \"");
        assert_non_null(version);
        version[strlen("\"program\": \"")] = '9';
        put_text(state, stamps[i], text);
    }
    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 3, 0);
    assert_int_equal(count_of(r.err, " made here is kept, though this is "), 1);
    assert_non_null(strstr(r.err, "trm-router 9"));
    TO_PREPARE(&r, "--output", "out", "--force");
    expect_skipped(&r, 0, 3);
    assert_int_equal(count_of(r.err, "made here is kept"), 0);
    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 3, 0);
    assert_int_equal(count_of(r.err, "made here is kept"), 0);
}

/* Complete stages need no data. */
static void what_is_complete_needs_no_data(void **state) {
    need_data();
    struct run r;
    char link[SUPPORT_PATH];
    struct data_info info;
    const struct data_options package = {.name = "fashion-mnist"};
    assert_int_equal(data_check(&package, &info, NULL), TRM_OK);
    put_text(state, "tiny.yaml", TINY);
    assert_int_equal(symlink(info.dir, support_path(link, state, "images")), 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 0, 3);
    assert_int_equal(unlink(link), 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 3, 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images", "--force");
    assert_int_equal(r.exit_status, 1);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 3, 0); /* the refusal has changed nothing */
}

/* Long enough for a signal to arrive after the first epoch and before the last. */
#define LONGER "collect.epochs=6"

/* Start it, send a signal once its error stream says `when`, and wait. */
static int interrupt(void **state, const char *when, int signal_number, char *said, size_t size) {
    int ends[2], status;
    size_t got = 0;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        if (chdir(*state) == 0)
            execl(TRM_ROUTER, TRM_ROUTER, "run", "--config", "tiny.yaml", "--until", "prepare", "--output",
                  "part", "collect.checkpoint-every=2", LONGER, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    bool sent = false;
    for (ssize_t n; got + 1 < size && (n = read(ends[0], said + got, size - got - 1)) > 0;) {
        got += (size_t)n;
        said[got] = '\0';
        if (!sent && strstr(said, when) != NULL) {
            sent = true;
            kill(child, signal_number);
        }
    }
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(sent);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void interrupted_run_goes_on_to_the_same_bits(void **state) {
    need_data();
    struct run r;
    char said[SUPPORT_TEXT], whole[17], part[17];
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "whole", LONGER);
    expect_skipped(&r, 0, 3);
    assert_int_equal(interrupt(state, "epoch 1: ", SIGINT, said, sizeof said), 130);
    assert_non_null(strstr(said, "stopped; the same command goes on"));
    assert_int_equal(interrupt(state, "-> part/dual_ascent", SIGKILL, said, sizeof said), 137);
    assert_non_null(strstr(said, "going on after step ")); /* admm, where it was stopped */
    TO_PREPARE(&r, "--output", "part", LONGER);
    expect_skipped(&r, 1, 2);
    static const char *const stores[] = {"admm-42.db", "dual_ascent-42.db"};
    for (size_t i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "whole/%s", stores[i]);
        hash_of(state, name, whole);
        snprintf(name, sizeof name, "part/%s", stores[i]);
        hash_of(state, name, part);
        assert_string_equal(whole, part);
    }
}

/* The tables do not depend on which stages were skipped: they are read from the files. */
static void whole_experiment(void **state) {
    need_data();
    if (system("command -v gnuplot >/dev/null") != 0)
        skip();
    struct run first, again;
    char path[SUPPORT_PATH];
    put_text(state, "tiny.yaml",
             TINY "train:\n  size: tiny\n  epochs: 2\n"
                  "evaluate:\n  resamples: 20\n  baseline-epochs: 1\n"
                  "online:\n  epochs: 1\n  baselines: false\n");
#define WHOLE(r, ...)                                                                                        \
    RUN(r, *state, "run", "--config", "tiny.yaml", "--output", "out", "collect.train-limit=1024", __VA_ARGS__)
    WHOLE(&first, "run.threads=1");
    expect_skipped(&first, 0, 7);
    assert_non_null(strstr(first.out, "logistic regression"));
    assert_non_null(strstr(first.out, "Report: out/report/report.html\n"));
    assert_true(support_entries(support_path(path, state, "out/router.tb")) == 1);
    WHOLE(&again, "run.threads=1");
    expect_skipped(&again, 7, 0);
    assert_string_equal(first.out, again.out);
    WHOLE(&again, "evaluate.resamples=30");
    expect_skipped(&again, 5, 2); /* evaluate, report */
    WHOLE(&again, "evaluate.resamples=30", "train.epochs=3");
    expect_skipped(&again, 3, 4);
#undef WHOLE
}

/* A store that run did not make is not replaced. */
static void foreign_files_stay(void **state) {
    need_data();
    struct run r;
    char text[64];
    put_text(state, "tiny.yaml", TINY);
    put_text(state, "admm-42.db", "mine");
    TO_PREPARE(&r, "--output", ".");
    assert_int_equal(r.exit_status, 1);
    assert_non_null(strstr(r.err, "admm-42.db"));
    get_file(*state, "admm-42.db", text, sizeof text);
    assert_string_equal(text, "mine");
}

int main(void) {
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, support_folder_make, support_folder_remove)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(refuses_wrong_configurations),
        IN_FOLDER(refuses_settings_before_it_writes),
        IN_FOLDER(results_of_another_version_are_kept),
        IN_FOLDER(what_is_complete_needs_no_data),
        IN_FOLDER(stages_are_skipped_and_made_again),
        IN_FOLDER(interrupted_run_goes_on_to_the_same_bits),
        IN_FOLDER(whole_experiment),
        IN_FOLDER(foreign_files_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
