/* A policy to be evaluated, and options that take no time. */
#ifndef TRM_TESTS_EVALUATION_SUPPORT_H
#define TRM_TESTS_EVALUATION_SUPPORT_H

#include "support/runs.h"

#include "evaluation/evaluation.h"

enum trm_status support_decide(void *context, const double x[TRM_FEATURE_COUNT], uint64_t allowed, int *arm,
                               double p[TRM_ARMS_MOST], struct trm_error *error);
extern const struct trm_policy support_policy;     /* that, named "fake" */
struct trm_evaluation_options support_quick(void); /* 60 resamples, no networks beside */

#endif
