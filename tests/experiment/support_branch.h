/* Small branching runs, and all that they left. */
#ifndef TRM_TESTS_EXPERIMENT_SUPPORT_BRANCH_H
#define TRM_TESTS_EXPERIMENT_SUPPORT_BRANCH_H

#include "experiment/support_collect.h"

/* collect_small with 96 held-out images; arms NULL: none are tried. */
struct collect_request branch_small(const char *output, const char *arms);
/* Run it to its end in a child. */
void branch_run(const struct collect_request *request);

/* Same rows and same final weights, to the bit; the configurations may differ. */
void branch_assert_same_run(const char *a, const char *b);

/* One state, copied; looks and probes as far as there is room. */
enum { BRANCH_STATES = 10, BRANCH_ARMS = 8, BRANCH_NUMBERS = 4 };
struct branch_state {
    size_t step, arms, probes, repeats, hold, anneal;
    uint64_t seed[BRANCH_NUMBERS];
    double base[BRANCH_NUMBERS];
    struct {
        struct trm_outcome is; /* its pointers are not to be used */
        double probe[BRANCH_NUMBERS], look[BRANCH_NUMBERS], doubled[BRANCH_NUMBERS], cosine[BRANCH_ARMS];
    } arm[BRANCH_ARMS];
};
struct branch_states {
    struct branch_state at[BRANCH_STATES];
    size_t count;
    struct trm_step step[SUPPORT_STEPS];
    double held_loss[2]; /* of both epochs */
};
void branch_read(const char *path, struct branch_states *states);
/* All numbers but seconds are the same, to the bit. */
void branch_assert_same(const struct branch_states *a, const struct branch_states *b);

#endif
