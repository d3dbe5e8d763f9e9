#include "experiment/policy.h"

#include "base/rng.h"

#include <stdio.h>
#include <string.h>

/* NULL for fixed arms. */
static const char *word_of(int policy) {
    if (policy >= POLICY_LEARNERS)
        return trm_learner_name(policy - POLICY_LEARNERS);
    if (policy >= POLICY_PLANS)
        return plan_name(policy - POLICY_PLANS);
    return policy == POLICY_ROUTER ? "router" : "random";
}

void policy_name(int policy, const struct trm_arms *arms, char name[TRM_ARM_NAME]) {
    if (policy >= POLICY_FIXED)
        trm_arm_name(&arms->at[policy - POLICY_FIXED], name);
    else
        snprintf(name, TRM_ARM_NAME, "%s", word_of(policy));
}

int policy_find(const char *name, const struct trm_arms *arms) {
    const int arm = trm_arms_find(arms, name);
    for (int policy = 0; policy < POLICY_FIXED; policy++)
        if (strcmp(name, word_of(policy)) == 0)
            return policy;
    return arm >= 0 ? POLICY_FIXED + arm : -1;
}

bool policy_needs_features(int policy) {
    return policy == POLICY_ROUTER || policy == POLICY_LEARNERS + TRM_LEARNER_LINUCB;
}

static enum trm_status choose_by_router(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                        struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    struct trm_decision decision;
    (void)step;
    const enum trm_status status = trm_router_decide(c->router, feature, c->allowed, &decision, error);
    if (status == TRM_OK)
        *choice = (struct trainer_choice){.arm = c->arm_of[decision.arm], .cycles = decision.cycles};
    return status;
}

static enum trm_status choose_at_random(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                        struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    size_t arms[TRM_ARMS_MOST];
    uint32_t count = 0;
    (void)feature, (void)error;
    for (size_t arm = 0; arm < TRM_ARMS_MOST; arm++)
        if (c->allowed >> arm & 1)
            arms[count++] = arm;
    struct rng rng = rng_stream(c->seed, RNG_ONLINE, step & UINT32_MAX, (uint64_t)step >> 32);
    *choice = (struct trainer_choice){.arm = arms[rng_below(&rng, count)]};
    return TRM_OK;
}

static enum trm_status choose_by_plan(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                      struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    (void)feature, (void)error;
    *choice = (struct trainer_choice){.arm = (size_t)c->plan->arm[plan_part(step, c->steps)]};
    return TRM_OK;
}

static enum trm_status choose_by_learner(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                         struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    const double progress = (double)step / (double)c->steps;
    (void)error;
    *choice = (struct trainer_choice){.arm = (size_t)trm_learner_choose(c->learner, feature, progress)};
    return TRM_OK;
}

static void learn(void *context, double reward) {
    const struct policy_context *const c = context;
    trm_learner_reward(c->learner, reward);
}

enum trm_status policy_map_router(struct policy_context *c, const struct trm_arms *arms, const char *path,
                                  struct trm_error *error) {
    const struct trm_router_origin *const origin = trm_router_origin(c->router);
    c->allowed = 0;
    for (size_t row = 0; row < origin->arms.count; row++) {
        const int arm = trm_arms_find(arms, origin->arms.name[row]);
        if (arm < 0 || !(origin->present >> row & 1))
            continue;
        c->arm_of[row] = (size_t)arm;
        c->allowed |= (uint64_t)1 << row;
    }
    return c->allowed != 0 ? TRM_OK
                           : trm_fail(error, TRM_INVALID,
                                      "%s: knows none of the arms; give --arms that it was trained on", path);
}

struct trainer_policy policy_make(int policy, struct policy_context *context, size_t interval) {
    struct trainer_policy made = {.context = context, .interval = interval};
    if (policy < 0) /* a solver that is none of the arms is as fixed as one that is */
        return made;
    if (policy == POLICY_ROUTER)
        made.choose = choose_by_router;
    else if (policy == POLICY_RANDOM)
        made.choose = choose_at_random;
    else if (policy < POLICY_LEARNERS)
        made.choose = choose_by_plan;
    else if (policy < POLICY_FIXED)
        made.choose = choose_by_learner, made.learn = learn;
    return made;
}
