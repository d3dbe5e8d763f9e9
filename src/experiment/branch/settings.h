/* What a branching run compares: arms, probes and looks, as options of collect. */
#ifndef TRM_EXPERIMENT_BRANCH_SETTINGS_H
#define TRM_EXPERIMENT_BRANCH_SETTINGS_H

#include "dynamics/outcome.h"
#include "dynamics/settings.h"
#include "storage/settings.h"

enum branch_oracle { BRANCH_ORACLE_NONE, BRANCH_ORACLE_BRANCH };

struct branch_settings {
    enum branch_oracle oracle; /* default none: the rest is not looked at */
    size_t every;              /* a state at steps that are multiples of it; >= 1, default 25 */
    const char *arms_text;     /* NULL: the five solvers */
    struct trm_arms arms;      /* what arms_text says; filled in by branch_settings_complete */
    size_t probes;             /* fresh batches a state, 1 ... TRM_PROBES_MAX; default 8 */
    enum trm_match match;      /* default none */
    size_t look_every;         /* a look at every so many states; 0 (default): none */
    size_t
        look_repeats; /* looks at such a state, each with coming batches of its own; 1 ... TRM_REPEATS_MAX */
    size_t hold, anneal; /* H >= 1 and L >= 0 steps of a look; default 16 and 48 */
    bool look_check;     /* look also with 2 L, to see whether L is long enough */
    const char *router;  /* file of a router that the run goes on with; NULL: the run's solver, or "random" */
    char router_hash[41]; /* its SHA-1; filled in when it is loaded */
};

/* One row an option. target: struct branch_settings. */
struct settings branch_settings_table(struct branch_settings *target);
/* Reads the arms; NULL, or what is wrong in words, with the run that is to branch. words: room for them. */
const char *branch_settings_complete(struct branch_settings *branch, struct run_settings *run,
                                     char words[256]);
/* A run's stored configuration with what it branches by, "branch"; free() both. NULL: out of memory. */
char *branch_settings_json(const struct branch_settings *branch, const char *config);
/* Most steps that a look goes beyond its state: H + L, or H + 2L. 0 without looks. */
size_t branch_settings_reach(const struct branch_settings *branch);

#endif
