/* What `run` is to do: every value of its configuration, and the table of its keys. */
#ifndef TRM_CLI_PIPELINE_SETUP_H
#define TRM_CLI_PIPELINE_SETUP_H

#include "cli/options/config.h"
#include "cli/options/run_options.h"
#include "evaluation/evaluation.h"
#include "experiment/online.h"
#include "router/training.h"

enum { RUN_KEYS_MAX = 64 };

struct run_setup {
    size_t threads; /* 0: all cores */

    /* collect */
    struct config_words solvers;
    struct config_counts seeds;
    struct run_options training; /* everything else that a training run takes */
    size_t checkpoint_every;
    char labels[CHOICES_SIZE];

    /* train, evaluate */
    struct trm_train_options train;
    size_t train_seed;
    const char *loss, *split;
    struct trm_evaluation_options evaluate;
    size_t evaluate_seed;

    /* online: the training run is that of collect */
    struct config_counts online_seeds;
    size_t online_epochs, interval;
    bool halt, baselines;
};

/* Fill keys, whose targets are *setup, which must stay where it is. Returns their number. */
size_t run_setup_keys(struct run_setup *setup, struct config_key keys[RUN_KEYS_MAX]);

/* Once the targets are set: the values that stand together, checked. NULL, or the reason. */
const char *run_setup_check(struct run_setup *setup);

/* A training run with this solver and seed; as run_options_settings. */
const char *run_setup_settings(const struct run_setup *setup, const char *solver, size_t seed, size_t threads,
                               struct run_settings *settings);

#endif
