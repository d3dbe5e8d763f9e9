/* What the store's files share; trm.h has the functions for others. */
#ifndef TRM_DYNAMICS_STORE_H
#define TRM_DYNAMICS_STORE_H

#include "trm.h"

#include <sqlite3.h>

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
    X(STEP, "INSERT INTO step (run_id, step, epoch, epoch_step, " STORE_FEATURES                             \
            "loss, grad_norm, next_loss, gap, solver, iterations, seconds, solve_seconds) "                  \
            "VALUES (?,?,?,?," STORE_FEATURE_PLACES "?,?,?,?,?,?,?,?)")                                      \
    X(EPOCH, "INSERT OR REPLACE INTO epoch (run_id, epoch, train_loss, test_loss, test_accuracy, seconds, "  \
             "max_ortho_error) VALUES (?,?,?,?,?,?,?)")                                                      \
    X(OUTCOME, "INSERT INTO outcome (run_id, step, arm, solver, multiplier, tol, max_iterations, rank, "     \
               "match, chosen, next_loss, horizon, horizon_loss, decrease, norm, seconds) "                  \
               "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")                                                   \
    X(PROBE, "INSERT INTO outcome_probe (run_id, step, arm, probe, seed, base_loss, loss) "                  \
             "VALUES (?,?,?,?,?,?,?)")                                                                       \
    X(COSINE, "INSERT INTO outcome_cosine (run_id, step, arm, other, cosine) VALUES (?,?,?,?,?)")

enum store_statement {
#define X(name, sql) STORE_##name,
    STORE_STATEMENT_LIST(X)
#undef X
        STORE_STATEMENTS
};

struct trm_store {
    sqlite3 *db;
    char *path;
    enum trm_store_mode mode;
    sqlite3_stmt *statement[STORE_STATEMENTS]; /* all NULL in TRM_STORE_READ */
    sqlite3_stmt *decision;                    /* NULL until the first decision is inserted */
};

/* The bytes of a new, empty store; free with sqlite3_free. */
enum trm_status store_image(unsigned char **bytes, size_t *size, struct trm_error *error);

/* Close and free, nothing else. */
void store_release(struct trm_store *store);

/* Status and text from SQLite's last error; `what` continues "cannot ", e.g. "add a step". */
enum trm_status store_fail(const struct trm_store *store, struct trm_error *error, const char *what);

/* TRM_INVALID where the store was opened to read only. */
enum trm_status store_check_writable(const struct trm_store *store, struct trm_error *error);

/* Open a batch where none is open. */
enum trm_status store_batch(struct trm_store *store, struct trm_error *error);
bool store_in_batch(const struct trm_store *store);

/* Run SQL that gives no rows; returns SQLite's code. */
int store_exec(struct trm_store *store, const char *sql);
/* Prepare a query and bind its one number. */
enum trm_status store_query(struct trm_store *store, const char *sql, int64_t number, sqlite3_stmt **query,
                            struct trm_error *error);
/* The one whole number that such a query gives, 0 where it gives no row. */
enum trm_status store_number(struct trm_store *store, const char *sql, int64_t parameter, int64_t *value,
                             struct trm_error *error);
enum trm_status store_check_run(struct trm_store *store, int64_t run, struct trm_error *error);

/* One row on its way into a statement: values are bound in the order of the calls, and a number that SQL
   could not give back (NaN, infinity, above 2^63 - 1) is remembered by its column. */
struct store_row {
    struct trm_store *store;
    sqlite3_stmt *statement;
    int next;
    const char *not_finite, *too_large; /* the first such column, or NULL */
};

struct store_row store_row_begin(struct trm_store *store, enum store_statement statement);
void store_row_int(struct store_row *row, int64_t value);
void store_row_size(struct store_row *row, const char *column, uint64_t value);
void store_row_real(struct store_row *row, const char *column, double value);
void store_row_optional(struct store_row *row, const char *column, bool has,
                        double value);                         /* NULL where not has */
void store_row_text(struct store_row *row, const char *value); /* NULL is SQL's NULL; not copied */
/* Run the statement, `what` as in store_fail. */
enum trm_status store_row_end(struct store_row *row, const char *what, struct trm_error *error);

#endif
