/* What a training run is: every setting that decides its bits, as one table, with checks, and as JSON for the
   store. It stands here because the oracle and the report compare runs by it. */
#ifndef TRM_DYNAMICS_SETTINGS_H
#define TRM_DYNAMICS_SETTINGS_H

#include "base/status.h"
#include "data/data.h"
#include "dynamics/arm.h"
#include "muon/muon.h"
#include "storage/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What muon_solver_name, nn_model_name, nn_precision_name and data_name list, as ranges. */
#define RUN_SOLVER_NAME(name, ...) #name "|"
#define RUN_SOLVERS MUON_SOLVER_LIST(RUN_SOLVER_NAME)
#define RUN_MODELS "small_cnn|mlp"
#define RUN_PRECISIONS "f32|bf16"
#define RUN_DATA_SETS "cifar10|fashion-mnist|cifar100"

/* name, what runs are called by it, momentum, nesterov always, what it is */
#define RUN_OPTIMIZER_LIST(X)                                                                                \
    X(manifold_muon, NULL, 0.95, true, "MuonSGD, which solves the inner problem with --solver")              \
    X(sgd, "sgd", 0.9, true, "SGD with Nesterov's momentum")                                                 \
    X(adamw, "adamw", 0.9, false, "AdamW; --momentum is its first beta")                                     \
    X(muon, "muon_ns5", 0.95, true, "Muon as published: Nesterov's momentum, five Newton-Schulz steps")      \
    X(spel, "spel", 0.95, true, "W <- polar(W - b msign(Gamma))")
enum run_optimizer {
#define X(name, ...) RUN_##name,
    RUN_OPTIMIZER_LIST(X)
#undef X
        RUN_OPTIMIZERS
};
#define RUN_OPTIMIZER_NAME(name, ...) #name "|"
#define RUN_OPTIMIZER_NAMES RUN_OPTIMIZER_LIST(RUN_OPTIMIZER_NAME)

enum run_certify { RUN_certify_recorded, RUN_certify_always, RUN_certify_never };
/* What --pull goes to: the nearest orthonormal matrix, or every row (filter) with norm 1. */
enum run_pull { PULL_ORTHONORMAL, PULL_ROWS };

enum last_batch { LAST_BATCH_DROP, LAST_BATCH_KEEP };

/* What is stored with the settings and cannot be set; filled in when they are stored. */
struct run_facts {
    const char *fingerprint, *instruction_set, *network_library, *algebra_library, *program;
};

struct run_settings {
    enum run_optimizer
        optimizer;      /* what updates the matrices of `manifold`; default manifold_muon. Of another one,
                                     `solver` is its name for the run, and the budget stays unused */
    const char *solver; /* an arm, dynamics/arm.h; default "quasi_newton". Where there are arms also what
                                    chooses among them, such as "router" */
    struct muon_options budget;  /* tol, max_iter, rank of that arm, and lr of every arm */
    struct trm_arms arms;        /* to choose from or to compare, beside the solver; default none */
    struct muon_sgd_options sgd; /* arms and total_steps are filled in when the run is set up */
    double pull;                 /* [0, 1], of the optimizer muon, experiment/rule.h; default 0 */
    enum run_pull pull_to;       /* default PULL_ORTHONORMAL */
    const char *manifold;        /* "hidden" (default), "all", or names of weights with commas between */
    const char *track; /* the matrix that the features watch; NULL (default): the largest on the manifold */
    const char *model; /* nn_model_name; default "small_cnn" */
    double width;      /* (0, 16]; default 1 */
    const char *precision;      /* nn_precision_name; default "f32" */
    struct data_options data;   /* name, folder, train_limit, holdout */
    bool augment;               /* default true */
    enum last_batch last_batch; /* the last, smaller batch of an epoch; default: drop it */
    size_t epochs;              /* >= 1; default 30 */
    size_t batch_size;          /* >= 1; default 128 */
    uint64_t seed;              /* <= 2^53; default 42 */
    size_t threads;             /* OpenMP threads that the run has */
    size_t record_every;        /* >= 1 steps; default 1 */
    enum run_certify certify;   /* which steps' solves get a certificate; default: the recorded ones */
    struct run_facts facts;
};

/* One row a setting, in the order in which they are stored. target: struct run_settings. */
struct settings run_settings_table(struct run_settings *target);

/* Of these the budget of the solver alone: tol, max-iter, rank. */
struct settings run_budget_table(struct run_settings *target);

struct run_settings run_settings_default(const char *solver);
/* With what is left to the solver, to lr and to the machine (threads) at 0, for the table to fill. */
struct run_settings run_settings_open(void);
/* Fill in what is open still: the budget by the solver, momentum and name by the optimizer. */
void run_settings_complete(struct run_settings *settings);
/* NULL, or what is wrong in words: everything that needs no data and no network. */
const char *run_settings_check(const struct run_settings *settings);

/* What the network runs in on this processor: nn_precision_used. */
const char *run_settings_precision(const struct run_settings *settings);

/* All settings, the data's fingerprint, and the versions and instruction sets that decide the bits, as one JSON
   object; free() it. NULL: out of memory. */
char *run_settings_json(const struct run_settings *settings, const struct data_set *data, size_t total_steps,
                        const char *program);

/* May this member of it differ between runs that are compared? which: of SETTING_COMPARED_FREELY. */
bool run_settings_may_differ(const char *name, unsigned which);

/* Compare two such objects, but for members with a bit of `which`, such as SETTING_STEP. Where one differs, *error
   gets its name and both values, and TRM_INVALID is returned. */
enum trm_status run_settings_same(const char *stored, const char *wanted, unsigned which, const char *where,
                                  struct trm_error *error);

/* The wanted settings, with a member "went on" that says what they were before `step`; free() it. NULL: out of
   memory. A run that has it is compared with none that has not. */
char *run_settings_went_on(const char *stored, const char *wanted, size_t step);
bool run_settings_has_gone_on(const char *config); /* has it that member? */

#endif
