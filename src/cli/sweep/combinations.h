/* Which values of a plan's keys go together. */
#ifndef TRM_CLI_SWEEP_COMBINATIONS_H
#define TRM_CLI_SWEEP_COMBINATIONS_H

#include "storage/settings.h"

#include <stdbool.h>
#include <stddef.h>

enum { SWEEP_RUNS_MAX = 10000, SWEEP_AXES_MAX = 80 };

enum sweep_method { SWEEP_GRID, SWEEP_ZIP, SWEEP_RANDOM };

/* A key that the plan gives, and its values. */
struct sweep_axis {
    const struct setting_bound *key;
    char *const *items;
    size_t count;
    bool whole; /* all its values belong to every run: a list of `run` that is not taken apart */
    bool every; /* a run for each, whatever the method: solvers and seeds */
};

struct sweep_axes {
    const char *path; /* of the plan, for messages */
    enum sweep_method method;
    size_t draws, seed; /* of SWEEP_RANDOM */
    struct sweep_axis at[SWEEP_AXES_MAX];
    size_t count;
};

/* Does it tell runs apart? */
bool sweep_axis_differs(const struct sweep_axis *axis);

/* How many runs there are, and for each the place of the value of every axis: *places is a table of that many rows of
   axes->count, to be freed. TRM_INVALID, naming path, where there are too many, or they cannot be drawn or paired. */
enum trm_status sweep_combine(const struct sweep_axes *axes, size_t **places, size_t *count,
                              struct trm_error *error);

#endif
