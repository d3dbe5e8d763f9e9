/* The solver and budget that a command was asked for. */
#ifndef TRM_CLI_OPTIONS_SOLVER_CHOICE_H
#define TRM_CLI_OPTIONS_SOLVER_CHOICE_H

#include "muon/muon.h"

/* All names, for the range of an OPTION_CHOICE. */
extern const char *const solver_choices;

struct solver_choice {
    const char *name;
    double tol, lr; /* 0: the solver's default */
    size_t max_iter, rank;
};

/* What was chosen, over the solver's defaults. */
struct muon_options solver_choice_options(const struct solver_choice *choice);

#endif
