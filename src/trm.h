/* Training dynamics and the router that learns from them: everything public of this room. */
#ifndef TRM_TRM_H
#define TRM_TRM_H

#include "dynamics/arm.h"
#include "dynamics/dynamics.h"
#include "dynamics/features.h"
#include "dynamics/outcome.h"
#include "evaluation/evaluation.h"
#include "evaluation/learner.h"
#include "evaluation/paired.h"
#include "oracle/ceiling.h"
#include "oracle/dataset.h"
#include "router/router.h"
#include "router/training.h"

#endif
