/* The state of a training run between the halves of a step, kept in memory and put back to the bit: weights, gradients,
   running statistics, momentum, warm starts, step count. Features and loaders are not part of it. */
#ifndef TRM_EXPERIMENT_BRANCH_SNAPSHOT_H
#define TRM_EXPERIMENT_BRANCH_SNAPSHOT_H

#include "experiment/trainer.h"

struct snapshot;

/* Memory for one state of this trainer. On failure *out is NULL. */
enum trm_status snapshot_create(struct snapshot **out, struct trainer *trainer, struct trm_error *error);
void snapshot_destroy(struct snapshot *snapshot); /* NULL is fine */
void snapshot_take(struct snapshot *snapshot);
/* The optimiser is between its halves again; advanced: another first half was done since. */
enum trm_status snapshot_restore(const struct snapshot *snapshot, bool advanced, struct trm_error *error);

#endif
