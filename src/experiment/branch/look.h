/* The held and annealed look: how good is it to stay with an arm? From a branch state, H steps with the arm at the
   state's factor of the schedule, then L steps with the arm that the run goes on with, radius and learning rates
   falling linearly to 0; then the loss on all held-out images, with running statistics. Momentum and statistics go
   along. A look some steps ahead without the annealing would reward short steps (Wu et al. 2018). */
#ifndef TRM_EXPERIMENT_BRANCH_LOOK_H
#define TRM_EXPERIMENT_BRANCH_LOOK_H

#include "experiment/trainer.h"

struct look;

/* Batches come as in training, and go on past the end of the run. On failure *out is NULL. */
enum trm_status look_create(struct look **out, struct trainer *trainer, struct trm_error *error);
void look_destroy(struct look *look); /* NULL is fine */

/* Between the halves of a step, whose update is the first of the `hold` steps. repetition: 0 has the batches that the
   run itself will have, each other its own, which depend on (seed, step, repetition) alone. The trainer is left where
   the look ends: see snapshot.h. */
enum trm_status look_run(struct look *look, size_t arm, size_t repetition, size_t hold, size_t anneal,
                         double *loss, struct trm_error *error);

#endif
