/* What starts the runs of a sweep: GNU parallel, Slurm, or whoever takes a list of commands. */
#ifndef TRM_CLI_SWEEP_ENGINE_H
#define TRM_CLI_SWEEP_ENGINE_H

#include "cli/sweep/folder.h"

struct sweep_start {
    const struct sweep_folder *folder;
    const size_t *todo; /* the runs that are not done */
    size_t todo_count;
    size_t jobs;         /* at a time; 0: as many as the engine likes */
    size_t threads;      /* of a run */
    size_t tries;        /* of a run that fails */
    const char *hosts;   /* ssh: file of hosts, as parallel's --sshloginfile takes it */
    const char *options; /* further words for parallel or sbatch, blanks between; NULL: none */
};

#define SWEEP_ENGINES "local|ssh|slurm|list"

/* Can this engine be started: is its program there, can it work in the folder output, does the file hosts name some? */
enum trm_status sweep_engine_check(const char *engine, const char *output, const char *hosts,
                                   struct trm_error *error);
/* Start them. local and ssh return when all have ended, list once it has printed, slurm once it has submitted. */
enum trm_status sweep_engine_start(const char *engine, const struct sweep_start *start,
                                   struct trm_error *error);

#endif
