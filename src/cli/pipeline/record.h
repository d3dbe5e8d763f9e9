/* How a `run` in a folder of results goes: a lock while it is at work, and a small JSON file that says how it began
   and ended. `sweep status` reads them. */
#ifndef TRM_CLI_PIPELINE_RECORD_H
#define TRM_CLI_PIPELINE_RECORD_H

#include "storage/lock.h"

/* STATE, text in the file, meaning */
#define RUN_STATE_LIST(X)                                                                                    \
    X(WAITING, waiting, "not begun")                                                                         \
    X(RUNNING, running, "at work")                                                                           \
    X(DONE, done, "all its stages are complete")                                                             \
    X(FAILED, failed, "ended with an error")                                                                 \
    X(STOPPED, stopped, "ended by SIGINT or SIGTERM; the same command goes on")                              \
    X(KILLED, killed, "began, and is gone without a word; the same command goes on")

enum run_state {
#define X(name, column, text) RUN_##name,
    RUN_STATE_LIST(X)
#undef X
        RUN_STATE_COUNT
};

const char *run_state_name(enum run_state state);

struct run_record {
    enum run_state state;
    double seconds;   /* of the last attempt, where it ended */
    char reason[512]; /* of RUN_FAILED; else "" */
    char until[16];   /* its last stage; "" for all */
};

/* Take the folder (which is made where it is missing) and write that work begins. TRM_EXISTS where another process has
   it. until: NULL for all stages. */
enum trm_status run_record_begin(const char *folder, const char *until, struct lock *lock,
                                 struct trm_error *error);
/* How it ended, and let go. What cannot be written is left: the run then counts as killed. */
void run_record_end(const char *folder, const struct run_record *record, struct lock *lock);
/* RUN_WAITING where there is none. */
void run_record_read(const char *folder, struct run_record *record);

#endif
