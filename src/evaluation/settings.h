/* The settings of an evaluation: the table beside struct trm_evaluation_options. */
#ifndef TRM_EVALUATION_SETTINGS_H
#define TRM_EVALUATION_SETTINGS_H

#include "evaluation/evaluation.h"
#include "storage/settings.h"

struct settings evaluation_settings_table(struct trm_evaluation_options *target);

#endif
