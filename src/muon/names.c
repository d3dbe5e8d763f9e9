#include "base/options.h"
#include "muon/muon.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *summary;
    double tol;
    size_t max_iter;
} solvers[] = {
#define X(name, tol, max_iter, text) {#name, text, tol, max_iter},
    MUON_SOLVER_LIST(X)
#undef X
};

int muon_solver_find(const char *name) {
    for (int id = 0; name != NULL && id < MUON_SOLVER_COUNT; id++)
        if (strcmp(solvers[id].name, name) == 0)
            return id;
    return -1;
}

static bool known(int id) {
    return id >= 0 && id < MUON_SOLVER_COUNT;
}

const char *muon_solver_name(int id) {
    return known(id) ? solvers[id].name : NULL;
}

const char *muon_solver_summary(int id) {
    return known(id) ? solvers[id].summary : NULL;
}

const char *muon_outcome_name(enum muon_outcome outcome) {
    static const char *const names[] = {
#define X(name, text) #name,
        MUON_OUTCOME_LIST(X)
#undef X
    };
    return (size_t)outcome < sizeof names / sizeof *names ? names[outcome] : "unknown";
}

static struct muon_options own_default(int id) {
    struct muon_options options = {.size = sizeof options, .tol = 1e-2, .max_iter = 1, .rank = 0, .lr = 0.1};
    if (known(id)) {
        options.tol = solvers[id].tol;
        options.max_iter = solvers[id].max_iter;
    }
    return options;
}

void muon_options_init(struct muon_options *options, size_t size, int id) {
    const struct muon_options own = own_default(id);
    options_give(options, size, &own, sizeof own);
}

const char *muon_options_check(const struct muon_options *given, size_t n) {
    struct muon_options own = own_default(-1), *const options = &own;
    const char *const wrong = options_take(&own, sizeof own, sizeof own, given);
    if (wrong != NULL)
        return wrong;
    for (size_t i = 0; i < sizeof own.room / sizeof *own.room; i++)
        if (own.room[i] != 0.0)
            return "an option is set that this version of the library does not know";
    if (!(options->tol > 0.0 && options->tol < 1.0))
        return "tol must be between 0 and 1";
    if (options->max_iter < 1 || options->max_iter > 1000000)
        return "max_iter must be 1 to 1000000";
    if (options->rank > n)
        return "rank must be at most n";
    if (!(options->uncertified >= 0.0))
        return "uncertified must be a number of solves, 0 or more";
    if (!(options->lr > 0.0 && isfinite(options->lr)))
        return "lr must be a positive number";
    return NULL;
}
