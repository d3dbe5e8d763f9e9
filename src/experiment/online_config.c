#include "experiment/online_config.h"

#include "experiment/policy.h"

#include "storage/json.h"

#include <stdlib.h>

struct run_settings online_settings(const struct run_settings *shared, int policy, uint64_t seed) {
    struct run_settings settings = *shared;
    const double lr = shared->budget.lr;
    settings.solver = policy_name(policy);
    settings.seed = seed;
    settings.every_solver = policy < POLICY_FIXED;
    settings.budget = muon_options_default(policy - POLICY_FIXED);
    settings.budget.lr = lr;
    return settings;
}

static json_t *arms_json(unsigned allowed) {
    json_t *arms = json_object();
    for (int id = 0; id < MUON_LABEL_COUNT; id++) {
        const struct muon_options budget = muon_options_default(id);
        if (allowed >> id & 1)
            json_put(&arms, muon_solver_name(id),
                     json_pack("{s:f, s:I, s:I}", "tol", budget.tol, "max-iter", (json_int_t)budget.max_iter,
                               "rank", (json_int_t)budget.rank));
    }
    return arms;
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
    json_put(&object, "arms", arms_json(choice->allowed));
    json_put(&object, "interval", json_integer((json_int_t)choice->interval));
    if (policy == POLICY_ROUTER) {
        json_put(&object, "router (SHA-1)", json_string(choice->router));
        json_put(&object, "halt", json_boolean(choice->halt));
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

enum trm_status online_config_comparable(const char *stored, const char *wanted, const char *where,
                                         struct trm_error *error) {
    json_t *const a = json_loads(stored, 0, NULL), *const b = json_loads(wanted, 0, NULL);
    json_t *value;
    const char *name;
    void *next;
    json_object_foreach_safe(b, next, name,
                             value) if (json_object_get(a, name) == NULL ||
                                        run_settings_may_differ(name, SETTING_SOLVER | SETTING_SEED))
        json_object_del(b, name);
    char *const shared = b != NULL ? json_whole(b, JSON_REAL_PRECISION(17)) : NULL;
    const enum trm_status status = shared != NULL ? run_settings_same(stored, shared, 0, where, error)
                                                  : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    free(shared);
    json_decref(a);
    json_decref(b);
    return status;
}
