/* Metrics of a policy and the references beside them, each with the interval of a bootstrap over groups. */
#ifndef TRM_EVALUATION_METRICS_H
#define TRM_EVALUATION_METRICS_H

#include "evaluation/partition.h"

/* Means of the change over the test samples, a sample weighted as its group; admm is NAN where it is no arm. oracle, the
   single arm beside it (single_known), and gap, of that over the oracle: over the samples whose oracle is known. */
struct reference_changes {
    double oracle, random, admm, single, single_known, gap;
};
struct reference_changes bootstrap_changes(const struct partition *parts, const double *weight);
/* How often each group was drawn in resample b. */
void bootstrap_draw(const struct partition *parts, size_t b, double *weight);
/* The middle 95 % of the resampled values (which it reorders); those that are not finite are left out. */
struct trm_interval bootstrap_interval(double value, double *resampled, size_t count);

/* Values of all metrics and shares with their intervals, and the confusion matrix. The same resamples of
   groups serve every policy. */
enum trm_status metrics_measure(const struct partition *parts, const struct predictions *predicted,
                                struct trm_evaluation *evaluation, struct trm_score *score,
                                struct trm_error *error);
/* The permutation test of the gap between the best single arm and the oracle: how often noise gives as large a one. */
enum trm_status gap_null(const struct partition *parts, double *p, struct trm_error *error);
/* The evaluation's references, and whether there is a gap to close; before metrics_measure. */
enum trm_status bootstrap_references(const struct partition *parts, struct trm_evaluation *evaluation,
                                     struct trm_error *error);

#endif
