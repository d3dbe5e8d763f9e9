/* Who picks the solver of every step: the router, chance, or nobody (a fixed solver). */
#ifndef TRM_EXPERIMENT_POLICY_H
#define TRM_EXPERIMENT_POLICY_H

#include "experiment/trainer.h"
#include "router/router.h"

/* "router", "random", then the fixed solvers in label order. */
enum { POLICY_ROUTER, POLICY_RANDOM, POLICY_FIXED, POLICY_COUNT = POLICY_FIXED + MUON_LABEL_COUNT };

const char *policy_name(int policy); /* NULL for any other number */
int policy_find(const char *name);   /* -1 where there is none */

/* What a choice is made from. */
struct policy_context {
    struct trm_router *router; /* only looked at by POLICY_ROUTER; not owned */
    unsigned allowed;          /* bit mask of solvers */
    uint64_t seed;             /* of random choice */
};

/* The policy over its context, which must stay where it is. Fixed solvers have choose NULL. Random choice is
   uniform over the allowed solvers and depends on (seed, step) only. */
struct trainer_policy policy_make(int policy, struct policy_context *context, size_t interval);

#endif
