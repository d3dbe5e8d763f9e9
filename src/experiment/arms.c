#include "experiment/arms.h"

#include <math.h>
#include <stdio.h>

static bool same_budget(const struct muon_options *a, const struct muon_options *b) {
    return a->tol == b->tol && a->max_iter == b->max_iter && a->rank == b->rank && a->lr == b->lr;
}

static enum trm_status add(struct trainer_arms *arms, struct muon_sgd_options *options,
                           const struct trm_arm *arm, struct muon_options budget, double uncertified,
                           struct trm_error *error) {
    struct trainer_arm *const own = &arms->at[arms->count];
    size_t slot = 0;
    if (arm->budget > 0)
        budget.max_iter = arm->budget;
    budget.uncertified = uncertified;
    while (slot < options->arm_count &&
           !(options->arms[slot].solver == arm->solver && same_budget(&options->arms[slot].options, &budget)))
        slot++;
    if (slot == MUON_MAX_ARMS)
        return trm_fail(
            error, TRM_INVALID,
            "%d arms and another solver to go on with are one too many: leave one out, or go on with "
            "one of them",
            TRM_ARMS_MAX);
    if (slot == options->arm_count)
        options->arms[options->arm_count++] = (struct muon_arm){arm->solver, budget};
    trm_arm_name(arm, own->name);
    own->slot = slot, own->multiplier = arm->radius_multiplier;
    arms->count++;
    return TRM_OK;
}

/* The one arm of another rule. Its solver is never asked: one whose steps are put into place as the rule's. */
static void set_rule(const struct run_settings *settings, const struct rule *rule, struct trainer_arms *arms,
                     struct muon_sgd_options *options) {
    *arms = (struct trainer_arms){.count = 1, .at = {{.multiplier = 1.0}}};
    snprintf(arms->at[0].name, sizeof arms->at[0].name, "%s", settings->solver);
    options->arm_count = 1;
    options->arms[0] =
        (struct muon_arm){rule->orthonormal ? MUON_SOLVER_msign_tangent : MUON_SOLVER_muon, settings->budget};
    options->spectral_budget = rule->radius ? options->spectral_budget : settings->budget.lr;
}

/* Solves in a row that go without. A matrix is solved at every step: every K-th solve is that of a recorded one. */
static double skipped_certificates(const struct run_settings *settings) {
    if (settings->certify == RUN_certify_never)
        return INFINITY;
    return settings->certify == RUN_certify_recorded ? (double)settings->record_every - 1.0 : 0.0;
}

enum trm_status arms_set_up(const struct run_settings *settings, struct trainer_arms *arms,
                            struct muon_sgd_options *options, struct trm_error *error) {
    const struct rule *const rule = rule_of(settings);
    const double uncertified = skipped_certificates(settings);
    struct trm_arm fixed;
    enum trm_status status = TRM_OK;
    if (rule->direction != NULL) {
        set_rule(settings, rule, arms, options);
        return TRM_OK;
    }
    arms->count = options->arm_count = 0;
    for (size_t i = 0; status == TRM_OK && i < settings->arms.count; i++) {
        const struct trm_arm *const arm = &settings->arms.at[i];
        struct muon_options budget = muon_options_default(arm->solver);
        budget.lr = settings->budget.lr;
        status = add(arms, options, arm, budget, uncertified, error);
    }
    const int usual = trm_arms_find(&settings->arms, muon_solver_name(MUON_SOLVER_quasi_newton));
    arms->base = usual >= 0 ? (size_t)usual : 0;
    if (status != TRM_OK || trm_arm_parse(settings->solver, &fixed, NULL) != TRM_OK)
        return status;
    arms->base = arms->count;
    return add(arms, options, &fixed, settings->budget, uncertified, error);
}
