/* What `run` is to do: the requests of its commands, and the tables that its configuration fills. */
#ifndef TRM_CLI_PIPELINE_SETUP_H
#define TRM_CLI_PIPELINE_SETUP_H

#include "cli/commands/commands.h"

enum { PIPELINE_PARTS = 8 };

struct pipeline_setup {
    size_t threads; /* 0: all cores */
    struct setting_words solvers;
    struct setting_counts seeds, online_seeds;
    struct collect_request collect; /* of each solver and seed */
    struct trm_train_options train;
    struct trm_evaluation_options evaluate;
    struct online_request online; /* its training run is collect's, but for the epochs */
};

/* Fill the parts, whose target is *setup, which must stay where it is. Returns their number. */
size_t pipeline_setup_parts(struct pipeline_setup *setup, struct settings parts[PIPELINE_PARTS]);

/* Once they are set: the values that stand together, checked for the stages up to `until` (NULL: all). NULL, or the
   reason. */
const char *pipeline_setup_check(struct pipeline_setup *setup, const char *until);

/* A training run of collect with this solver and seed. NULL where the settings are consistent, else the reason. */
const char *pipeline_setup_settings(const struct pipeline_setup *setup, const char *solver, size_t seed,
                                    size_t threads, struct run_settings *settings);

#endif
