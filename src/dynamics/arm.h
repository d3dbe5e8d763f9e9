/* Arms: what a step may be made with. A solver, its iterations at most, and a multiplier of the radius; written
       SOLVER[@BUDGET][:MULTIPLIER]          quasi_newton   quasi_newton:0.5   frank_wolfe@10:2
   An arm's name is the shortest text that means it: the solver's alone where budget and multiplier are the default. */
#ifndef TRM_DYNAMICS_ARM_H
#define TRM_DYNAMICS_ARM_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

TRM_C_BEGIN

enum {
    TRM_ARMS_MAX = 16, /* of a list */
    TRM_ARM_NAME = 64  /* bytes of a name with its end */
};

struct trm_arm {
    int solver;               /* muon_solver_id */
    size_t budget;            /* iterations at most, 1 ... 1,000,000; 0: the solver's default */
    double radius_multiplier; /* 0.001 ... 1000 */
};

struct trm_arms {
    struct trm_arm at[TRM_ARMS_MAX];
    size_t count;
};

/* The five solvers that are labels of the router, in their order. */
TRM_API struct trm_arms trm_arms_default(void);

/* One arm, or a list with commas between; nothing else, no spaces. TRM_NOT_FOUND: no such solver; TRM_INVALID: a budget
   or multiplier out of range, a budget for a solver without iterations, an arm twice, more than TRM_ARMS_MAX, `muon`
   beside others (it leaves the manifold). *out is then untouched, and *error says which word is wrong. A budget that is
   the solver's default becomes 0. */
TRM_API enum trm_status trm_arm_parse(const char *text, struct trm_arm *out, struct trm_error *error);
TRM_API enum trm_status trm_arms_parse(const char *text, struct trm_arms *out, struct trm_error *error);

/* The shortest name; parsed, it gives the same arm, to the last bit. */
TRM_API void trm_arm_name(const struct trm_arm *arm, char name[TRM_ARM_NAME]);
/* The names with commas between. */
TRM_API void trm_arms_name(const struct trm_arms *arms, char text[TRM_ARMS_MAX * TRM_ARM_NAME]);
TRM_API bool trm_arms_equal(const struct trm_arms *a,
                            const struct trm_arms *b); /* the same in the same order */
/* Place of the arm with this name, in its shortest form; -1 where there is none. */
TRM_API int trm_arms_find(const struct trm_arms *arms, const char *name);

TRM_C_END

#endif
