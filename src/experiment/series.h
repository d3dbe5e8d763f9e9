/* One run of online, read back step by step. */
#ifndef TRM_EXPERIMENT_SERIES_H
#define TRM_EXPERIMENT_SERIES_H

#include "trm.h"

/* Columns of the recorded steps, in order, and the last epoch. */
struct series {
    size_t count;
    double *loss, *train, *feature, *decide, *cycles; /* (count): loss; seconds; cycles of the router */
    int *solver;                                      /* (count) id */
    size_t *epoch;                                    /* (count) */
    bool *decided;                                    /* (count) */
    double train_loss;                                /* mean of the last epoch */
    void *pool;
};

/* On failure nothing is to be freed. TRM_FORMAT where a step names no known solver. */
enum trm_status series_read(struct trm_store *store, int64_t run, struct series *series,
                            struct trm_error *error);
void series_free(struct series *series);

/* Seconds that training needed for each step. Features are part of them only where the policy looks at them. */
double series_cost(const struct series *series, size_t step, bool needs_features);
/* Steps whose solver is not that of the step before, as a share of the steps. */
double series_switches(const struct series *series);
/* Seconds until the mean loss of the last `window` steps is at most target; NAN where that never is. Where only
   every record_every-th step is there, it stands for those between. */
double series_seconds_to(const struct series *series, double target, size_t window, bool needs_features,
                         size_t record_every);

#endif
