/* A stamp says what made the outputs of a task: a small JSON file in stages/ beside the results. It is written
   once before the work and again, with the outputs' hashes, after it; each time by rename. */
#ifndef TRM_CLI_PIPELINE_STAMP_H
#define TRM_CLI_PIPELINE_STAMP_H

#include "cli/pipeline/plan.h"

enum run_state {
    RUN_ABSENT,     /* no stamp, or one that cannot be read */
    RUN_CHANGED,    /* made from another configuration or other inputs, or its outputs are not as they were */
    RUN_UNFINISHED, /* made from these, interrupted */
    RUN_COMPLETE    /* nothing is to be done */
};

struct run_stamp {
    enum run_state state;
    char program[32]; /* version that made it, or began it; "" without a stamp that can be read */
};

enum trm_status run_stamp_look(const struct run *run, const struct run_task *task, struct run_stamp *found,
                               struct trm_error *error);

/* TRM_EXISTS, naming it, where an output lies there although no stamp says what made it. */
enum trm_status run_stamp_check_free(const struct run *run, const struct run_task *task,
                                     struct trm_error *error);

/* done false: begun; true: with its outputs, of which TRM_NOT_FOUND names one that is not there. */
enum trm_status run_stamp_write(const struct run *run, const struct run_task *task, bool done,
                                struct trm_error *error);

#endif
