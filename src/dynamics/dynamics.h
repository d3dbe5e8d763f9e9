/* Recorded training dynamics: the SQLite store that keeps them, and the collector that joins it with the features.
   Statuses, ownership and threads as in trm/features.h. */
#ifndef TRM_DYNAMICS_DYNAMICS_H
#define TRM_DYNAMICS_DYNAMICS_H

#include "dynamics/features.h"

#include <stdio.h>

TRM_C_BEGIN

/* ---- store ---- */

/* One SQLite file a group of runs: tables meta, run, step, epoch, and those of
   outcome.h; views dynamics (a step with its run, flat) and run_summary. One process writes at a time, others may read
   meanwhile. Rows become durable, all or none of a batch, at trm_store_commit: a program killed at any moment
   leaves a store that opens, with every batch committed before. While it is written two more files lie beside
   it (-wal, -shm); they belong to it, and trm_store_close folds them in. NaN and infinity are refused (SQLite
   would make NaN NULL). */
struct trm_store;

enum { TRM_STORE_VERSION = 2 };

enum trm_store_mode { TRM_STORE_READ, TRM_STORE_APPEND };

/* Make a new store and open it to append. Missing folders are made. An existing path is TRM_EXISTS unless
 * overwrite. */
TRM_API enum trm_status trm_store_create(const char *path, bool overwrite, struct trm_store **out,
                                         struct trm_error *error);
/* Open an existing store; the whole file is checked first. TRM_NOT_FOUND: no such file; TRM_FORMAT: no store,
   of another version, or damaged. */
TRM_API enum trm_status trm_store_open(const char *path, enum trm_store_mode mode, struct trm_store **out,
                                       struct trm_error *error);
/* Does the file say that it is a store, whatever its version and state? */
TRM_API bool trm_store_is(const char *path);
/* Commit what is open and close; store is freed on every return. NULL is fine. */
TRM_API enum trm_status trm_store_close(struct trm_store *store, struct trm_error *error);
TRM_API const char *trm_store_path(const struct trm_store *store);
/* What is unusual about writing here, in one line, or NULL. */
TRM_API const char *trm_store_notice(const struct trm_store *store);

/* End the open batch of rows, on disk when it returns. To be called before a checkpoint of the training is
   written, so that no checkpoint is ahead of its store. Nothing to do is fine. */
TRM_API enum trm_status trm_store_commit(struct trm_store *store, struct trm_error *error);

/* NAME, text in the store, meaning */
#define TRM_RUN_STATUS_LIST(X)                                                                               \
    X(RUNNING, running, "begun and not finished; also what a killed run leaves")                             \
    X(DONE, done, "all its epochs done")                                                                     \
    X(STOPPED, stopped, "stopped on request, can go on from its checkpoint")                                 \
    X(DIVERGED, diverged, "ended early because a loss or gradient was not finite")

enum trm_run_status {
#define X(name, column, text) TRM_RUN_##name,
    TRM_RUN_STATUS_LIST(X)
#undef X
};

TRM_API const char *trm_run_status_name(enum trm_run_status status); /* NULL for any other number */

/* What a run is; strings are copied by the store. All but name are needed. */
struct trm_run_settings {
    const char *name;                                    /* for people; NULL: none */
    const char *solver;                                  /* the fixed solver, or e.g. "router", "random" */
    const char *model;                                   /* "small_cnn" */
    const char *dataset;                                 /* "cifar10" */
    const char *fingerprint;                             /* of the data, e.g. a hash */
    const char *tracked;                                 /* name of the tracked matrix */
    const char *program;                                 /* version of the program */
    const char *config;                                  /* the full configuration, JSON */
    double width;                                        /* > 0 */
    uint64_t seed;                                       /* <= 2^63 - 1, SQLite's largest */
    size_t threads, epochs, batch_size, steps_per_epoch; /* >= 1 */
    size_t record_every;                                 /* >= 1; a row where step % record_every == 0 */
};

struct trm_run_result {
    enum trm_run_status status;
    bool has_test;                   /* false: the next two are NULL in the store */
    double test_accuracy, test_loss; /* share in 0 ... 1, mean loss; on the test set at the end */
    const char *message;             /* one line, or NULL */
};

struct trm_run {
    int64_t id;
    int feature_version;
    struct trm_run_settings settings;
    struct trm_run_result result;
    const char *started, *finished; /* UTC, "2025-01-31T12:00:00Z"; finished is NULL while running */
};

/* Add a run (durable at once, it is running); *run is its number in this store, from 1. */
TRM_API enum trm_status trm_store_run_begin(struct trm_store *store, const struct trm_run_settings *settings,
                                            int64_t *run, struct trm_error *error);
