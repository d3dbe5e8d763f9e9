/* A plan: a configuration of `run` whose keys may have lists of alternatives, and the runs that it comes to. */
#ifndef TRM_CLI_SWEEP_PLAN_H
#define TRM_CLI_SWEEP_PLAN_H

#include "cli/sweep/combinations.h"

enum { SWEEP_NAME = 160 };

struct sweep_run {
    char name[SWEEP_NAME]; /* of its folder: what tells it from the others, "solver=admm,seed=1" */
    char *yaml;            /* its configuration, whole */
    double cost;  /* images that pass through the network, times its width squared: only their order counts */
    size_t place; /* in the plan */
};

struct sweep_plan {
    struct sweep_run *runs; /* the longest first, else as the plan has them */
    size_t count;
    const char *until; /* the last stage that the plan has a section of */
};

/* Read and expand the plan at path; each run is checked as `run` would check it. threads: of a run where the plan has
   no run.threads. Where the last stage is collect, every solver and seed is a run of its own; else the later stages
   join them, and a run has all. On failure nothing is to be freed. */
enum trm_status sweep_plan_read(struct sweep_plan *plan, const char *path, size_t threads,
                                struct trm_error *error);
void sweep_plan_free(struct sweep_plan *plan);

#endif
