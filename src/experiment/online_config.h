/* What a run of online is, as settings and as JSON for its row. */
#ifndef TRM_EXPERIMENT_ONLINE_CONFIG_H
#define TRM_EXPERIMENT_ONLINE_CONFIG_H

#include "experiment/online.h"
#include "experiment/policy.h"

/* What decides the choices of a policy. */
struct online_choice {
    char router[DIGEST_TEXT]; /* SHA-1 of its file */
    struct trm_arms arms;     /* of the command */
    uint64_t allowed;         /* bit mask of those that are chosen from */
    size_t interval;
    bool halt;
    struct plan plan[PLANS]; /* of the command's arms; of none where there is no data set to fit on */
    char data[DIGEST_TEXT];  /* SHA-1 of that file */
};

/* Load the router of a request and find what its policies choose by, plans where a data set is given, which must be the
   router's own: its training part. *router is the caller's to destroy, also on failure. */
enum trm_status online_choice_make(const struct online_request *request, struct trm_router **router,
                                   struct online_choice *choice, struct trm_error *error);

/* The settings of one run of the policy `name`, which is kept by reference: with a fixed arm, those of collect with its
   defaults. shared: its arms are those of the command. */
struct run_settings online_settings(const struct run_settings *shared, const char *name, uint64_t seed);

/* run_settings_json, and what the policy depends on: arms with their budgets, interval; router and halt, or the plan
   and what it was fitted on. free() it. NULL: out of memory. */
char *online_config(const struct run_settings *settings, const struct online_choice *choice, int policy,
                    const struct data_set *data, size_t total_steps, const char *program);

/* The interval of such a configuration; 1 where it has none. */
size_t online_config_interval(const char *config);

/* Can a run with `stored` be compared with one with `wanted`? Everything but solver, budget and seed must be
   the same, else TRM_INVALID as run_settings_same; with changes, what decides how far a step goes may differ, too. */
enum trm_status online_config_comparable(const char *stored, const char *wanted, bool changes,
                                         const char *where, struct trm_error *error);

#endif
