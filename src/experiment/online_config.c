#include "experiment/online_config.h"

#include "storage/json.h"

#include <stdio.h>
#include <stdlib.h>

struct run_settings online_settings(const struct run_settings *shared, const char *name, uint64_t seed) {
    struct run_settings settings = *shared;
    struct trm_arm fixed = {.solver = -1};
    const double lr = shared->budget.lr;
    settings.solver = name;
    settings.seed = seed;
    if (trm_arm_parse(name, &fixed, NULL) == TRM_OK)
        settings.arms = (struct trm_arms){.count = 0};
    settings.budget = muon_options_default(fixed.solver);
    settings.budget.lr = lr;
    if (fixed.budget > 0)
        settings.budget.max_iter = fixed.budget;
    return settings;
}

static json_t *arms_json(const struct online_choice *choice) {
    json_t *arms = json_object();
    for (size_t i = 0; i < choice->arms.count; i++) {
        const struct trm_arm *const arm = &choice->arms.at[i];
        const struct muon_options budget = muon_options_default(arm->solver);
        char name[TRM_ARM_NAME];
        if (!(choice->allowed >> i & 1))
            continue;
        trm_arm_name(arm, name);
        json_put(&arms, name,
                 json_pack("{s:f, s:I, s:I}", "tol", budget.tol, "max-iter",
                           (json_int_t)(arm->budget > 0 ? arm->budget : budget.max_iter), "rank",
                           (json_int_t)budget.rank));
    }
    return arms;
}

/* The arm of each tenth of the run. */
static json_t *plan_json(const struct online_choice *choice, const struct plan *plan) {
    json_t *list = json_array();
    for (size_t part = 0; part < PLAN_PARTS; part++) {
        char name[TRM_ARM_NAME];
        trm_arm_name(&choice->arms.at[plan->arm[part]], name);
        json_append(&list, json_string(name));
    }
    return list;
}

char *online_config(const struct run_settings *settings, const struct online_choice *choice, int policy,
                    const struct data_set *data, size_t total_steps, const char *program) {
    char *const plain = run_settings_json(settings, data, total_steps, program);
    if (plain == NULL || policy >= POLICY_FIXED)
        return plain;
    json_t *object = json_loads(plain, 0, NULL);
    free(plain);
    static const char *const of_each_arm[] = {"tol", "max-iter", "rank"};
    for (size_t i = 0; i < sizeof of_each_arm / sizeof *of_each_arm; i++)
        json_object_del(object, of_each_arm[i]);
    json_put(&object, "arms", arms_json(choice));
    json_put(&object, "interval", json_integer((json_int_t)choice->interval));
    if (policy == POLICY_ROUTER) {
        json_put(&object, "router (SHA-1)", json_string(choice->router));
        json_put(&object, "halt", json_boolean(choice->halt));
    }
    if (policy >= POLICY_PLANS && policy < POLICY_LEARNERS) {
        const int kind = policy - POLICY_PLANS;
        char key[32];
        snprintf(key, sizeof key, "%s arms", plan_name(kind));
        json_put(&object, key, plan_json(choice, &choice->plan[kind]));
        json_put(&object, "fitted on (SHA-1)", json_string(choice->data));
    }
    char *const text = object != NULL ? json_whole(object, JSON_REAL_PRECISION(17)) : NULL;
    json_decref(object);
    return text;
}

size_t online_config_interval(const char *config) {
    json_t *object = json_loads(config, 0, NULL);
    const json_int_t interval = json_integer_value(json_object_get(object, "interval"));
    json_decref(object);
    return interval > 0 ? (size_t)interval : 1;
}

enum trm_status online_config_comparable(const char *stored, const char *wanted, bool changes,
                                         const char *where, struct trm_error *error) {
    const unsigned free_ones = SETTING_SOLVER | SETTING_SEED | (changes ? SETTING_STEP : 0u);
    json_t *const a = json_loads(stored, 0, NULL), *const b = json_loads(wanted, 0, NULL);
    json_t *value;
    const char *name;
    void *next;
    json_object_foreach_safe(b, next, name, value) if (json_object_get(a, name) == NULL ||
                                                       run_settings_may_differ(name, free_ones))
        json_object_del(b, name);
    char *const shared = b != NULL ? json_whole(b, JSON_REAL_PRECISION(17)) : NULL;
    const enum trm_status status = shared != NULL ? run_settings_same(stored, shared, 0, where, error)
                                                  : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    free(shared);
    json_decref(a);
    json_decref(b);
    return status;
}
