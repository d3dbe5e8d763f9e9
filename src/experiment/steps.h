/* One run of online, read back step by step. */
#ifndef TRM_EXPERIMENT_STEPS_H
#define TRM_EXPERIMENT_STEPS_H

#include "trm.h"

/* Columns of all steps of online, in order, or of the recorded ones of collect, each for `each` steps; and the last
   epoch. */
struct run_steps {
    size_t count, each;
    double *loss, *train, *feature, *decide,
        *cycles;       /* (count): loss, NAN where not recorded; seconds; cycles of the router */
    int *arm;          /* (count) place in the list of arms */
    size_t *epoch;     /* (count) */
    bool *decided;     /* (count) */
    double train_loss; /* mean of the last epoch */
    double half_loss;  /* mean of epoch (epochs + 1) / 2, from 1 */
    void *pool;
};

/* On failure nothing is to be freed. TRM_FORMAT where a step names none of the arms. */
enum trm_status run_steps_read(struct trm_store *store, const struct trm_run *of, const struct trm_arms *arms,
                               struct run_steps *steps, struct trm_error *error);
void run_steps_free(struct run_steps *steps);

/* Seconds that training needed for each step. Features are part of them only where the policy looks at them. */
double run_steps_cost(const struct run_steps *steps, size_t step, bool needs_features);
/* Steps whose arm is not that of the step before, as a share of the steps. */
double run_steps_switches(const struct run_steps *steps);
/* Steps and seconds until the mean of the last `window` recorded losses is at most target; both NAN where that never
   is. */
struct run_steps_reach {
    double steps, seconds;
};
struct run_steps_reach run_steps_to(const struct run_steps *steps, double target, size_t window,
                                    bool needs_features);

#endif
