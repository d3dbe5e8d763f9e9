/* Training dynamics and the router that learns from them: everything public of this room. */
#ifndef TRM_TRM_H
#define TRM_TRM_H

#include "trm/dataset.h"
#include "trm/dynamics.h"
#include "trm/evaluation.h"
#include "trm/features.h"
#include "trm/router.h"
#include "trm/training.h"

#endif