/* Write how it ended, and commit. */
TRM_API enum trm_status trm_store_run_finish(struct trm_store *store, int64_t run,
                                             const struct trm_run_result *result, struct trm_error *error);
/* Resume: delete the run's steps, with what belongs to them, after `step` (-1: all) and the epochs that end after it,
   set it running again, and commit. TRM_FORMAT where steps up to `step` are missing: the store is older than the
   checkpoint. */
TRM_API enum trm_status trm_store_truncate_after(struct trm_store *store, int64_t run, int64_t step,
                                                 struct trm_error *error);
/* The same, and in the same transaction the run's configuration becomes `config` (NULL: stays). */
TRM_API enum trm_status trm_store_change_after(struct trm_store *store, int64_t run, int64_t step,
                                               const char *config, struct trm_error *error);

/* Write a view or table ("dynamics", "run_summary", "epoch", ...) as comma-separated values with a line of names (RFC
   4180), numbers in the fewest digits that come back the same, nothing for NULL. TRM_NOT_FOUND names those there are.
   What could not be written the stream knows (ferror). */
TRM_API enum trm_status trm_store_write_csv(struct trm_store *store, const char *view, FILE *to,
                                            struct trm_error *error);

/* Add every run of the store at path, with all its rows, under the next free numbers; all or nothing. TRM_FORMAT,
   TRM_NOT_FOUND as trm_store_open. */
TRM_API enum trm_status trm_store_gather(struct trm_store *store, const char *path, struct trm_error *error);

struct trm_step {
    size_t step, epoch, epoch_step; /* step = epoch * steps_per_epoch + epoch_step, all from 0 */
    double feature[TRM_FEATURE_COUNT];
    double loss, grad_norm;
    bool has_next_loss, has_gap;   /* false: NULL in the store, and the number is not looked at */
    double next_loss;              /* same batch, after the step */
    const char *solver;            /* the one used at this step; when read, valid during the visit */
    double gap;                    /* certified relative gap of the tracked matrix */
    size_t iterations;             /* of the solver on the tracked matrix */
    double seconds, solve_seconds; /* of the whole step; of its inner solves and retractions */
};

struct trm_epoch {
    size_t epoch;
    double train_loss;               /* mean over its steps */
    bool has_test;                   /* false: the next two are NULL in the store */
    double test_loss, test_accuracy; /* accuracy as a share in 0 ... 1 */
    bool has_held;                   /* the same of the images that were held out of training */
    double held_loss, held_accuracy;
    double seconds;
    double max_ortho_error; /* largest ‖WᵀW − I‖_F/√n of the matrices at its end */
};

/* Add one row to the open batch (one is opened where there is none). Allocates nothing. A step that is there
   already is TRM_EXISTS; an epoch that is there is replaced. TRM_NOT_FINITE names the column. */
TRM_API enum trm_status trm_store_step_insert(struct trm_store *store, int64_t run,
                                              const struct trm_step *row, struct trm_error *error);
TRM_API enum trm_status trm_store_epoch_insert(struct trm_store *store, int64_t run,
                                               const struct trm_epoch *row, struct trm_error *error);

/* What the inner solver did to one matrix of a recorded step. */
struct trm_solve {
    const char *matrix; /* its name; when read, valid during the visit */
    double gap;         /* certified, relative */
    size_t iterations;
    double seconds;
    double norm; /* ||A||_2 */
    size_t rank; /* singular values of A above 1e-3 of the radius */
};

/* Add one row to the open batch; its step must have been inserted before, and goes with it on truncation. The first
   one makes the table. */
TRM_API enum trm_status trm_store_solve_insert(struct trm_store *store, int64_t run, size_t step,
                                               const struct trm_solve *row, struct trm_error *error);

/* What choosing the solver of one step cost. Stores that online made have a table of these, with a row for every step,
   recorded or not. */
struct trm_step_decision {
    size_t step;
    bool decided;           /* false: the last choice stood, or there was no choice */
    size_t cycles;          /* of the router; 0 where it was not asked */
    double train_seconds;   /* of the whole step but the loss after it */
    double feature_seconds; /* part of train_seconds: the twelve features */
    double decide_seconds;  /* part of train_seconds: the choice; 0 where not decided */
    const char *solver;     /* of the step; to insert: NULL where the step is recorded, and so names it */
};

/* Add one row to the open batch; a recorded step must have been inserted before. It goes with its step on truncation.
   The first one makes the table. */
TRM_API enum trm_status trm_store_decision_insert(struct trm_store *store, int64_t run,
                                                  const struct trm_step_decision *row,
                                                  struct trm_error *error);

/* All runs by number, in one allocation that *runs points to: free() it. An empty store: NULL and 0. */
TRM_API enum trm_status trm_store_runs(struct trm_store *store, struct trm_run **runs, size_t *count,
                                       struct trm_error *error);

