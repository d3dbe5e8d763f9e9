/* What the files of the oracles share. */
#ifndef TRM_ORACLE_MERGE_H
#define TRM_ORACLE_MERGE_H

#include "dynamics/outcome.h"
#include "oracle/dataset.h"
#include "storage/sqlite.h"

enum { DATASET_APPLICATION_ID = 0x54524453 }; /* "TRDS" */
extern const struct sql_format dataset_format;

/* What is kept of a recorded step. */
struct merge_row {
    double feature[TRM_FEATURE_COUNT];
    double loss, change;
    size_t step, epoch;
};

struct merge_run {
    const char *path;           /* of its store */
    const struct trm_run *info; /* in merge.lists */
    int solver;                 /* its label */
    double solve_seconds;       /* mean over its rows */
    char hash[TRM_HASH_TEXT];
    struct merge_row *rows; /* by step; after merge_align the shared ones only */
    size_t count, room;
    struct trm_sample *states; /* (state_count) branch states, by step; the other oracles */
    size_t state_count, state_room;
    double seconds[TRM_ARMS_MAX]; /* of each arm, measured alone; all 0 where not has_seconds */
    bool has_seconds;
};

/* What all branch states have in common. */
struct branch_common {
    struct trm_arm_names names;
    enum trm_match match;
    size_t states, look; /* look: steps of the longest */
};

struct merge {
    struct merge_run *runs;
    size_t run_count;
    struct trm_run **lists; /* one an input: what trm_store_runs gave */
    size_t list_count;
    const struct trm_oracle_options *options; /* of the other oracles */
    struct branch_common common;
};

/* Read what is wanted of a run; merge holds the runs so far, this one the last. */
typedef enum trm_status merge_reader(struct trm_store *store, struct merge *merge, struct merge_run *run,
                                     struct trm_error *error);
/* All runs of all inputs, which must not be the output; merge is empty before, and for merge_release in any case. */
enum trm_status merge_read(struct merge *merge, const char *const *inputs, size_t count, const char *output,
                           bool overwrite, merge_reader *read, struct trm_error *error);
void merge_release(struct merge *merge);
/* Room for one more row; keep this one; TRM_NOT_FINITE names its column. */
enum trm_status merge_room(struct merge_run *run, struct trm_error *error);
void merge_keep(struct merge_run *run, const struct trm_step *row);
enum trm_status merge_check_row(const struct merge_run *run, const struct trm_step *row,
                                struct trm_error *error);

struct trm_dataset {
    struct trm_sample *samples;
    size_t count;
    struct trm_statistics statistics;
};

/* A merge_reader: the branch states of a run, judged as merge->options say. */
enum trm_status branch_read_run(struct trm_store *store, struct merge *merge, struct merge_run *run,
                                struct trm_error *error);
/* Can this run be compared with first? TRM_INVALID names both files and the difference. */
enum trm_status merge_compare(const struct merge_run *first, const struct merge_run *run,
                              struct trm_error *error);
/* What one run must be by itself: finished, with the features of this version; merge_accept: and of a solver that is a
   label; sets run->solver. */
enum trm_status merge_accept_any(const struct merge_run *run, struct trm_error *error);
enum trm_status merge_accept(struct merge_run *run, struct trm_error *error);
/* Every seed has the same solvers, at least two, each once. Expects the runs sorted by seed, then solver. */
enum trm_status merge_check_solvers(const struct merge *merge, struct trm_error *error);

/* Length of a block, clamp(steps / 10, 8, 100), and of the guard between two, min(10, block / 4). */
size_t dataset_block(size_t steps);
size_t dataset_guard(size_t block);
/* How many blocks: a rest of half a block or more is one of its own, a shorter one belongs to the last. */
size_t dataset_groups(size_t steps, size_t block);
/* The block of a step; groups and block of st are set. */
size_t dataset_group(const struct trm_statistics *st, size_t position);
/* Counts from the samples; oracle, runs, steps, present, seconds, block, guard and groups are set before. */
void dataset_count(struct trm_dataset *dataset);

/* The columns of the changes, before each `before`, after each `after`: change_NAME, and where there are halves
   first_NAME and second_NAME, a name that is no word of SQL in quotes. */
void dataset_columns(sqlite3_str *text, const struct trm_statistics *st, const char *before,
                     const char *after);
/* Write the file, complete or not at all; merge: the runs. */
enum trm_status dataset_write(const char *path, bool overwrite, const struct merge *merge,
                              const struct trm_dataset *dataset, struct trm_error *error);

#endif
