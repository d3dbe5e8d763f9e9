/* Everything that a run needs to go on to the same bits, in one safetensors file: weights, momentum, batch
   norm statistics, warm starts, feature state, what its policy has learned, where it is. */
#ifndef TRM_EXPERIMENT_CHECKPOINT_H
#define TRM_EXPERIMENT_CHECKPOINT_H

#include "experiment/trainer.h"

/* Write it, replacing an older one. config: the run's configuration, stored with it. TRM_NOT_FINITE where the state
   holds NaN or infinity: the older one stays. */
enum trm_status checkpoint_save(const char *path, struct trainer *trainer, const char *config,
                                struct trm_error *error);

/* Read it into a fresh trainer made from the same settings; one of another configuration is refused, but with
   may_change for what decides how far a step goes (SETTING_STEP). An array that is missing, has another shape or
   holds a number that is not finite is refused by name; the trainer is then of no further use. */
enum trm_status checkpoint_restore(const char *path, struct trainer *trainer, const char *config,
                                   bool may_change, struct trm_error *error);

/* For looking into a divergence: W and G (its momentum) of the weight on the manifold whose numbers are not finite,
   else of the tracked one, as `solve` reads them. *name: of the weight. */
enum trm_status problem_save(const char *path, struct trainer *trainer, const char **name,
                             struct trm_error *error);

/* The weights and batch norm statistics alone, for users. */
enum trm_status weights_save(const char *path, const struct nn_model *model, const char *config,
                             bool overwrite, struct trm_error *error);

#endif
