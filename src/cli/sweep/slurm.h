/* The runs of a sweep as jobs of Slurm. */
#ifndef TRM_CLI_SWEEP_SLURM_H
#define TRM_CLI_SWEEP_SLURM_H

#include "cli/sweep/engine.h"

/* Can its files lie there? TRM_INVALID, in words, where sbatch would read the name otherwise. */
enum trm_status sweep_slurm_check(const char *output, struct trm_error *error);
/* Submit them, and a job that gathers once they have ended. Submitted jobs keep their commands. */
enum trm_status sweep_slurm_start(const struct sweep_start *start, struct trm_error *error);

#endif
