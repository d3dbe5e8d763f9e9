/* Training runs: the same bits again, after SIGKILL and after a stop; refusals on resume; divergence. */
#include "experiment/collect.h"
#include "experiment/support.h"

#include "storage/file.h"
#include "storage/lock.h"
#include "trm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 10 steps in 2 epochs of a small network. */
static struct collect_request small_run(const char *output) {
    struct collect_request r = {.settings = run_settings_default("quasi_newton"),
                                .output = output,
                                .program = "test",
                                .checkpoint_every = 3};
    support_make_small(&r.settings, "small_cnn", 0.25);
    return r;
}

static void on_step(void *context, const struct collect_event *event) {
    support_interrupt(context, 0, event->step);
}

static enum trm_status collect(const void *request, struct interruption *interruption,
                               struct trm_error *error) {
    const struct collect_watch watch = {interruption, NULL, on_step, support_asked_to_stop};
    struct collect_summary summary = {0};
    return collect_run(request, &watch, &summary, error);
}

static int run(const struct collect_request *request, struct interruption interruption, char reason[512]) {
    return support_run(collect, request, request->settings.threads, interruption, reason);
}

static void open_run(const char *output, struct trm_store **store, struct trm_run **runs) {
    size_t count;
    assert_int_equal(trm_store_open(output, TRM_STORE_READ, store, NULL), TRM_OK);
    assert_int_equal(trm_store_runs(*store, runs, &count, NULL), TRM_OK);
    assert_int_equal(count, 1);
}

static enum trm_run_status status_of(const char *output) {
    struct trm_store *store;
    struct trm_run *runs;
    open_run(output, &store, &runs);
    const enum trm_run_status status = runs[0].result.status;
    free(runs);
    trm_store_close(store, NULL);
    return status;
}

static enum trm_status count(void *context, const struct trm_step *row) {
    assert_int_equal(row->step, (*(size_t *)context)++);
    return TRM_OK;
}

/* Same rows and same final weights, to the bit. */
static void assert_same_run(const char *a, const char *b) {
    const char *const both[] = {a, b};
    char hash[2][17], weights[1024];
    void *bytes[2];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        struct trm_store *store;
        struct trm_run *runs;
        size_t steps = 0;
        open_run(both[i], &store, &runs);
        assert_int_equal(runs[0].result.status, TRM_RUN_DONE);
        assert_int_equal(trm_store_steps(store, runs[0].id, count, &steps, NULL), TRM_OK);
        assert_int_equal(steps, SUPPORT_STEPS);
        assert_int_equal(trm_store_hash(store, runs[0].id, hash[i], NULL), TRM_OK);
        free(runs);
        trm_store_close(store, NULL);
        collect_path(both[i], ".weights.safetensors", weights);
        assert_int_equal(file_read(weights, 1 << 24, &bytes[i], &size[i], NULL), TRM_OK);
    }
    assert_string_equal(hash[0], hash[1]);
    assert_int_equal(size[0], size[1]);
    assert_memory_equal(bytes[0], bytes[1], size[0]);
    free(bytes[0]);
    free(bytes[1]);
}

/* The uninterrupted run that others are compared with, made once. */
static const char *whole_run(char path[64]) {
    char reason[512];
    const struct collect_request r = small_run(support_path_of("whole.db", path));
    if (!file_exists(path))
        assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    return path;
}

static void same_seed_gives_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    char first[64], second[64], reason[512];
    const struct collect_request r = small_run(support_path_of("second.db", second));
    assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_same_run(whole_run(first), second);
}

/* Killed before the first checkpoint, at the end of an epoch between two, and just before the third. */
static void killed_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    static const size_t moments[] = {1, 5, 8};
    char whole[64], part[64], reason[512];
    struct collect_request r;
    whole_run(whole);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        r = small_run(support_path_of("killed.db", part));
        r.force = true;
        assert_int_equal(run(&r, (struct interruption){.kill_after = moments[i]}, reason), SUPPORT_KILLED);
        assert_int_equal(status_of(part), TRM_RUN_RUNNING);
        r.force = false, r.resume = true;
        assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
        assert_same_run(whole, part);
    }
}

static void stopped_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    support_need_data();
    char whole[64], part[64], reason[512];
    whole_run(whole);
    struct collect_request r = small_run(support_path_of("stopped.db", part));
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    assert_non_null(strstr(reason, "--resume"));
    assert_int_equal(status_of(part), TRM_RUN_STOPPED);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_same_run(whole, part);
    assert_int_equal(run(&r, (struct interruption){0}, reason),
                     SUPPORT_DONE); /* done already: nothing to do */
    assert_same_run(whole, part);
}

static void resume_refuses_what_would_change_the_bits(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    struct collect_request r = small_run(support_path_of("options.db", path));
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    r.resume = true;
    const struct collect_request good = r;
#define REFUSES(change, word)                                                                                \
    r = good;                                                                                                \
    change;                                                                                                  \
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_INVALID);                                \
    assert_non_null(strstr(reason, word))
    REFUSES(r.settings.seed = 43, "another seed");
    REFUSES(r.settings.budget.tol = 1e-3, "another tol");
    REFUSES(r.settings.epochs = 3, "another total steps");
    REFUSES(r.settings.threads = 2, "another threads");
    REFUSES(r.settings.solver = "admm", "another solver");
    REFUSES(r.settings.precision = "bf16", "another precision");
