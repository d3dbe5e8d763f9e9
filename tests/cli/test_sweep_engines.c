/* sweep: hosts of --engine ssh, names that an engine misreads, what Slurm is given. */
#include "cli/support_run.h"

#include "dynamics/dynamics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAN                                                                                                 \
    "collect:\n  solvers: [admm]\n  seeds: [1, 2]\n  dataset: fashion-mnist\n  model: mlp\n  width: 0.25\n"  \
    "  train-limit: 128\n  batch-size: 32\n"

static void need_program(const char *path) {
    if (access(path, X_OK) != 0)
        skip();
}

static void this_machine_is_a_host_too(void **state) {
    need_data();
    need_program("/usr/bin/parallel");
    struct run r;
    char here[TRM_HASH_TEXT], there[TRM_HASH_TEXT];
    put_text(state, "plan.yaml", PLAN);
    put_text(state, "-", "# this one, two at a time\n2/:\n"); /* a name that parallel alone takes for stdin */
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "hosts", "--engine", "ssh", "--hosts", "-");
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.out, "hosts: 2 runs: 2 done"));
    RUN(&r, *state, "collect", "--solver", "admm", "--seed", "2", "--dataset", "fashion-mnist", "--model",
        "mlp", "--width", "0.25", "--train-limit", "128", "--batch-size", "32", "--threads", "1", "--output",
        "one.db");
    assert_int_equal(r.exit_status, 0);
    hash_of(state, "hosts/seed=2/admm-2.db", here);
    hash_of(state, "one.db", there);
    assert_string_equal(here, there);
}

static void files_without_hosts_are_refused(void **state) {
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"", "hosts: names no host"},
        {"\n  # none\n", "hosts: names no host"},
        {"2/:\r\n", "hosts:1: holds a byte that is no plain text"},
        {":\n\xef\xbb\xbf:\n", "hosts:2: holds a byte that is no plain text"},
    };
    need_program("/usr/bin/parallel");
    struct run r;
    char path[SUPPORT_PATH];
    put_text(state, "plan.yaml", PLAN);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_text(state, "hosts", cases[i].text);
        RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "ssh", "--hosts", "hosts");
        expect_refusal(&r, 2, cases[i].word);
    }
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "ssh", "--hosts", ".");
    expect_refusal(&r, 2, "is a folder");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "ssh", "--hosts", "none");
    expect_refusal(&r, 2, "none: no such file");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "ssh");
    expect_refusal(&r, 2, "--engine ssh needs --hosts FILE");
    assert_int_equal(access(support_path(path, state, "out"), F_OK), -1);
}

static void names_that_sbatch_misreads_are_refused(void **state) {
    need_program("/usr/bin/sbatch");
    struct run r;
    char path[SUPPORT_PATH];
    put_text(state, "plan.yaml", PLAN);
    assert_int_equal(mkdir(support_path(path, state, "a%j"), 0755), 0);
    put_text(state, "a%j/plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "o%j", "--engine", "slurm");
    expect_refusal(&r, 2, "--output o%j: sbatch reads '%' and '\\' otherwise");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "o\\j", "--engine", "slurm");
    expect_refusal(&r, 2, "sbatch reads");
    RUN(&r, support_path(path, state, "a%j"), "sweep", "plan.yaml", "--output", "out", "--engine", "slurm");
    expect_refusal(&r, 2, "start from another folder");
    assert_int_equal(access(support_path(path, state, "a%j/out"), F_OK), -1);
}

/* What sbatch is given is all that the jobs run: the next submission cannot change it. */
static void a_submitted_script_holds_its_commands(void **state) {
    struct run r;
    char script[SUPPORT_TEXT], path[SUPPORT_PATH], search[SUPPORT_PATH * 2];
    put_text(state, "plan.yaml", PLAN);
    assert_int_equal(mkdir(support_path(path, state, "bin"), 0755), 0);
    put_text(state, "bin/sbatch", "#!/bin/sh\necho 7\n");
    assert_int_equal(chmod(support_path(path, state, "bin/sbatch"), 0755), 0);
    const char *const before = getenv("PATH");
    snprintf(search, sizeof search, "%s:%s", support_path(path, state, "bin"), before);
    assert_int_equal(setenv("PATH", search, 1), 0);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "slurm", "--jobs", "1");
    assert_int_equal(setenv("PATH", strchr(search, ':') + 1, 1), 0);
    assert_int_equal(r.exit_status, 0);
    assert_non_null(strstr(r.err, "submitted as job 7, and job 7 that gathers"));
    get_file(*state, "out/array.sh", script, sizeof script);
    assert_int_equal(count_of(script, " run --config "), 2);
    assert_null(strstr(script, "out/commands"));
    assert_int_equal(access(support_path(path, state, "out/sbatch.out"), F_OK), -1);
}

/* A run that can write nothing: the account names it, and where its words are. */
static void a_run_that_does_not_begin_is_named(void **state) {
    need_data();
    need_program("/usr/bin/parallel");
    struct run r;
    char text[SUPPORT_TEXT], path[SUPPORT_PATH];
    put_text(state, "plan.yaml", PLAN);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--engine", "list");
    put_text(state, "out/seed=1/stages", "in the way of a folder");
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out", "--tries", "1");
    assert_int_equal(r.exit_status, 1);
    assert_non_null(strstr(r.out, "out: 2 runs: 1 waiting, 1 done"));
    assert_non_null(strstr(r.out, "seed=1: did not begin; out/seed=1/log may say why"));
    assert_non_null(strstr(r.err, "1 of 2 runs are not done; the same command goes on with them"));
    get_file(*state, "out/seed=1/log", text, sizeof text);
    assert_non_null(strstr(text, "out/seed=1/stages"));
    assert_int_equal(unlink(support_path(path, state, "out/seed=1/stages")), 0);
    RUN(&r, *state, "sweep", "plan.yaml", "--output", "out");
    assert_int_equal(r.exit_status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(this_machine_is_a_host_too),
        IN_FOLDER(files_without_hosts_are_refused),
        IN_FOLDER(names_that_sbatch_misreads_are_refused),
        IN_FOLDER(a_submitted_script_holds_its_commands),
        IN_FOLDER(a_run_that_does_not_begin_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
