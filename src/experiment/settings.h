/* What a training run is: every option that decides its bits, with defaults, checks, and as JSON for the
 * store. */
#ifndef TRM_EXPERIMENT_SETTINGS_H
#define TRM_EXPERIMENT_SETTINGS_H

#include "base/status.h"
#include "data/data.h"
#include "muon/muon.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_settings {
    const char *solver;          /* muon_solver_name; default "quasi_newton" */
    struct muon_options budget;  /* tol, max_iter, rank, lr of the solver */
    bool every_solver;           /* the optimiser's arms are the five labels in their order, with default
                                    budgets and the lr above; then `solver` is what is chosen by, such as "router".
                                    Default false: the one solver is the one arm */
    struct muon_sgd_options sgd; /* arms and total_steps are filled in when the run is set up */
    const char *manifold;        /* "hidden" (default), "all", or names of weights with commas between */
    const char *track; /* the matrix that the features watch; NULL (default): the largest on the manifold */
    const char *model; /* nn_model_name; default "small_cnn" */
    double width;      /* (0, 16]; default 1 */
    const char *precision;    /* nn_precision_name; default "f32" */
    struct data_options data; /* name, folder, train_limit */
    bool augment;             /* default true */
    bool keep_last;           /* serve the last, smaller batch of an epoch; default false */
    size_t epochs;            /* >= 1; default 30 */
    size_t batch_size;        /* >= 1; default 128 */
    uint64_t seed;            /* <= 2^53; default 42 */
    size_t threads;           /* OpenMP threads that the run has */
    size_t record_every;      /* >= 1 steps; default 1 */
};

struct run_settings run_settings_default(const char *solver);
/* NULL, or what is wrong in words: everything that needs no data and no network. */
const char *run_settings_check(const struct run_settings *settings);

/* What the network runs in on this processor: nn_precision_used. */
const char *run_settings_precision(const struct run_settings *settings);

/* All settings, the data's fingerprint, and the versions and instruction sets that decide the bits, as one JSON
   object; free() it. NULL: out of memory. */
char *run_settings_json(const struct run_settings *settings, const struct data_set *data, size_t total_steps,
                        const char *program);

/* Compare two such objects. Where one differs, *error gets its name and both values, and TRM_INVALID is
 * returned. */
enum trm_status run_settings_same(const char *stored, const char *wanted, const char *where,
                                  struct trm_error *error);

#endif
