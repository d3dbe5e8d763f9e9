/* Policies that learn while they play: they see what their own choice brought and nothing of the other arms, so that
   they need no data set, and have the freedom that a router has online. */
#ifndef TRM_EVALUATION_LEARNER_H
#define TRM_EVALUATION_LEARNER_H

#include "dynamics/features.h"

TRM_C_BEGIN

/* NAME, word on the command line and in results, what it is */
#define TRM_LEARNER_LIST(X)                                                                                  \
    X(EXP3, exp3, "exponential weights with exploration 0.1 (Auer et al. 2002)")                             \
    X(LINUCB, linucb, "a linear model of the reward for each arm, alpha 1 (Li et al. 2010, disjoint)")       \
    X(DISCOUNTED, discounted_ucb,                                                                            \
      "means of the last hundred or so rewards, and exploration that falls with progress, as in DOIT")

enum trm_learner_kind {
#define X(name, word, text) TRM_LEARNER_##name,
    TRM_LEARNER_LIST(X)
#undef X
        TRM_LEARNERS
};

TRM_API const char *trm_learner_name(int kind); /* NULL for any other number */

struct trm_learner;

/* allowed: mask of the arms, of numbers below 64, that it chooses from, one at least. seed: of its draws. */
TRM_API enum trm_status trm_learner_create(struct trm_learner **out, enum trm_learner_kind kind,
                                           uint64_t allowed, uint64_t seed, struct trm_error *error);
TRM_API void trm_learner_destroy(struct trm_learner *learner); /* NULL is fine */

/* The arm of the next step. progress: share of the run that is done, 0 ... 1. A function of the seed, the calls so far
   and their arguments alone. Allocates nothing. */
TRM_API int trm_learner_choose(struct trm_learner *learner, const double feature[TRM_FEATURE_COUNT],
                               double progress);
/* What the last choice brought, the larger the better, in any unit: it is compared with those before. To be called once
   after each choice; one that is not finite counts as the smallest seen. */
TRM_API void trm_learner_reward(struct trm_learner *learner, double reward);

/* What it has learned, *count doubles, between a reward and the next choice: written somewhere and put back into a
   learner of the same kind, arms and seed, the choices go on as they would have. The learner's memory, valid as long as
   it. */
TRM_API double *trm_learner_state(struct trm_learner *learner, size_t *count);

TRM_C_END

#endif
