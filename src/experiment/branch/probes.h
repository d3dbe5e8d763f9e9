/* Fresh batches on which every arm of a branch state is measured, the same for all of them: random held-out images as
   they are, or, where none is held out, random training images, cropped and mirrored as in training. */
#ifndef TRM_EXPERIMENT_BRANCH_PROBES_H
#define TRM_EXPERIMENT_BRANCH_PROBES_H

#include "experiment/trainer.h"

struct probes;

/* Room for `count` batches. Batch k of step s has the seed s * count + k, at most 2^32 - 1 in the whole run
   (TRM_INVALID); it is the first batch of that epoch of a shuffled loader whose seed is the run's with PROBES_SEED
   xored. On failure *out is NULL. */
#define PROBES_SEED 0x9e3779b97f4a7c15u
enum trm_status probes_create(struct probes **out, struct trainer *trainer, size_t count,
                              struct trm_error *error);
void probes_destroy(struct probes *probes); /* NULL is fine */
/* The batches of a step. */
enum trm_status probes_draw(struct probes *probes, size_t step, struct trm_error *error);
const uint64_t *probes_seeds(const struct probes *probes); /* (count) of those last drawn */
/* The mean loss of each with the network as it is, with the statistics of the batch. */
enum trm_status probes_measure(struct probes *probes, double *losses, struct trm_error *error);

#endif
