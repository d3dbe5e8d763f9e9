#include "cli/options/solver_choice.h"

#define X(name, tol, max_iter, text) #name "|"
const char *const solver_choices = MUON_SOLVER_LIST(X);
#undef X

struct muon_options solver_choice_options(const struct solver_choice *choice) {
    struct muon_options options = muon_options_default(muon_solver_find(choice->name));
    if (choice->tol > 0)
        options.tol = choice->tol;
    if (choice->max_iter > 0)
        options.max_iter = choice->max_iter;
    if (choice->rank > 0)
        options.rank = choice->rank;
    if (choice->lr > 0)
        options.lr = choice->lr;
    return options;
}
