#include "support/dynamics.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

const char *dynamics_path(const char *name) {
    static char path[128];
    if (folder[0] == '\0') {
        strcpy(folder, "/tmp/test_trm_XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

int dynamics_cleanup(void **state) {
    (void)state;
    if (folder[0] == '\0')
        return 0;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    return rmdir(folder);
}

struct trm_run_settings dynamics_settings(void) {
    return (struct trm_run_settings){.name = "first",
                                     .solver = "quasi_newton",
                                     .model = "small_cnn",
                                     .dataset = "cifar10",
                                     .fingerprint = "0123abcd",
                                     .tracked = "conv3",
                                     .program = "0.1.0",
                                     .config = "{\"lr\": 0.1}",
                                     .width = 1.5,
                                     .seed = 42,
                                     .threads = 2,
                                     .epochs = 2,
                                     .batch_size = 128,
                                     .steps_per_epoch = 10,
                                     .record_every = 1};
}

struct trm_step dynamics_step(size_t step, double salt) {
    struct trm_step row = {.step = step,
                           .epoch = step / 10,
                           .epoch_step = step % 10,
                           .loss = 2.5 + salt,
                           .grad_norm = 0.25 + salt,
                           .has_next_loss = true,
                           .next_loss = 2.25 + salt,
                           .has_gap = true,
                           .gap = 1e-5,
                           .solver = step % 2 == 0 ? "admm" : "quasi_newton",
                           .iterations = 7 + step,
                           .seconds = 0.5,
                           .solve_seconds = 0.125};
    for (int i = 0; i < TRM_FEATURE_COUNT; i++)
        row.feature[i] = 0.1 * (double)(i + 1) - (double)step / 3 + salt;
    return row;
}

struct trm_store *dynamics_store(const char *path) {
    struct trm_store *store = NULL;
    struct trm_error error = {TRM_OK, ""};
    const struct trm_run_settings settings = dynamics_settings();
    int64_t run = 0;
    if (trm_store_create(path, false, &store, &error) != TRM_OK ||
        trm_store_run_begin(store, &settings, &run, &error) != TRM_OK)
        fail_msg("%s", error.text);
    assert_int_equal(run, 1);
    return store;
}

void dynamics_insert(struct trm_store *store, int64_t run, size_t first, size_t end, double salt) {
    for (size_t i = first; i < end; i++) {
        const struct trm_step row = dynamics_step(i, salt);
        assert_int_equal(trm_store_step_insert(store, run, &row, NULL), TRM_OK);
    }
}

struct trm_arms dynamics_arms(void) {
    struct trm_arms arms;
    assert_int_equal(trm_arms_parse("quasi_newton,quasi_newton:0.5,frank_wolfe@10:2", &arms, NULL), TRM_OK);
    return arms;
}

struct trm_branch dynamics_branch(size_t step) {
    static const uint64_t seeds[] = {7, 9};
    static const double base[] = {2.5, 2.0}, probe[3][2] = {{2.25, 1.875}, {2.375, 1.75}, {2.125, 1.5}},
                        cosine[3][2] = {{0, 0}, {0.5, 0}, {-0.25, 0.75}},
                        look[3][2] = {{1.5, 1.25}, {1.75, 1.125}, {1.625, 1.0}},
                        doubled[3][2] = {{1.375, 1.5}, {1.0625, 1.25}, {1.125, 1.75}};
    static struct trm_outcome outcome[3];
    for (size_t i = 0; i < 3; i++)
        outcome[i] = (struct trm_outcome){.chosen = i == 1,
                                          .next_loss = 1.5 + (double)i,
                                          .decrease = 0.75 + (double)i,
                                          .norm = 3 + (double)i,
                                          .scale = 0.5 + (double)i,
                                          .rank = 0.25 + 0.125 * (double)i,
                                          .gap = 0.0625 * (double)i,
                                          .iterations = 20 + i,
                                          .seconds = 0.03125 + (double)i,
                                          .probe_loss = probe[i],
                                          .cosine = cosine[i],
                                          .look_loss = look[i],
                                          .look_doubled = step % 4 == 0 ? doubled[i] : NULL};
    return (struct trm_branch){.step = step,
                               .match = TRM_MATCH_DECREASE,
                               .probe_count = 2,
                               .probe_seed = seeds,
                               .base_loss = base,
                               .repeat_count = 2,
                               .seconds = 0.75,
                               .hold = 3,
                               .anneal = 5,
                               .arm_count = 3,
                               .outcome = outcome};
}

long long dynamics_count(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    const long long count = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return count;
}

const char *const dynamics_loosen =
    "PRAGMA synchronous = OFF; PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(replace("
    "replace(sql, 'NOT NULL', ''), ', STRICT', ''), ') STRICT', ')') WHERE type = 'table' AND name <> 'kept'";

void dynamics_sql(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