/* Visit the rows of one run in order. A visit that returns anything but TRM_OK ends it, with that status. The
   store must not be written to by a visit. An unknown run is TRM_NOT_FOUND. */
typedef enum trm_status trm_step_visit(void *context, const struct trm_step *row);
typedef enum trm_status trm_epoch_visit(void *context, const struct trm_epoch *row);
typedef enum trm_status trm_decision_visit(void *context, const struct trm_step_decision *row);
TRM_API enum trm_status trm_store_steps(struct trm_store *store, int64_t run, trm_step_visit *visit,
                                        void *context, struct trm_error *error);
TRM_API enum trm_status trm_store_epochs(struct trm_store *store, int64_t run, trm_epoch_visit *visit,
                                         void *context, struct trm_error *error);
/* None where the store has no table of them. */
TRM_API enum trm_status trm_store_decisions(struct trm_store *store, int64_t run, trm_decision_visit *visit,
                                            void *context, struct trm_error *error);

/* By step, then by name of the matrix; none where the store has no table of them. */
typedef enum trm_status trm_solve_visit(void *context, size_t step, const struct trm_solve *row);
TRM_API enum trm_status trm_store_solves(struct trm_store *store, int64_t run, trm_solve_visit *visit,
                                         void *context, struct trm_error *error);

enum { TRM_HASH_TEXT = 41 }; /* characters of a hash, and the 0 */

/* SHA-1 over step number, features, loss, gradient norm and next loss of all steps of a run in
   order, as 40 hex digits; times and gaps are left out. Two runs that did the same have the same hash. */
TRM_API enum trm_status trm_store_hash(struct trm_store *store, int64_t run, char text[TRM_HASH_TEXT],
                                       struct trm_error *error);

/* ---- collector ---- */

/* The seam between a training loop and the two above, one run each:
     trm_collector_create
     a step:       trm_collector_pre_step, the update, trm_collector_post_step
     an epoch:     trm_store_epoch_insert
     a checkpoint: trm_store_commit, then save with trm_features_save(trm_collector_features(c), ...)
     trm_collector_close
   On resume: trm_store_truncate_after, create, trm_features_restore. */
struct trm_collector;

/* Options begin with their size, as those of muon.h. */
struct trm_collector_options {
    size_t size;         /* of this struct, as the caller was compiled with it */
    size_t record_every; /* rows where step % record_every == 0; >= 1, default 1; as in the run's settings */
    size_t commit_every; /* rows a batch; >= 1, default 64 */
};

/* The first `size` bytes of the defaults; for trm_collector_defaults, which is compiled into the caller. */
TRM_API void trm_collector_options_init(struct trm_collector_options *options, size_t size);
static inline struct trm_collector_options trm_collector_defaults(void) {
    struct trm_collector_options options;
    trm_collector_options_init(&options, sizeof options);
    return options;
}
TRM_API const char *trm_collector_check(const struct trm_collector_options *options); /* NULL or the reason */

/* store may be NULL: features only, nothing is recorded. TRM_INVALID where record_every is not that of the
 run's settings. The store stays the caller's and outlives the
 * collector. */
TRM_API enum trm_status trm_collector_create(struct trm_collector **out, struct trm_store *store, int64_t run,
                                             size_t gradient_count,
                                             const struct trm_collector_options *options,
                                             struct trm_error *error);
TRM_API struct trm_features *trm_collector_features(struct trm_collector *collector);

/* trm_features_pre_step, and keep what the row needs. out may be NULL. */
TRM_API enum trm_status trm_collector_pre_step(struct trm_collector *collector,
                                               const struct trm_training_state *state,
                                               double out[TRM_FEATURE_COUNT], struct trm_error *error);

/* Will the step last given to pre_step be recorded? Where not, no next loss need be computed. */
TRM_API bool trm_collector_records(const struct trm_collector *collector);

/* What became of the step: as the members of struct trm_step. */
struct trm_step_outcome {
    bool has_next_loss, has_gap;
    double next_loss, gap;
    const char *solver;
    size_t iterations;
    double seconds, solve_seconds;
    const struct trm_solve *solves; /* (solve_count) of the matrices; may be none */
    size_t solve_count;
};

/* Write the row (where it is one to record), and commit every commit_every rows. TRM_INVALID without a
   pre_step before it; TRM_DIVERGED where next_loss is not finite (no row is written then). */
TRM_API enum trm_status trm_collector_post_step(struct trm_collector *collector,
                                                const struct trm_step_outcome *outcome,
                                                struct trm_error *error);

/* Commit, write how the run ended (result NULL: leave it running), and free the collector on every return. */
TRM_API enum trm_status trm_collector_close(struct trm_collector *collector,
                                            const struct trm_run_result *result, struct trm_error *error);

TRM_C_END

#endif
