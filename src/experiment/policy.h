/* Who picks the solver of every step: the router, chance, a plan, one that learns while it plays, or nobody (a fixed
   solver). */
#ifndef TRM_EXPERIMENT_POLICY_H
#define TRM_EXPERIMENT_POLICY_H

#include "evaluation/learner.h"
#include "evaluation/plan.h"
#include "experiment/trainer.h"
#include "router/router.h"

/* "router", "random", the plans, the learners, then the fixed arms of a list in its order. */
enum {
    POLICY_ROUTER,
    POLICY_RANDOM,
    POLICY_PLANS,
    POLICY_LEARNERS = POLICY_PLANS + PLANS,
    POLICY_FIXED = POLICY_LEARNERS + TRM_LEARNERS
};

void policy_name(int policy, const struct trm_arms *arms, char name[TRM_ARM_NAME]);
int policy_find(const char *name, const struct trm_arms *arms); /* -1 where there is none */
bool policy_needs_features(int policy);                         /* does its choice depend on them? */

/* What a choice is made from. */
struct policy_context {
    struct trm_router *router; /* only looked at by POLICY_ROUTER; not owned */
    uint64_t allowed; /* bit mask of arms: of the router's rows for POLICY_ROUTER, else of the run's */
    uint64_t seed;    /* of random choice */
    size_t arm_of[TRM_ARMS_MOST]; /* the run's arm of each of the router's rows */
    size_t steps;                 /* of the run, for those that know how far it is */
    const struct plan *plan;      /* of the run's arms; not owned */
    struct trm_learner *learner;  /* over the run's arms; not owned */
};

/* Which of the router's rows are arms of the run, as allowed and arm_of. TRM_INVALID where none is; path: for
   errors. */
enum trm_status policy_map_router(struct policy_context *context, const struct trm_arms *arms,
                                  const char *path, struct trm_error *error);

/* The policy over its context, which must stay where it is. Fixed arms, and what policy_find
   did not find, have choose NULL. Random choice is
   uniform over the allowed arms and depends on (seed, step) only. */
struct trainer_policy policy_make(int policy, struct policy_context *context, size_t interval);

#endif
