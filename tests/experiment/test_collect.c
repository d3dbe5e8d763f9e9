/* Training runs: the same bits again, after SIGKILL and after a stop; refusals on resume; divergence. */
#include "experiment/support_collect.h"

#include "base/statistics.h"
#include "storage/file.h"
#include "storage/safetensors.h"
#include "support/dynamics.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void same_seed_gives_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    char first[64], second[64], reason[512];
    const struct collect_request r = collect_small(support_path_of("second.db", second));
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    collect_assert_same(collect_whole(first), second);
}

/* Killed before the first checkpoint, at the end of an epoch between two, and just before the third. */
static void killed_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    static const size_t moments[] = {1, 5, 8};
    char whole[64], part[64], reason[512];
    struct collect_request r;
    collect_whole(whole);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        r = collect_small(support_path_of("killed.db", part));
        r.force = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = moments[i]}, reason),
                         SUPPORT_KILLED);
        assert_int_equal(collect_status(part), TRM_RUN_RUNNING);
        r.force = false, r.resume = true;
        assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        collect_assert_same(whole, part);
    }
}

static void stopped_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    char whole[64], part[64], reason[512];
    collect_whole(whole);
    struct collect_request r = collect_small(support_path_of("stopped.db", part));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    assert_non_null(strstr(reason, "--resume"));
    assert_int_equal(collect_status(part), TRM_RUN_STOPPED);
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    collect_assert_same(whole, part);
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason),
                     SUPPORT_DONE); /* done already: nothing to do */
    collect_assert_same(whole, part);
}

static void resume_refuses_what_would_change_the_bits(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    struct collect_request r = collect_small(support_path_of("options.db", path));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    r.resume = true;
    const struct collect_request good = r;
#define REFUSES(change, word)                                                                                \
    r = good;                                                                                                \
    change;                                                                                                  \
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);                   \
    assert_non_null(strstr(reason, word))
    REFUSES(r.settings.seed = 43, "another seed");
    REFUSES(r.settings.budget.tol = 1e-3, "another tol");
    REFUSES(r.settings.epochs = 3, "another total steps");
    REFUSES(r.settings.threads = 2, "another threads");
    REFUSES(r.settings.solver = "admm", "another solver");
    REFUSES(r.settings.precision = "bf16", "another precision");
#undef REFUSES
    assert_int_equal(collect_in_child(&good, (struct interruption){0}, reason), SUPPORT_DONE);
}

static void existing_run_is_kept_without_force(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    const struct collect_request r = collect_small(collect_whole(path));
    void *before, *after;
    size_t size[2];
    assert_int_equal(file_read(path, 1 << 24, &before, &size[0], NULL), TRM_OK);
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_EXISTS);
    assert_int_equal(file_read(path, 1 << 24, &after, &size[1], NULL), TRM_OK);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(before, after, size[0]);
    free(before);
    free(after);
}

static void divergence_is_marked_and_said(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    struct collect_request r = collect_small(support_path_of("diverged.db", path));
    r.settings.sgd.lr = 1e30;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_DIVERGED);
    assert_non_null(strstr(reason, "step "));
    assert_null(strchr(reason, '\n'));
    assert_int_equal(collect_status(path), TRM_RUN_DIVERGED);
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_DIVERGED);
}

/* W and G of a divergence are there to be looked into; no state that it spoiled is kept, so that other options go on
   from a good one, here from the beginning. */
static void divergence_leaves_a_problem_and_a_good_state(void **state) {
    (void)state;
    support_need_data();
    char path[64], whole[64], problem[1024], reason[512];
    struct st_file *file;
    struct collect_request r = collect_small(support_path_of("spoiled.db", path));
    r.checkpoint_every = 1;
    r.settings.sgd.lr = 1e8;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_DIVERGED);
    assert_non_null(strstr(reason, "spoiled.diverged.safetensors, which solve reads"));
    collect_path(path, ".diverged.safetensors", problem);
    assert_int_equal(st_open(problem, &file, NULL), TRM_OK);
    const struct st_tensor *const W = st_find(file, "W"), *const G = st_find(file, "G");
    assert_true(W != NULL && G != NULL && W->rank == 2 && G->rank == 2);
    assert_true(W->shape[0] == G->shape[0] && W->shape[1] == G->shape[1]);
    assert_true(statistics_finite_float(W->count, W->data));
    st_close(file);
    r.resume = true;
    r.settings.sgd.lr = collect_small(path).settings.sgd.lr;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    collect_assert_same(collect_whole(whole), path);
    assert_false(file_exists(problem));
}

