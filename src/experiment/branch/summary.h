/* What the branch states of a run came to, read back from its store. */
#ifndef TRM_EXPERIMENT_BRANCH_SUMMARY_H
#define TRM_EXPERIMENT_BRANCH_SUMMARY_H

#include "dynamics/outcome.h"

/* Means over the states; of looks over those with looks, NAN where there are none. */
struct branch_arm_summary {
    char name[TRM_ARM_NAME];
    double next_change,
        probe_change;        /* loss after the step − before it: of the batch, of the probe batches */
    double best;             /* share of the states where its probe loss is the smallest */
    double norm, rank, ms;   /* ‖A‖_F; effective rank by columns; median ms of its solves */
    double look, look_error; /* loss after a look − that of the arms' mean at the same look; standard error */
};

struct branch_summary {
    size_t arm_count, states, looks; /* looks: states with looks */
    size_t probes, hold, anneal;
    struct branch_arm_summary arm[TRM_ARMS_MAX];
    double ms; /* median of trying a state, without looks */
    double
        agreement; /* share of the states where both halves of the probe batches have the same best arm; NAN below
                         two probes. Chance has 1 / arm_count */
    /* Pairs of multipliers, 0.25 to 2, of one solver: how many there are, in how many L steps of annealing decide the
       order (beyond two standard errors), in how many 2 L steps move the difference (beyond two of its own), and in how
       many of either kind they turn the order round. 0 without --look-check. */
    size_t pairs, decided, moved, turned;
    char turned_pair[2][TRM_ARM_NAME]; /* one of the last: with L the first was better */
};

/* states 0 where the run has none. */
enum trm_status branch_summary_read(struct trm_store *store, int64_t run, struct branch_summary *out,
                                    struct trm_error *error);

#endif
