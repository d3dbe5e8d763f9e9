/* Branch states: between the halves of a step, every arm is tried from the same state, and the state is put back to the
   bit. What they share is done once: forward and backward pass, the reduction of W and G, the probe batches before. */
#ifndef TRM_EXPERIMENT_BRANCH_BRANCH_H
#define TRM_EXPERIMENT_BRANCH_BRANCH_H

#include "experiment/branch/settings.h"
#include "experiment/trainer.h"

struct branch;

/* For a trainer whose settings have the arms; both outlive it. On failure *out is NULL. */
enum trm_status branch_create(struct branch **out, struct trainer *trainer,
                              const struct branch_settings *settings, struct trm_error *error);
void branch_destroy(struct branch *branch); /* NULL is fine */

/* At the steps of --branch-every; else nothing. batch: that of the gradient. TRM_DIVERGED where an arm leads to numbers
   that are not finite; the error names it. */
enum trm_status branch_try(struct branch *branch, const struct data_batch *batch, struct trm_error *error);
/* What the last step's trying gave, for the store; NULL where it was no branch state. */
const struct trm_branch *branch_result(const struct branch *branch);

#endif
