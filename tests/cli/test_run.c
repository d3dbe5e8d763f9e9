/* run: which stages are made, skipped and made again, and stopping. */
#include "cli/support_run.h"

#include "data/data.h"
#include "storage/file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void stages_are_skipped_and_made_again(void **state) {
    need_data();
    struct run r;
    char text[SUPPORT_TEXT], path[SUPPORT_PATH], first[TRM_HASH_TEXT], again[TRM_HASH_TEXT];
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

static size_t lines_of(const char *text) {
    return count_of(text, "\n");
}

/* --dry-run says what would be done and why, a line a task, and writes nothing; then it is done so. */
static void what_would_be_done_is_foretold(void **state) {
    need_data();
    struct run r;
    char path[SUPPORT_PATH];
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "out", "--dry-run");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(count_of(r.out, ": to be made\n"), 3);
    assert_int_equal(lines_of(r.out), 3);
    assert_int_equal(access(support_path(path, state, "out"), F_OK), -1);
    TO_PREPARE(&r, "--output", "out");
    expect_skipped(&r, 0, 3);
    TO_PREPARE(&r, "--output", "out", "--dry-run");
    assert_int_equal(count_of(r.out, ": complete and unchanged, to be skipped\n"), 3);
    TO_PREPARE(&r, "--output", "out", "--dry-run", "collect.augment=off");
    assert_int_equal(count_of(r.out, ": to be made again: collect.augment true to false\n"), 2);
    assert_int_equal(count_of(r.out, "prepare: to be made again unless admm-42.db comes out as it was\n"), 1);
    TO_PREPARE(&r, "--output", "out", "--dry-run", "--force");
    assert_int_equal(count_of(r.out, ": to be made again: --force\n"), 3);
    TO_PREPARE(&r, "--output", "out", "collect.augment=off");
    assert_int_equal(count_of(r.err, ": made again: collect.augment true to false\n"), 2);
    assert_int_equal(count_of(r.err, "prepare: made again: admm-42.db is another\n"), 1);
    expect_skipped(&r, 0, 3);
    assert_int_equal(unlink(support_path(path, state, "out/dataset.db")), 0);
    TO_PREPARE(&r, "--output", "out", "--dry-run", "collect.augment=off");
    assert_int_equal(count_of(r.out, "to be made again: out/dataset.db: is not there or cannot be read\n"),
                     1);
    TO_PREPARE(&r, "--output", "out", "--dry-run", "collect.warmup=9");
    expect_refusal(&r, 1, "--warmup 9 is not shorter");
}

/* Up to prepare, from data behind a link that can be taken away. */
static void made_from_linked_data(void **state, char link[SUPPORT_PATH], struct data_info *info) {
    struct run r;
    const struct data_options package = {.name = "fashion-mnist"};
    assert_int_equal(data_check(&package, info, NULL), TRM_OK);
    put_text(state, "tiny.yaml", TINY);
    assert_int_equal(symlink(info->dir, support_path(link, state, "images")), 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 0, 3);
}

/* Complete stages need no data. */
static void what_is_complete_needs_no_data(void **state) {
    need_data();
    struct run r;
    char link[SUPPORT_PATH];
    struct data_info info;
    made_from_linked_data(state, link, &info);
    assert_int_equal(unlink(link), 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 3, 0);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images", "--force");
    assert_int_equal(r.exit_status, 1);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 3, 0); /* the refusal has changed nothing */
}

/* Other data at the same path: what was trained on the old ones is made again. */
static void changed_data_are_noticed(void **state) {
    need_data();
    static const unsigned char header[8] = {0, 0, 8, 1, 0, 0, 0xea, 0x60}; /* idx, 60,000 bytes */
    static const char *const kept[] = {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte",
                                       "t10k-labels-idx1-ubyte"};
    static unsigned char labels[60008];
    struct run r;
    char link[SUPPORT_PATH], from[SUPPORT_PATH], name[64];
    struct data_info info;
    made_from_linked_data(state, link, &info);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(mkdir(link, 0700), 0);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "images/%s.gz", kept[i]);
        snprintf(from, sizeof from, "%.200s/%s.gz", info.dir, kept[i]);
        assert_int_equal(symlink(from, support_path(link, state, name)), 0);
    }
    memcpy(labels, header, sizeof header);
    for (size_t i = sizeof header; i < sizeof labels; i++)
        labels[i] = (unsigned char)(i % 10);
    support_put(support_path(link, state, "images/train-labels-idx1-ubyte"), labels, sizeof labels);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 0, 3);
    TO_PREPARE(&r, "--output", "out", "collect.data-dir=images");
    expect_skipped(&r, 3, 0);
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
    char said[SUPPORT_TEXT], path[SUPPORT_PATH], whole[TRM_HASH_TEXT], part[TRM_HASH_TEXT];
    put_text(state, "tiny.yaml", TINY);
    TO_PREPARE(&r, "--output", "whole", LONGER);
    expect_skipped(&r, 0, 3);
    assert_int_equal(interrupt(state, "epoch 1: ", SIGINT, said, sizeof said), 130);
    assert_non_null(strstr(said, "stopped; the same command goes on"));
    assert_int_equal(interrupt(state, "-> part/dual_ascent", SIGHUP, said, sizeof said), 129);
    assert_non_null(strstr(said, "going on after step ")); /* admm, where it was stopped */
    assert_false(file_exists(support_path(path, state, "part/dual_ascent-42.lock")));
    assert_int_equal(interrupt(state, "-> part/dual_ascent", SIGKILL, said, sizeof said), 137);
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
    const struct CMUnitTest tests[] = {
        IN_FOLDER(results_of_another_version_are_kept),
        IN_FOLDER(what_would_be_done_is_foretold),
        IN_FOLDER(what_is_complete_needs_no_data),
        IN_FOLDER(changed_data_are_noticed),
        IN_FOLDER(stages_are_skipped_and_made_again),
        IN_FOLDER(interrupted_run_goes_on_to_the_same_bits),
        IN_FOLDER(whole_experiment),
        IN_FOLDER(foreign_files_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
