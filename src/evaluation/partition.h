/* What the files of the evaluation share: the samples of each part, and what a policy answered. */
#ifndef TRM_EVALUATION_PARTITION_H
#define TRM_EVALUATION_PARTITION_H

#include "evaluation/evaluation.h"

#include <math.h>

enum { NO_SAMPLE = -1 };

/* Into *own what a caller gives; NULL, or what is wrong with it. */
const char *evaluation_options_take(struct trm_evaluation_options *own,
                                    const struct trm_evaluation_options *given);

struct partition_samples {
    const struct trm_sample **at; /* (count) */
    size_t count;
};

struct partition {
    struct partition_samples part[TRM_PARTS];
    const struct trm_sample *all; /* (count) of the data set that is tested on, by run and step */
    size_t count;
    size_t groups; /* of the test part */
    size_t *group; /* (test) 0 ... groups - 1 */
    long *
        previous; /* (test) the sample one step before in the same run, NO_SAMPLE where not in the test part */
    int *
        label_before; /* (test) label of the step before in the same run, whatever its part; -1 at the first */
    struct trm_arm_names names;
    enum trm_oracle kind;
    bool halves;    /* the samples have two independent values of each change */
    double *oracle; /* (test) change of the oracle: trm_sample_oracle */
    uint64_t arms;  /* that may be chosen */
    uint64_t seen;  /* labels of the training part */
    int best_single;
    double mean[TRM_FEATURE_COUNT], deviation[TRM_FEATURE_COUNT];
    const struct trm_evaluation_options *options;
};

/* What one policy chose. */
struct predictions {
    int *arm;           /* (test) */
    double *confidence; /* (test) probability of that arm; NAN where the policy gives none */
    size_t parameters;
    double cycles;       /* a decision; NAN where it has none */
    double microseconds; /* a decision; NAN where not measured */
};

enum trm_status partition_create(struct partition *parts, const struct trm_dataset *dataset,
                                 const struct trm_split *split, uint64_t arms,
                                 const struct trm_evaluation_options *options, struct trm_error *error);
void partition_destroy(struct partition *parts);

/* Is the oracle of this sample what the others' is? Where there are halves, not that of a sample without. */
bool partition_has_oracle(const struct partition *parts, const struct trm_sample *sample);

/* How many resamples of the groups are drawn: none where there are fewer than ten groups, of which a bootstrap knows
   too little. */
size_t partition_resamples(const struct partition *parts);

/* Features as the trained baselines see them: standardised, 0 where the training part knows one value. */
void partition_features(const struct partition *parts, const struct trm_sample *sample,
                        double x[TRM_FEATURE_COUNT]);
/* The most probable of the arms in mask. */
int most_probable(const double probability[TRM_ARMS_MOST], uint64_t mask);
/* TRM_STOPPED where the watcher asks for it; what and how far it is goes to the watcher. */
enum trm_status partition_progress(const struct partition *parts, const char *what, size_t done, size_t total,
                                   struct trm_error *error);

#endif
