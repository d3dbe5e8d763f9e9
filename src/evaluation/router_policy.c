/* A router as a policy, on the split that is stored with it. */
#include "evaluation/evaluation.h"
#include "router/router.h"

#include <string.h>

static enum trm_status decide(void *context, const double feature[TRM_FEATURE_COUNT], unsigned allowed,
                              int *arm, double probability[TRM_ARMS], struct trm_error *error) {
    struct trm_decision decision;
    const enum trm_status status = trm_router_decide(context, feature, allowed, &decision, error);
    if (status != TRM_OK)
        return status;
    *arm = decision.arm;
    memcpy(probability, decision.probability, sizeof decision.probability);
    return TRM_OK;
}

/* Every cycle applies the blocks inner + 1 times; each application is a layer of the feed-forward network. */
static struct trm_policy as_policy(struct trm_router *router) {
    const struct trm_router_config *const c = trm_router_configuration(router);
    const size_t layers = c->cycles * (c->inner + 1);
    return (struct trm_policy){.name = "router",
                               .context = router,
                               .decide = decide,
                               .arms = trm_router_origin(router)->present,
                               .parameters = trm_router_parameter_count(router),
                               .computation = layers * c->blocks * 3 * c->width * c->hidden,
                               .layers = layers};
}

enum trm_status trm_evaluate(struct trm_router *router, const struct trm_dataset *dataset,
                             const struct trm_evaluation_options *options, struct trm_evaluation *evaluation,
                             struct trm_error *error) {
    const struct trm_policy policy = as_policy(router);
    *evaluation = (struct trm_evaluation){.score_count = 0};
    const enum trm_status status = trm_router_check_data(router, dataset, error);
    return status == TRM_OK ? trm_evaluate_policy(&policy, dataset, &trm_router_origin(router)->split,
                                                  options, evaluation, error)
                            : status;
}
