/* What the files of the evaluation share: the samples of each part, and what a policy answered. */
#ifndef TRM_EVALUATION_EXAM_H
#define TRM_EVALUATION_EXAM_H

#include "evaluation/evaluation.h"

#include <math.h>

enum { EXAM_NONE = -1 };

struct exam_part {
    const struct trm_sample **at; /* (count) */
    size_t count;
};

struct exam {
    struct exam_part part[TRM_PARTS];
    size_t groups; /* of the test part */
    size_t *group; /* (test) 0 ... groups - 1 */
    long *
        previous; /* (test) the sample one step before in the same run, EXAM_NONE where not in the test part */
    unsigned arms; /* that may be chosen */
    unsigned seen; /* labels of the training part */
    int best_single;
    double mean[TRM_FEATURE_COUNT], deviation[TRM_FEATURE_COUNT];
    const struct trm_evaluation_options *options;
};

/* What one policy chose. */
struct exam_answers {
    int *arm;           /* (test) */
    double *confidence; /* (test) probability of that arm; NAN where the policy gives none */
    size_t parameters;
    double microseconds; /* a decision; NAN where not measured */
};

enum trm_status exam_create(struct exam *exam, const struct trm_dataset *dataset,
                            const struct trm_split *split, unsigned arms,
                            const struct trm_evaluation_options *options, struct trm_error *error);
void exam_destroy(struct exam *exam);

/* Features as the trained baselines see them: standardised, 0 where the training part knows one value. */
void exam_features(const struct exam *exam, const struct trm_sample *sample, double x[TRM_FEATURE_COUNT]);
/* The most probable of the arms in mask. */
int exam_most_probable(const double probability[TRM_ARMS], unsigned mask);
/* TRM_STOPPED where the watcher asks for it; what and how far it is goes to the watcher. */
enum trm_status exam_progress(const struct exam *exam, const char *what, size_t done, size_t total,
                              struct trm_error *error);

/* ---- Baselines: fill answers for every test sample */

void baseline_fixed(const struct exam *exam, int arm, struct exam_answers *answers);
void baseline_random(const struct exam *exam, struct exam_answers *answers);
/* The arm that was best on average in the same tenth of the training run. */
void baseline_schedule(const struct exam *exam, struct exam_answers *answers);
/* The label of the step before: what is left of the oracle when only the past is known. Needs every arm's
   outcome, so that it is no policy but a measure of how much of the oracle is noise. */
void baseline_last_best(const struct exam *exam, struct exam_answers *answers);
void baseline_oracle(const struct exam *exam, struct exam_answers *answers);
enum trm_status baseline_logistic(const struct exam *exam, struct exam_answers *answers,
                                  struct trm_error *error);

/* layers: of weights. residual: rms(h + relu(h W + b)) between, else relu(h W + b). */
struct baseline_shape {
    size_t width, layers;
    bool residual;
};
/* The width with about this many weights in `layers` layers. */
struct baseline_shape baseline_shape_for(size_t layers, size_t weights, bool residual);
size_t baseline_shape_parameters(const struct baseline_shape *shape);
enum trm_status baseline_network(const struct exam *exam, const char *what,
                                 const struct baseline_shape *shape, struct exam_answers *answers,
                                 struct trm_error *error);

/* ---- Measuring */

/* Means of the change over the test samples, a sample weighted as its group; admm is NAN where it has no run. */
struct exam_means {
    double oracle, random, admm, single;
};
struct exam_means exam_means(const struct exam *exam, const double *weight);
/* How often each group was drawn in resample b. */
void exam_draw(const struct exam *exam, size_t b, double *weight);
/* The middle 95 % of the resampled values (which it reorders); those that are not finite are left out. */
struct trm_interval exam_interval(double value, double *resampled, size_t count);

/* Values of all metrics and shares with their intervals, and the confusion matrix. The same resamples of
   groups serve every policy. */
enum trm_status exam_measure(const struct exam *exam, const struct exam_answers *answers,
                             struct trm_evaluation *evaluation, struct trm_score *score,
                             struct trm_error *error);
/* The evaluation's references, and whether there is a gap to close; before exam_measure. */
enum trm_status exam_references(const struct exam *exam, struct trm_evaluation *evaluation,
                                struct trm_error *error);

#endif
