#include "muon/sgd.h"

#include "base/options.h"

#include <math.h>
#include <string.h>

/* Up to arm_count, as in version 0.1. */
enum { FIRST_SIZE = offsetof(struct muon_sgd_options, arm_count) + sizeof(size_t) };

static struct muon_sgd_options own_default(void) {
    struct muon_sgd_options options = {.size = sizeof options,
                                       .lr = 0.1,
                                       .momentum = 0.9,
                                       .weight_decay = 5e-4,
                                       .warm_start = true,
                                       .spectral_budget = 0.1,
                                       .schedule = MUON_SCHEDULE_linear,
                                       .total_steps = 1,
                                       .arm_count = 1};
    options.arms[0].solver = MUON_SOLVER_quasi_newton;
    options.arms[0].options = muon_options_default(MUON_SOLVER_quasi_newton);
    return options;
}

void muon_sgd_options_init(struct muon_sgd_options *options, size_t size) {
    const struct muon_sgd_options own = own_default();
    options_give(options, size, &own, sizeof own);
}

const char *muon_sgd_options_take(struct muon_sgd_options *own, const struct muon_sgd_options *given) {
    *own = own_default();
    return options_take(own, sizeof *own, FIRST_SIZE, given);
}

const char *muon_sgd_options_check(const struct muon_sgd_options *given) {
    struct muon_sgd_options own, *const o = &own;
    const char *const wrong = muon_sgd_options_take(&own, given);
    if (wrong != NULL)
        return wrong;
    if (!(o->lr >= 0.0 && isfinite(o->lr)))
        return "lr must be a number that is not negative";
    if (!(o->momentum >= 0.0 && o->momentum < 1.0))
        return "momentum must be at least 0 and below 1";
    if (o->nesterov && o->momentum == 0.0)
        return "nesterov needs momentum";
    if (!(o->weight_decay >= 0.0 && isfinite(o->weight_decay)))
        return "weight_decay must be a number that is not negative";
    if (!(o->spectral_budget > 0.0 && o->spectral_budget <= 1e100))
        return "spectral_budget must be a positive number";
    if (o->total_steps < 1 || o->warmup_steps >= o->total_steps)
        return "the warm-up must be shorter than the whole run";
    if (o->arm_count < 1 || o->arm_count > MUON_MAX_ARMS)
        return "there must be 1 to 16 arms";
    for (size_t i = 0; i < o->arm_count; i++)
        if (muon_solver_name(o->arms[i].solver) == NULL)
            return "an arm names no solver";
        else if (o->arms[i].solver == MUON_SOLVER_muon && o->arm_count > 1)
            return "muon leaves the manifold and cannot be mixed with other arms";
    return NULL;
}

enum trm_status muon_parameters_check(const struct muon_parameter *p, size_t count, struct trm_error *error) {
    if (p == NULL && count > 0)
        return trm_fail(error, TRM_INVALID, "there are no parameters");
    for (size_t i = 0; i < count; i++) {
        if (p[i].name == NULL)
            return trm_fail(error, TRM_INVALID, "parameter %zu has no name", i);
        if (p[i].count > 0 && p[i].value == NULL)
            return trm_fail(error, TRM_INVALID, "parameter %s has no value", p[i].name);
        for (size_t j = 0; j < i; j++)
            if (strcmp(p[i].name, p[j].name) == 0)
                return trm_fail(error, TRM_INVALID,
                                "two parameters are called %s; the saved state goes by their names",
                                p[i].name);
    }
    return TRM_OK;
}

static const char *const names[] = {
#define X(name) #name,
    MUON_SCHEDULE_LIST(X)
#undef X
};

int muon_schedule_find(const char *name) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

const char *muon_schedule_name(int schedule) {
    return schedule >= 0 && (size_t)schedule < sizeof names / sizeof *names ? names[schedule] : NULL;
}

double muon_schedule_factor(enum muon_schedule schedule, size_t step, size_t total, size_t warmup) {
    if (step < warmup)
        return (double)(step + 1) / (double)(warmup + 1);
    if (step >= total)
        return schedule == MUON_SCHEDULE_constant ? 1.0 : 0.0;
    const double done = (double)(step - warmup) / (double)(total - warmup);
    switch (schedule) {
    case MUON_SCHEDULE_linear:
        return 1.0 - done;
    case MUON_SCHEDULE_cosine:
        return 0.5 * (1.0 + cos(3.14159265358979323846 * done));
    case MUON_SCHEDULE_constant:
        break;
    }
    return 1.0;
}
