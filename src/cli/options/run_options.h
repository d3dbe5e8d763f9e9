/* The options of a training run, shared by every command that trains. */
#ifndef TRM_CLI_OPTIONS_RUN_OPTIONS_H
#define TRM_CLI_OPTIONS_RUN_OPTIONS_H

#include "cli/options/choices.h"
#include "cli/options/options.h"
#include "cli/options/solver_choice.h"

#include "experiment/settings.h"

struct run_options {
    struct solver_choice solver;
    struct run_settings settings; /* targets of the options that need no translation */
    double lr_rest;               /* 0: as lr */
    const char *schedule, *last_batch;
    size_t seed;
    char models[CHOICES_SIZE], precisions[CHOICES_SIZE], data_sets[CHOICES_SIZE], schedules[CHOICES_SIZE];
};

/* The first RUN_SOLVER_OPTIONS rows are about the one solver of the run: a command that trains with several
   starts its table behind them, and sets settings.every_solver. */
enum { RUN_SOLVER_OPTIONS = 4, RUN_OPTION_COUNT = 28 };

/* Fill RUN_OPTION_COUNT rows whose targets are *r, which must stay where it is. */
void run_options_table(struct run_options *r, struct option *rows);

/* What was parsed, as settings; threads: how many the run has. NULL where they are consistent, else the
 * reason. */
const char *run_options_settings(const struct run_options *r, size_t threads, struct run_settings *settings);

#endif
