/* Stores of runs with branch states whose outcomes are known, for the counterfactual oracles. */
#ifndef TRM_TESTS_SUPPORT_BRANCHES_H
#define TRM_TESTS_SUPPORT_BRANCHES_H

#include "support/runs.h"

struct branches {
    const char *arms;            /* a list as trm_arms_parse takes it */
    size_t every, probes, looks; /* a state every so many steps; looks: repetitions, of H = 3, L = 5 */
    double (*change)(int arm, uint64_t seed,
                     size_t step); /* true change of the loss, the same on every probe */
    double noise;                  /* deviation of an arm's own noise on each probe and look */
    double cosine;                 /* between all updates */
    double longer;                 /* every update is longer than that of the arm before by this */
    const double *seconds;         /* of each arm, into the store; NULL: not measured */
    enum trm_match match;
};

/* A finished run of these settings, features as runs_feature gives them. */
void branches_store(const char *path, const struct trm_run_settings *settings,
                    const struct branches *branches);

/* Two regimes: where feature 2 is below 0.5 the first arm is better by 0.2, elsewhere the second. */
double branches_two_regimes(int arm, uint64_t seed, size_t step);
/* All arms alike. */
double branches_nothing(int arm, uint64_t seed, size_t step);

#endif
