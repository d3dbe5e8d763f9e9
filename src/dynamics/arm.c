#include "dynamics/arm.h"

#include "base/numbers.h"
#include "muon/muon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double least = 1e-3, most = 1e3;
static const size_t most_iterations = 1000000;

struct trm_arms trm_arms_default(void) {
    struct trm_arms arms = {.count = MUON_LABEL_COUNT};
    for (int id = 0; id < MUON_LABEL_COUNT; id++)
        arms.at[id] = (struct trm_arm){.solver = id, .radius_multiplier = 1.0};
    return arms;
}

static enum trm_status unknown(const char *text, size_t length, struct trm_error *error) {
    char names[256] = "";
    for (int id = 0; id < MUON_SOLVER_COUNT; id++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", id > 0 ? ", " : "", muon_solver_name(id));
    }
    return trm_fail(error, TRM_NOT_FOUND,
                    "'%.*s' is no solver: an arm is SOLVER[@BUDGET][:MULTIPLIER] with one of %s",
                    (int)(length < 60 ? length : 60), text, names);
}

/* Digits only, so that no sign, space or exponent gets in. */
static bool read_budget(const char **text, size_t *budget) {
    size_t value = 0, digits = 0;
    for (; **text >= '0' && **text <= '9' && value <= most_iterations; ++*text, digits++)
        value = 10 * value + (size_t)(**text - '0');
    *budget = value;
    return digits > 0 && value >= 1 && value <= most_iterations;
}

static bool read_multiplier(const char **text, double *multiplier) {
    if (strchr("0123456789.", **text) == NULL || **text == '\0')
        return false;
    const locale_t before = numbers_begin();
    char *end;
    *multiplier = strtod(*text, &end);
    numbers_end(before);
    const bool plain = strspn(*text, "0123456789.eE+-") == (size_t)(end - *text);
    *text = end;
    return plain && *multiplier >= least && *multiplier <= most;
}

enum trm_status trm_arm_parse(const char *text, struct trm_arm *out, struct trm_error *error) {
    struct trm_arm arm = {.radius_multiplier = 1.0};
    char name[TRM_ARM_NAME];
    const size_t length = strcspn(text, "@:");
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name), text);
    arm.solver = muon_solver_find(name);
    if (arm.solver < 0)
        return unknown(text, length, error);
    const size_t usual = muon_options_default(arm.solver).max_iter;
    const char *rest = text + length;
    if (*rest == '@') {
        rest++;
        if (usual == 1)
            return trm_fail(error, TRM_INVALID, "'%.100s': %s has no iterations; leave out @BUDGET", text,
                            name);
        if (!read_budget(&rest, &arm.budget))
            return trm_fail(error, TRM_INVALID, "'%.100s': the budget is not a whole number in [1, 1000000]",
                            text);
        if (arm.budget == usual)
            arm.budget = 0;
    }
    if (*rest == ':') {
        rest++;
        if (!read_multiplier(&rest, &arm.radius_multiplier))
            return trm_fail(error, TRM_INVALID, "'%.100s': the multiplier is not a number in [0.001, 1000]",
                            text);
    }
    if (*rest != '\0')
        return trm_fail(error, TRM_INVALID,
                        "'%.100s': an arm is SOLVER[@BUDGET][:MULTIPLIER], and '%.60s' is no part of it",
                        text, rest);
    *out = arm;
    return TRM_OK;
}

static bool same(const struct trm_arm *a, const struct trm_arm *b) {
    return a->solver == b->solver && a->budget == b->budget && a->radius_multiplier == b->radius_multiplier;
}

static enum trm_status add(struct trm_arms *arms, const struct trm_arm *arm, struct trm_error *error) {
    char name[TRM_ARM_NAME];
    trm_arm_name(arm, name);
    if (arms->count == TRM_ARMS_MAX)
        return trm_fail(error, TRM_INVALID, "'%s' is one arm too many: %d are allowed", name, TRM_ARMS_MAX);
    for (size_t i = 0; i < arms->count; i++) {
        if (same(&arms->at[i], arm))
            return trm_fail(error, TRM_INVALID, "'%s' is there twice: an arm may be named once", name);
        if ((arms->at[i].solver == MUON_SOLVER_muon) != (arm->solver == MUON_SOLVER_muon))
            return trm_fail(error, TRM_INVALID,
                            "'%s': muon leaves the manifold and cannot stand beside other solvers", name);
    }
    arms->at[arms->count++] = *arm;
    return TRM_OK;
}

enum trm_status trm_arms_parse(const char *text, struct trm_arms *out, struct trm_error *error) {
    struct trm_arms arms = {.count = 0};
    for (const char *at = text;; at++) {
        char word[TRM_ARM_NAME + 2];
        struct trm_arm arm;
        const size_t length = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word), at);
        enum trm_status status = trm_arm_parse(word, &arm, error);
        if (status == TRM_OK)
            status = add(&arms, &arm, error);
        if (status != TRM_OK)
            return status;
        at += length;
        if (*at == '\0')
            break;
    }
    *out = arms;
    return TRM_OK;
}

void trm_arm_name(const struct trm_arm *arm, char name[TRM_ARM_NAME]) {
    char budget[24] = "", multiplier[32] = "";
    if (arm->budget > 0)
        snprintf(budget, sizeof budget, "@%zu", arm->budget);
    if (arm->radius_multiplier != 1.0) {
        const locale_t before = numbers_begin();
        int digits = 1;
        do
            snprintf(multiplier, sizeof multiplier, ":%.*g", digits, arm->radius_multiplier);
        while ((strchr(multiplier, 'e') != NULL || strtod(multiplier + 1, NULL) != arm->radius_multiplier) &&
               digits++ < 17);
        numbers_end(before);
    }
    snprintf(name, TRM_ARM_NAME, "%s%s%s", muon_solver_name(arm->solver), budget, multiplier);
}

void trm_arms_name(const struct trm_arms *arms, char text[TRM_ARMS_MAX * TRM_ARM_NAME]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < arms->count; i++) {
        if (i > 0)
            text[used++] = ',';
        trm_arm_name(&arms->at[i], text + used);
        used += strlen(text + used);
    }
}

bool trm_arms_equal(const struct trm_arms *a, const struct trm_arms *b) {
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = same(&a->at[i], &b->at[i]);
    return equal;
}

int trm_arms_find(const struct trm_arms *arms, const char *name) {
    char own[TRM_ARM_NAME];
    for (size_t i = 0; i < arms->count; i++) {
        trm_arm_name(&arms->at[i], own);
        if (strcmp(own, name) == 0)
            return (int)i;
    }
    return -1;
}
