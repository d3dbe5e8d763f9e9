/* A router as a policy, on the split that is stored with it. */
#include "evaluation/evaluation.h"
#include "router/router.h"
#include "router/training_run.h"

#include <jansson.h>
#include <stdio.h>
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

/* The hash of the samples that a router was trained on is part of its configuration; a router that was not trained has
   none, and fits any data of the right size. */
static enum trm_status check_samples(const struct trm_router_origin *origin,
                                     const struct trm_dataset *dataset, struct trm_error *error) {
    size_t count;
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    char now[17];
    snprintf(now, sizeof now, "%016llx", (unsigned long long)training_hash(samples, count));
    json_t *const configuration = json_loads(origin->configuration, 0, NULL);
    const char *const then = json_string_value(json_object_get(configuration, "data"));
    const enum trm_status status = then == NULL || strcmp(then, now) == 0
                                       ? TRM_OK
                                       : trm_fail(error, TRM_INVALID,
                                                  "the router was trained on other samples (their hash is "
                                                  "%.16s, of these %s): its test part may have "
                                                  "been trained on; give the router's own data set",
                                                  then, now);
    json_decref(configuration);
    return status;
}

enum trm_status trm_evaluate(struct trm_router *router, const struct trm_dataset *dataset,
                             const struct trm_evaluation_options *options, struct trm_evaluation *evaluation,
                             struct trm_error *error) {
    const struct trm_router_origin *const origin = trm_router_origin(router);
    const struct trm_policy policy = as_policy(router);
    struct trm_statistics st;
    trm_dataset_statistics(dataset, &st);
    *evaluation = (struct trm_evaluation){.score_count = 0};
    if (st.samples != origin->samples || st.groups != origin->groups)
        return trm_fail(
            error, TRM_INVALID,
            "the router was trained on a data set of %zu samples in %zu groups, this one has %zu in %zu: "
            "its test part may have been trained on; give the router's own data set",
            origin->samples, origin->groups, st.samples, st.groups);
    const enum trm_status status = check_samples(origin, dataset, error);
    return status == TRM_OK
               ? trm_evaluate_policy(&policy, dataset, &origin->split, options, evaluation, error)
               : status;
}
