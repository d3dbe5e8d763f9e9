/* What the store's files share; trm.h has the functions for others. */
#ifndef TRM_DYNAMICS_STORE_H
#define TRM_DYNAMICS_STORE_H

#include "trm.h"

#include "storage/sqlite.h"

#include <sys/types.h>

enum { STORE_APPLICATION_ID = 0x54524D44 }; /* "TRMD" */

/* "log_loss, loss_trend, ..., " and "?,?,...," for every feature */
#define STORE_FEATURE_COLUMN(name, column, text) #column ", "
#define STORE_FEATURE_PLACE(name, column, text) "?,"
#define STORE_FEATURES TRM_FEATURE_LIST(STORE_FEATURE_COLUMN)
#define STORE_FEATURE_PLACES TRM_FEATURE_LIST(STORE_FEATURE_PLACE)

/* NAME, SQL of the statements that write; prepared once when a store is opened to append. */
#define STORE_STATEMENT_LIST(X)                                                                              \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                              \
    X(COMMIT, "COMMIT")                                                                                      \
    X(RUN,                                                                                                   \
      "INSERT INTO run (name, solver, model, dataset, fingerprint, tracked, program, config, width, "        \
      "seed, threads, epochs, batch_size, steps_per_epoch, record_every, feature_version, status, "          \
      "started) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'running',strftime('%Y-%m-%dT%H:%M:%SZ','now'))")    \
    X(FINISH, "UPDATE run SET status = ?, test_accuracy = ?, test_loss = ?, message = ?, "                   \
              "finished = strftime('%Y-%m-%dT%H:%M:%SZ','now') WHERE id = ?")                                \
    X(CONFIG, "UPDATE run SET config = ? WHERE id = ?")                                                      \
    X(STEP, "INSERT INTO step (run_id, step, epoch, epoch_step, " STORE_FEATURES                             \
            "loss, grad_norm, next_loss, gap, solver, iterations, seconds, solve_seconds) "                  \
            "VALUES (?,?,?,?," STORE_FEATURE_PLACES "?,?,?,?,?,?,?,?)")                                      \
    X(EPOCH,                                                                                                 \
      "INSERT OR REPLACE INTO epoch (run_id, epoch, train_loss, test_loss, test_accuracy, held_loss, "       \
      "held_accuracy, seconds, max_ortho_error) VALUES (?,?,?,?,?,?,?,?,?)")

enum store_statement {
#define X(name, sql) STORE_##name,
    STORE_STATEMENT_LIST(X)
#undef X
        STORE_STATEMENTS
};

/* The same for arms and branch states, whose tables are made with the first arms; prepared when first used. */
#define STORE_OUTCOME_LIST(X)                                                                                \
    X(ARM, "INSERT INTO arm (run_id, arm, name) VALUES (?,?,?)")                                             \
    X(SECONDS, "UPDATE arm SET seconds = ? WHERE run_id = ? AND arm = ?")                                    \
    X(BRANCH, "INSERT INTO branch (run_id, step, match, hold, anneal, seconds) VALUES (?,?,?,?,?,?)")        \
    X(BASE, "INSERT INTO branch_probe (run_id, step, probe, seed, loss) VALUES (?,?,?,?,?)")                 \
    X(OUTCOME, "INSERT INTO outcome (run_id, step, arm, chosen, next_loss, decrease, norm, scale, rank, "    \
               "gap, iterations, seconds) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)")                                 \
    X(PROBE, "INSERT INTO outcome_probe (run_id, step, arm, probe, loss) VALUES (?,?,?,?,?)")                \
    X(COSINE, "INSERT INTO outcome_cosine (run_id, step, arm, other, cosine) VALUES (?,?,?,?,?)")            \
    X(LOOK, "INSERT INTO outcome_look (run_id, step, arm, repetition, loss, doubled) VALUES (?,?,?,?,?,?)")

enum store_outcome {
#define X(name, sql) OUTCOME_##name,
    STORE_OUTCOME_LIST(X)
#undef X
        OUTCOME_STATEMENTS
};

/* What a run may be at most: products of these fit 64 bits. */
static const size_t STORE_EPOCHS = 1000000, STORE_STEPS_PER_EPOCH = 1000000000,
                    STORE_STEPS = 1000000000000000;

struct trm_store {
    struct sql sql;
    char *path;
    enum trm_store_mode mode;
    bool waits;                                /* there is no WAL */
    int held;                                  /* the file itself, locked: -1 in TRM_STORE_READ */
    dev_t device;                              /* of that file, */
    ino_t file;                                /* whatever lies at its name later */
    sqlite3_stmt *statement[STORE_STATEMENTS]; /* all NULL in TRM_STORE_READ */
    sqlite3_stmt *solve;                       /* NULL until the first solve is inserted */
    sqlite3_stmt *decision;                    /* NULL until the first decision is inserted */
    sqlite3_stmt *decision_unrecorded;
    sqlite3_stmt *outcome[OUTCOME_STATEMENTS]; /* each NULL until the first such row */
};

/* The bytes of a new, empty store; free with sqlite3_free. */
enum trm_status store_image(unsigned char **bytes, size_t *size, struct trm_error *error);
extern const struct sql_format store_format;

/* Close and free, nothing else. */
void store_release(struct trm_store *store);

/* TRM_INVALID where the store was opened to read only. */
enum trm_status store_check_writable(const struct trm_store *store, struct trm_error *error);

/* Open a batch where none is open. */
enum trm_status store_batch(struct trm_store *store, struct trm_error *error);
bool store_in_batch(const struct trm_store *store);

enum trm_status store_check_run(struct trm_store *store, int64_t run, struct trm_error *error);

/* Has the store the tables of outcome.h? */
enum trm_status store_has_outcomes(struct trm_store *store, int64_t run, bool *has, struct trm_error *error);

/* A row for one of the statements. */
struct sql_row store_row(struct trm_store *store, enum store_statement statement);

#endif