#undef REFUSES
    assert_int_equal(run(&good, (struct interruption){0}, reason), SUPPORT_DONE);
}

static void existing_run_is_kept_without_force(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512];
    const struct collect_request r = small_run(whole_run(path));
    void *before, *after;
    size_t size[2];
    assert_int_equal(file_read(path, 1 << 24, &before, &size[0], NULL), TRM_OK);
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_EXISTS);
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
    struct collect_request r = small_run(support_path_of("diverged.db", path));
    r.settings.sgd.lr = 1e30;
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_DIVERGED);
    assert_non_null(strstr(reason, "step "));
    assert_null(strchr(reason, '\n'));
    assert_int_equal(status_of(path), TRM_RUN_DIVERGED);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_DIVERGED);
}

/* A checkpoint that is damaged is refused by name, and the store is left alone. */
static void damaged_checkpoint_is_refused(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512], checkpoint[1024];
    struct collect_request r = small_run(support_path_of("damaged.db", path));
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    collect_path(path, ".checkpoint.safetensors", checkpoint);
    assert_int_equal(truncate(checkpoint, 1000), 0);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_FORMAT);
    assert_non_null(strstr(reason, "checkpoint"));
    assert_int_equal(status_of(path), TRM_RUN_STOPPED);
}

/* The checkpoint of another run, of the same shapes, must not be taken up. */
static void checkpoint_of_another_run_is_refused(void **state) {
    (void)state;
    support_need_data();
    char paths[2][64], reason[512], checkpoint[2][1024];
    for (int i = 0; i < 2; i++) {
        struct collect_request r = small_run(support_path_of(i ? "one.db" : "other.db", paths[i]));
        r.settings.seed += (uint64_t)i;
        assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
        collect_path(paths[i], ".checkpoint.safetensors", checkpoint[i]);
    }
    assert_int_equal(rename(checkpoint[1], checkpoint[0]), 0);
    struct collect_request r = small_run(paths[0]);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "another seed"));
}

/* --force over a run that was stopped: nothing of it may live on in the new one. */
static void forced_run_takes_nothing_from_the_old(void **state) {
    (void)state;
    support_need_data();
    char path[64], whole[64], reason[512];
    struct collect_request r = small_run(support_path_of("forced.db", path));
    r.settings.seed = 7;
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    r = small_run(path);
    r.force = true;
    assert_int_equal(run(&r, (struct interruption){.kill_after = 1}, reason), SUPPORT_KILLED);
    r.force = false, r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_same_run(whole_run(whole), path);
}

static void resume_without_its_store_replaces_nothing(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512], checkpoint[1024];
    struct collect_request r = small_run(support_path_of("moved.db", path));
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    collect_path(path, ".checkpoint.safetensors", checkpoint);
    assert_int_equal(unlink(path), 0);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_NOT_FOUND);
    assert_true(file_exists(checkpoint) && !file_exists(path));
}

static void two_processes_do_not_share_a_run(void **state) {
    (void)state;
    support_need_data();
    char path[64], name[64], reason[512];
    struct lock lock;
    const struct collect_request r = small_run(support_path_of("shared.db", path));
    assert_int_equal(lock_take(&lock, support_path_of("shared.lock", name), path, NULL), TRM_OK);
    assert_int_equal(run(&r, (struct interruption){0}, reason), TRM_EXISTS);
    assert_non_null(strstr(reason, "another process"));
    lock_release(&lock);
    assert_false(file_exists(name) || file_exists(path));
}

/* What a killed process was writing goes with the next one. */
static void leftovers_of_killed_writers_go(void **state) {
    (void)state;
    support_need_data();
    char path[64], left[64], reason[512];
    struct collect_request r = small_run(support_path_of("left.db", path));
    assert_int_equal(run(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    FILE *const f = fopen(support_path_of("left.checkpoint.safetensors.tmp-1-0", left), "w");
    assert_non_null(f);
    fclose(f);
    r.resume = true;
    assert_int_equal(run(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    assert_false(file_exists(left));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_the_same_bits),
        cmocka_unit_test(killed_run_goes_on_to_the_same_bits),
        cmocka_unit_test(stopped_run_goes_on_to_the_same_bits),
        cmocka_unit_test(resume_refuses_what_would_change_the_bits),
        cmocka_unit_test(existing_run_is_kept_without_force),
        cmocka_unit_test(divergence_is_marked_and_said),
        cmocka_unit_test(damaged_checkpoint_is_refused),
        cmocka_unit_test(checkpoint_of_another_run_is_refused),
        cmocka_unit_test(forced_run_takes_nothing_from_the_old),
        cmocka_unit_test(resume_without_its_store_replaces_nothing),
        cmocka_unit_test(two_processes_do_not_share_a_run),
        cmocka_unit_test(leftovers_of_killed_writers_go),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
