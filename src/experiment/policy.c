#include "experiment/policy.h"

#include "base/rng.h"

#include <string.h>

const char *policy_name(int policy) {
    if (policy == POLICY_ROUTER)
        return "router";
    if (policy == POLICY_RANDOM)
        return "random";
    return policy >= POLICY_FIXED && policy < POLICY_COUNT ? muon_solver_name(policy - POLICY_FIXED) : NULL;
}

int policy_find(const char *name) {
    for (int policy = 0; policy < POLICY_COUNT; policy++)
        if (strcmp(policy_name(policy), name) == 0)
            return policy;
    return -1;
}

static enum trm_status choose_by_router(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                        struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    struct trm_decision decision;
    (void)step;
    const enum trm_status status = trm_router_decide(c->router, feature, c->allowed, &decision, error);
    if (status == TRM_OK)
        *choice = (struct trainer_choice){.arm = (size_t)decision.arm, .cycles = decision.cycles};
    return status;
}

static enum trm_status choose_at_random(void *context, const double feature[TRM_FEATURE_COUNT], size_t step,
                                        struct trainer_choice *choice, struct trm_error *error) {
    const struct policy_context *const c = context;
    size_t arms[MUON_LABEL_COUNT];
    uint32_t count = 0;
    (void)feature, (void)error;
    for (size_t arm = 0; arm < MUON_LABEL_COUNT; arm++)
        if (c->allowed >> arm & 1)
            arms[count++] = arm;
    struct rng rng = rng_stream(c->seed, RNG_ONLINE, step & UINT32_MAX, (uint64_t)step >> 32);
    *choice = (struct trainer_choice){.arm = arms[rng_below(&rng, count)]};
    return TRM_OK;
}

struct trainer_policy policy_make(int policy, struct policy_context *context, size_t interval) {
    struct trainer_policy made = {.context = context, .interval = interval};
    if (policy == POLICY_ROUTER)
        made.choose = choose_by_router;
    if (policy == POLICY_RANDOM)
        made.choose = choose_at_random;
    return made;
}
