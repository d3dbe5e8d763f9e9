/* A stamp says what made the outputs of a task: a small JSON file in stages/ beside the results. It is written
   once before the work and again, with the outputs' hashes, after it; each time by rename. */
#ifndef TRM_CLI_PIPELINE_STAMP_H
#define TRM_CLI_PIPELINE_STAMP_H

#include "cli/pipeline/stages.h"

enum pipeline_state {
    STAMP_ABSENT,  /* no stamp, or one that cannot be read */
    STAMP_CHANGED, /* made from another configuration or other inputs, or its outputs are not as they were */
    STAMP_UNFINISHED, /* made from these, interrupted */
    STAMP_COMPLETE    /* nothing is to be done */
};

struct pipeline_stamp {
    enum pipeline_state state;
    char program[32];  /* version that made it, or began it; "" without a stamp that can be read */
    char changed[160]; /* STAMP_CHANGED: what has, "train.epochs 5 to 6" */
};

/* TRM_NOT_FOUND where there is a stamp, but not all inputs. */
enum trm_status pipeline_stamp_look(const struct pipeline *pipeline, const struct pipeline_task *task,
                                    struct pipeline_stamp *found, struct trm_error *error);

/* TRM_EXISTS, naming it, where an output lies there although no stamp says what made it. */
enum trm_status pipeline_stamp_check_free(const struct pipeline_task *task, struct trm_error *error);

/* done false: begun; true: with its outputs, of which TRM_NOT_FOUND names one that is not there. */
enum trm_status pipeline_stamp_write(const struct pipeline *pipeline, const struct pipeline_task *task,
                                     bool done, struct trm_error *error);

#endif