/* Where W and G cannot be kept, that is said beside the divergence, which counts as one all the same. */
static void divergence_on_a_full_disk(void **state) {
    (void)state;
    support_need_data();
    char path[64], problem[1024], reason[512];
    struct collect_request r = collect_small(support_path_of("full.db", path));
    struct rlimit before, little;
    support_make_small(&r.settings, "mlp", 0.25);
    r.settings.sgd.lr = 1e8;
    getrlimit(RLIMIT_FSIZE, &before);
    little = before;
    little.rlim_cur = 150000; /* enough for the store, not for 784 x 32 numbers twice */
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &little);
    const int status = collect_in_child(&r, (struct interruption){0}, reason);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, TRM_DIVERGED);
    assert_non_null(strstr(reason, "W and G could not be kept: "));
    assert_int_equal(collect_status(path), TRM_RUN_DIVERGED);
    collect_path(path, ".diverged.safetensors", problem);
    assert_false(file_exists(problem));
}

/* From the state of step 4 of a run that is marked as diverged with another rate: refused with the same rate and with
   another network, gone on with a smaller rate; and the store says so. */
static void diverged_run_goes_on_with_other_options(void **state) {
    (void)state;
    support_need_data();
    char path[64], whole[64], reason[512];
    struct collect_request r = collect_small(support_path_of("changed.db", path));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    dynamics_sql(path, "UPDATE run SET status = 'diverged', message = 'it was too much', "
                       "config = json_set(config, '$.\"lr-rest\"', 0.75)");
    r.resume = true;
    r.settings.sgd.lr = 0.75;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_DIVERGED);
    assert_non_null(strstr(reason, "it was too much"));
    r = collect_small(path);
    r.resume = true;
    r.settings.seed = 7;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "seed"));
    assert_int_equal(collect_status(path), TRM_RUN_DIVERGED);
    r.settings.seed = collect_small(path).settings.seed;
    assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 6}, reason), SUPPORT_KILLED);
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    dynamics_sql(
        path, "CREATE TEMP TABLE t (x CHECK (x = 4)); INSERT INTO t SELECT json_extract(config, "
              "'$.\"went on\"[0].\"from step\"') FROM run; DROP TABLE t; CREATE TEMP TABLE t (x CHECK (x = "
              "0.75)); INSERT INTO t SELECT json_extract(config, '$.\"went on\"[0].\"before "
              "with\".\"lr-rest\"') FROM run");
    collect_assert_same(collect_whole(whole), path);
}

/* --force over a run that was stopped: nothing of it may live on in the new one. */
static void forced_run_takes_nothing_from_the_old(void **state) {
    (void)state;
    support_need_data();
    char path[64], whole[64], reason[512];
    struct collect_request r = collect_small(support_path_of("forced.db", path));
    r.settings.seed = 7;
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    r = collect_small(path);
    r.force = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){.kill_after = 1}, reason), SUPPORT_KILLED);
    r.force = false, r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    collect_assert_same(collect_whole(whole), path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_the_same_bits),
        cmocka_unit_test(killed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(stopped_run_goes_on_to_the_same_bits),
        cmocka_unit_test(resume_refuses_what_would_change_the_bits),
        cmocka_unit_test(existing_run_is_kept_without_force),
        cmocka_unit_test(divergence_is_marked_and_said),
        cmocka_unit_test(divergence_leaves_a_problem_and_a_good_state),
        cmocka_unit_test(divergence_on_a_full_disk),
        cmocka_unit_test(diverged_run_goes_on_with_other_options),
        cmocka_unit_test(forced_run_takes_nothing_from_the_old),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
