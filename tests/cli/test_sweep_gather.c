/* sweep: what is gathered, and what is refused so that nothing is lost. */
#include "cli/support_run.h"

#include "cli/pipeline/record.h"
#include "dynamics/dynamics.h"
#include "storage/digest.h"
#include "storage/file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SMALL "  dataset: fashion-mnist\n  model: mlp\n  width: 0.25\n  train-limit: 128\n  batch-size: 32\n"
#define PLAN "collect:\n  solvers: [admm]\n  seeds: [1, 2]\n" SMALL

static void need_parallel(void) {
    need_data();
    if (access("/usr/bin/parallel", X_OK) != 0)
        skip();
}

static void inputs_of_a_gathering_are_kept(void **state) {
    need_parallel();
    struct run r;
    char before[DIGEST_TEXT], after[DIGEST_TEXT], path[SUPPORT_PATH];
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--jobs", "2");
    assert_int_equal(r.exit_status, 0);
    hash_of(state, "out/seed=1/admm-1.db", before);
    RUN(&r, *state, "sweep", "gather", "out", "--output", "out/seed=1/admm-1.db", "--force");
    expect_refusal(&r, 1, "lies in the folder of a run");
    RUN(&r, *state, "sweep", "gather", "out", "--output", "out/seed=2/all.db");
    expect_refusal(&r, 1, "lies in the folder of a run");
    assert_int_equal(symlink("out/seed=1/admm-1.db", support_path(path, state, "link.db")), 0);
    RUN(&r, *state, "sweep", "gather", "out", "--output", "link.db", "--force");
    expect_refusal(&r, 1, "lies in the folder of a run");
    hash_of(state, "out/seed=1/admm-1.db", after);
    assert_string_equal(before, after);
    RUN(&r, *state, "sweep", "gather", "out", "--output", "out/sweep.json", "--force");
    expect_refusal(&r, 1, "list of the sweep's runs");

    /* a link to a place of its own stays a link */
    assert_int_equal(unlink(path), 0);
    put_text(state, "target.db", "");
    assert_int_equal(symlink("target.db", path), 0);
    RUN(&r, *state, "sweep", "gather", "out", "--output", "link.db", "--force");
    assert_int_equal(r.exit_status, 0);
    assert_true(trm_store_is(support_path(path, state, "target.db")));

    put_text(state, "out/seed=2/admm-2.db", "hello");
    RUN(&r, *state, "sweep", "gather", "out");
    expect_refusal(&r, 1, "out/seed=2/admm-2.db: is no store any more");
    assert_int_equal(unlink(support_path(path, state, "out/seed=2/admm-2.db")), 0);
    RUN(&r, *state, "sweep", "gather", "out");
    expect_refusal(&r, 1, "seed=2: holds no store, although its run is done");
    assert_int_equal(access(support_path(path, state, "out/gathered.db"), F_OK), -1);
    put_text(state, "out/sweep.json",
             "{\"until\": \"collect\", \"runs\": [{\"name\": \"seed=1\"}, {\"name\": \"seed=1\"}]}");
    RUN(&r, *state, "sweep", "gather", "out"); /* no run twice */
    expect_refusal(&r, 1, "run 2 has no folder's name of its own");
}

/* A sweep says what comes next, and so does a report of one that is not gathered; then every run has its command. */
static void a_gathered_sweep_is_reported(void **state) {
    need_parallel();
    if (access("/usr/bin/gnuplot", X_OK) != 0)
        skip();
    struct run r;
    char path[SUPPORT_PATH];
    void *page;
    size_t size;
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--jobs", "2");
    assert_non_null(strstr(r.err, "next: `trm-router sweep gather out`"));
    RUN(&r, *state, "report", "--results", "out");
    expect_refusal(&r, 1, "out: is a sweep whose runs are not gathered; `trm-router sweep gather out`");
    RUN(&r, *state, "sweep", "gather", "out");
    RUN(&r, *state, "report", "--results", "out");
    assert_int_equal(r.exit_status, 0);
    assert_int_equal(
        file_read(support_path(path, state, "out/report/report.html"), 1 << 26, &page, &size, NULL), TRM_OK);
    assert_non_null(strstr(page, "--output gathered-1.db"));
    assert_non_null(strstr(page, "--output gathered-2.db"));
    free(page);
}

/* A run that is at work is not given other settings behind its back. */
static void settings_of_a_run_at_work_stay(void **state) {
    struct run r;
    struct lock lock;
    struct trm_error error;
    char path[SUPPORT_PATH], text[SUPPORT_TEXT], again[SUPPORT_TEXT];
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
    assert_int_equal(count_of(r.out, " run --config "), 2);
    assert_int_equal(run_record_begin(support_path(path, state, "out/seed=2"), "collect", &lock, &error),
                     TRM_OK);
    get_file(*state, "out/seed=1/settings.yaml", text, sizeof text);
    put_text(state, "plan.yaml", PLAN "  epochs: 7\n");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
    expect_refusal(&r, 1, "seed=2: is at work with other settings");
    get_file(*state, "out/seed=1/settings.yaml", again, sizeof again);
    assert_string_equal(text, again);
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
    assert_int_equal(count_of(r.out, " run --config "), 1); /* the other one */
    run_record_end(path, &(struct run_record){.state = RUN_DONE, .until = "collect"}, &lock);
}

/* SIGTERM that comes to sweep alone: its runs save and stop, as after Ctrl-C. */
static void sigterm_stops_the_runs(void **state) {
    need_parallel();
    struct run_record record;
    char folder[SUPPORT_PATH];
    int status;
    put_text(state, "plan.yaml",
             "collect:\n  solvers: [admm]\n  seeds: [1]\n  dataset: fashion-mnist\n  model: mlp\n"
             "  width: 0.25\n  batch-size: 32\n  epochs: 100\n");
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(*state) == 0 && freopen("/dev/null", "w", stdout) != NULL &&
            freopen("/dev/null", "w", stderr) != NULL)
            execl(TRM_ROUTER, TRM_ROUTER, "sweep", "plan.yaml", "--output", "out", "--tries", "1",
                  (char *)NULL);
        _exit(99);
    }
    support_path(folder, state, "out/run"); /* one run has nothing to be told apart by */
    for (int i = 0; i < 2400; i++) {        /* a crowded machine takes its time */
        run_record_read(folder, &record);
        if (record.state == RUN_RUNNING)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    assert_int_equal(record.state, RUN_RUNNING);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 143);
    run_record_read(folder, &record);
    assert_int_equal(record.state, RUN_STOPPED);
}

static void names_that_engines_misread_are_refused(void **state) {
    struct run r;
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "a\nb", "--engine", "list");
    expect_refusal(&r, 2, "control character");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "+plus", "--engine", "list");
    expect_refusal(&r, 2, "write ./+plus");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(inputs_of_a_gathering_are_kept),         IN_FOLDER(a_gathered_sweep_is_reported),
        IN_FOLDER(settings_of_a_run_at_work_stay),         IN_FOLDER(sigterm_stops_the_runs),
        IN_FOLDER(names_that_engines_misread_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
