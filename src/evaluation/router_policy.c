/* A router as a policy, on the split that is stored with it. */
#include "evaluation/partition.h"
#include "router/router.h"

#include <string.h>

/* A router that counts its cycles. */
struct counted {
    struct trm_router *router;
    bool halting;
    size_t cycles, decisions;
};

static enum trm_status decide(void *context, const double feature[TRM_FEATURE_COUNT], uint64_t allowed,
                              int *arm, double probability[TRM_ARMS_MOST], struct trm_error *error) {
    struct counted *const c = context;
    struct trm_decision decision;
    trm_router_set_halting(c->router, c->halting);
    const enum trm_status status = trm_router_decide(c->router, feature, allowed, &decision, error);
    if (status != TRM_OK)
        return status;
    c->cycles += decision.cycles, c->decisions++;
    *arm = decision.arm;
    memcpy(probability, decision.probability, sizeof decision.probability);
    return TRM_OK;
}

static double mean_cycles(void *context) {
    struct counted *const c = context;
    const double mean = (double)c->cycles / (double)c->decisions;
    c->cycles = c->decisions = 0;
    return mean;
}

/* Every cycle applies the blocks inner + 1 times; each application is a layer of the feed-forward network. */
static struct trm_policy as_policy(const char *name, struct counted *counted) {
    const struct trm_router_config *const c = trm_router_configuration(counted->router);
    const size_t layers = c->cycles * (c->inner + 1);
    return (struct trm_policy){.name = name,
                               .context = counted,
                               .decide = decide,
                               .cycles = mean_cycles,
                               .arms = trm_router_origin(counted->router)->present,
                               .parameters = trm_router_parameter_count(counted->router),
                               .computation = layers * c->blocks * 3 * c->width * c->hidden,
                               .layers = layers};
}

enum trm_status trm_evaluate(struct trm_router *router, const struct trm_dataset *dataset,
                             const struct trm_evaluation_options *given, struct trm_evaluation *evaluation,
                             struct trm_error *error) {
    struct trm_evaluation_options own, *const options = &own;
    const char *const wrong = evaluation_options_take(&own, given);
    struct counted whole = {.router = router}, early = {.router = router, .halting = true};
    const struct trm_policy halting = as_policy("router, halting", &early);
    struct trm_policy policy = as_policy("router", &whole);
    policy.variant = options->halt ? &halting : NULL;
    *evaluation = (struct trm_evaluation){.score_count = 0};
    if (wrong != NULL)
        return trm_fail(error, TRM_INVALID, "%s", wrong);
    enum trm_status status = trm_router_check_data(router, dataset, error);
    if (status == TRM_OK)
        status = trm_evaluate_policy(&policy, dataset, &trm_router_origin(router)->split, options, evaluation,
                                     error);
    trm_router_set_halting(router, false);
    return status;
}
