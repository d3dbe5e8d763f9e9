/* What the router is compared with: each fills the predictions for every test sample. */
#ifndef TRM_EVALUATION_BASELINES_H
#define TRM_EVALUATION_BASELINES_H

#include "evaluation/learner.h"
#include "evaluation/partition.h"
#include "evaluation/plan.h"

void baseline_fixed(const struct partition *parts, int arm, struct predictions *predicted);
void baseline_random(const struct partition *parts, struct predictions *predicted);
/* Fitted on the training part. */
void baseline_plan(const struct partition *parts, enum plan_kind kind, struct predictions *predicted);
/* One that learns while it plays each run from its first step to its last, from what its own choices brought; its
   answers in the test part count. */
enum trm_status baseline_learner(const struct partition *parts, enum trm_learner_kind kind,
                                 struct predictions *predicted, struct trm_error *error);
/* The label of the step before: what is left of the oracle when only the past is known. Needs every arm's
   outcome, so that it is no policy but a measure of how much of the oracle is noise. */
void baseline_last_best(const struct partition *parts, struct predictions *predicted);
void baseline_oracle(const struct partition *parts, struct predictions *predicted);
enum trm_status baseline_logistic(const struct partition *parts, struct predictions *predicted,
                                  struct trm_error *error);

/* layers: of weights. residual: rms(h + relu(h W + b)) between, else relu(h W + b). */
struct baseline_shape {
    size_t width, layers, arms;
    bool residual;
};
/* The width with about this many weights in `layers` layers. */
struct baseline_shape baseline_shape_for(size_t layers, size_t weights, size_t arms, bool residual);
size_t baseline_shape_parameters(const struct baseline_shape *shape);
/* How many epochs the options allow for this training part. */
size_t baseline_network_epochs(const struct partition *parts);
enum trm_status baseline_network(const struct partition *parts, const char *what,
                                 const struct baseline_shape *shape, struct predictions *predicted,
                                 struct trm_error *error);

#endif
