/* What the policies of online choose by: the router, the arms, and plans fitted on the data set that it was trained
   on. */
#include "experiment/online_config.h"

#include "experiment/policy.h"
#include "storage/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum trm_status online_opponents(const char *text, bool opponent[POLICY_FIXED], struct trm_error *error) {
    const struct trm_arms none = {.count = 0};
    char names[256] = "", word[TRM_ARM_NAME];
    for (int policy = POLICY_RANDOM; policy < POLICY_FIXED; policy++) {
        policy_name(policy, &none, word);
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
                 policy > POLICY_RANDOM ? ", " : "", word);
        opponent[policy] = false;
    }
    for (const char *at = text;; at++) {
        const size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word), at);
        const int policy = length < sizeof word ? policy_find(word, &none) : -1;
        if (policy <= POLICY_ROUTER || opponent[policy])
            return trm_fail(error, TRM_INVALID, "'%s' is %s: give some of %s, with commas between", word,
                            policy <= POLICY_ROUTER ? "no opponent" : "there twice", names);
        opponent[policy] = true;
        at += length;
        if (*at == '\0')
            return TRM_OK;
    }
}

/* The arms asked for, or the router's. Chosen from are those that it knows; fixed are the former, all of them. */
static enum trm_status choose_arms(const struct online_request *r, struct trm_router *router,
                                   struct online_choice *choice, struct trm_error *error) {
    const struct trm_router_origin *const origin = trm_router_origin(router);
    struct policy_context context = {.router = router};
    struct trm_error why = {0};
    choice->arms = r->settings.arms;
    if (choice->arms.count == 0) {
        char names[TRM_ARMS_MOST * TRM_ARM_NAME] = "";
        for (size_t i = 0; i < origin->arms.count; i++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? "," : "",
                     origin->arms.name[i]);
        if (trm_arms_parse(names, &choice->arms, &why) != TRM_OK)
            return trm_fail(error, TRM_FORMAT, "%s: its arms: %.200s; train it again", r->router, why.text);
    }
    const enum trm_status status = policy_map_router(&context, &choice->arms, r->router, error);
    for (size_t row = 0; row < origin->arms.count; row++)
        if (context.allowed >> row & 1)
            choice->allowed |= (uint64_t)1 << context.arm_of[row];
    if (r->settings.arms.count > 0)
        choice->allowed = ((uint64_t)1 << choice->arms.count) - 1;
    return status;
}

/* Each plan, fitted on the samples that the router was trained on, over the arms that it could choose. */
static enum trm_status fit(const struct trm_dataset *dataset, const struct trm_router *router,
                           struct online_choice *choice, struct trm_error *error) {
    const struct trm_router_origin *const origin = trm_router_origin(router);
    struct trm_statistics st;
    struct trm_split split;
    size_t count, used = 0;
    const struct trm_sample *const samples = trm_dataset_samples(dataset, &count);
    const struct trm_sample **const train = calloc(count + 1, sizeof *train);
    uint64_t arms = 0;
    trm_dataset_statistics(dataset, &st);
    for (size_t a = 0; a < st.arms.count; a++)
        if ((st.present & origin->present) >> a & 1 && trm_arms_find(&choice->arms, st.arms.name[a]) >= 0)
            arms |= (uint64_t)1 << a;
    enum trm_status status = train != NULL ? trm_dataset_split(dataset, &origin->split, &split, error)
                                           : trm_fail(error, TRM_NO_MEMORY, "out of memory for the plans");
    if (status == TRM_OK) {
        for (size_t i = 0; i < count; i++)
            if (split.part[i] == TRM_TRAIN)
                train[used++] = &samples[i];
        trm_split_free(&split);
        if (used == 0)
            status = trm_fail(error, TRM_INVALID, "no sample is in the training part of the router's split");
    }
    for (int kind = 0; status == TRM_OK && kind < PLANS; kind++) {
        struct plan *const plan = &choice->plan[kind];
        plan_fit((enum plan_kind)kind, train, used, arms, plan);
        for (size_t part = 0; part < PLAN_PARTS; part++)
            plan->arm[part] = trm_arms_find(&choice->arms, st.arms.name[plan->arm[part]]);
    }
    free(train);
    return status;
}

static enum trm_status fit_plans(const struct online_request *r, const struct trm_router *router,
                                 struct online_choice *choice, struct trm_error *error) {
    struct trm_dataset *dataset;
    struct trm_error why = {0};
    enum trm_status status = trm_dataset_open(r->fitted_on, &dataset, error);
    if (status != TRM_OK)
        return status;
    status = trm_router_check_data(router, dataset, &why);
    if (status == TRM_OK)
        status = fit(dataset, router, choice, &why);
    if (status != TRM_OK)
        trm_fail(error, status, "%s: %.400s", r->fitted_on, why.text);
    else if (!digest_file(r->fitted_on, choice->data))
        status = trm_fail(error, TRM_IO, "%s: cannot be read to its end", r->fitted_on);
    trm_dataset_free(dataset);
    return status;
}

enum trm_status online_choice_make(const struct online_request *request, struct trm_router **router,
                                   struct online_choice *choice, struct trm_error *error) {
    const char *const path = request->router;
    *choice = (struct online_choice){.interval = request->interval, .halt = request->halt};
    enum trm_status status = trm_router_load(path, router, error);
    if (status == TRM_OK)
        status = choose_arms(request, *router, choice, error);
    if (status == TRM_OK && request->fitted_on != NULL)
        status = fit_plans(request, *router, choice, error);
    if (status != TRM_OK)
        return status;
    if (!digest_file(path, choice->router))
        return trm_fail(error, TRM_IO, "%s: cannot be read to its end", path);
    trm_router_set_halting(*router, request->halt);
    return TRM_OK;
}
