/* The arms of a run, and the solvers that the optimiser needs for them. */
#ifndef TRM_EXPERIMENT_ARMS_H
#define TRM_EXPERIMENT_ARMS_H

#include "experiment/trainer.h"

/* Fill *arms and the arms of *options. TRM_INVALID: more solvers than the optimiser takes. */
enum trm_status arms_set_up(const struct run_settings *settings, struct trainer_arms *arms,
                            struct muon_sgd_options *options, struct trm_error *error);

#endif
