/* The files of a run: damaged, of another run, gone, in use by another process, left by a killed one. */
#include "experiment/support_collect.h"

#include "storage/file.h"
#include "storage/lock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A checkpoint that is damaged is refused by name, and the store is left alone. */
static void damaged_checkpoint_is_refused(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512], checkpoint[1024];
    struct collect_request r = collect_small(support_path_of("damaged.db", path));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    collect_path(path, ".checkpoint.safetensors", checkpoint);
    assert_int_equal(truncate(checkpoint, 1000), 0);
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_FORMAT);
    assert_non_null(strstr(reason, "checkpoint"));
    assert_int_equal(collect_status(path), TRM_RUN_STOPPED);
}

/* The checkpoint of another run, of the same shapes, must not be taken up. */
static void checkpoint_of_another_run_is_refused(void **state) {
    (void)state;
    support_need_data();
    char paths[2][64], reason[512], checkpoint[2][1024];
    for (int i = 0; i < 2; i++) {
        struct collect_request r = collect_small(support_path_of(i ? "one.db" : "other.db", paths[i]));
        r.settings.seed += (uint64_t)i;
        assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
        collect_path(paths[i], ".checkpoint.safetensors", checkpoint[i]);
    }
    assert_int_equal(rename(checkpoint[1], checkpoint[0]), 0);
    struct collect_request r = collect_small(paths[0]);
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_INVALID);
    assert_non_null(strstr(reason, "another seed"));
}

static void resume_without_its_store_replaces_nothing(void **state) {
    (void)state;
    support_need_data();
    char path[64], reason[512], checkpoint[1024];
    struct collect_request r = collect_small(support_path_of("moved.db", path));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    collect_path(path, ".checkpoint.safetensors", checkpoint);
    assert_int_equal(unlink(path), 0);
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_NOT_FOUND);
    assert_true(file_exists(checkpoint) && !file_exists(path));
}

static void two_processes_do_not_share_a_run(void **state) {
    (void)state;
    support_need_data();
    char path[64], name[64], reason[512];
    struct lock lock;
    const struct collect_request r = collect_small(support_path_of("shared.db", path));
    assert_int_equal(lock_take(&lock, support_path_of("shared.lock", name), path, NULL), TRM_OK);
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), TRM_EXISTS);
    assert_non_null(strstr(reason, "another process"));
    lock_release(&lock);
    assert_false(file_exists(name) || file_exists(path));
}

/* What a killed process was writing goes with the next one. */
static void leftovers_of_killed_writers_go(void **state) {
    (void)state;
    support_need_data();
    static const char *const names[] = {"left.db.tmp-1-0", "left.checkpoint.safetensors.tmp-1-0",
                                        "left.weights.safetensors.tmp-1-3",
                                        "left.diverged.safetensors.tmp-12-0"};
    char path[64], left[64], reason[512];
    struct collect_request r = collect_small(support_path_of("left.db", path));
    assert_int_equal(collect_in_child(&r, (struct interruption){.stop_after = 4}, reason), TRM_STOPPED);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        FILE *const f = fopen(support_path_of(names[i], left), "w");
        assert_non_null(f);
        fclose(f);
    }
    r.resume = true;
    assert_int_equal(collect_in_child(&r, (struct interruption){0}, reason), SUPPORT_DONE);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_false(file_exists(support_path_of(names[i], left)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_checkpoint_is_refused),
        cmocka_unit_test(checkpoint_of_another_run_is_refused),
        cmocka_unit_test(resume_without_its_store_replaces_nothing),
        cmocka_unit_test(two_processes_do_not_share_a_run),
        cmocka_unit_test(leftovers_of_killed_writers_go),
    };
    return cmocka_run_group_tests(tests, support_make_folder, support_remove_folder);
}
