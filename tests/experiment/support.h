/* Runs in a folder of their own, each in a child process: so that one can be killed, and so that the test itself has no
   OpenMP threads when it forks. */
#ifndef TRM_TESTS_EXPERIMENT_SUPPORT_H
#define TRM_TESTS_EXPERIMENT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dynamics/settings.h"

enum { SUPPORT_NEVER = 0, SUPPORT_DONE = 0, SUPPORT_KILLED = 128 + 9, SUPPORT_STEPS = 10 };

/* Group setup and teardown: one folder for the whole program. */
int support_make_folder(void **state);
int support_remove_folder(void **state);
const char *support_path_of(const char *name, char path[64]);

/* Skip the test where the default data set's package is not installed. */
void support_need_data(void);

/* SUPPORT_STEPS steps in 2 epochs. */
void support_make_small(struct run_settings *settings, const char *model, double width);

/* When a run is to be killed or stopped: after so many steps; SUPPORT_NEVER. */
struct interruption {
    size_t run, kill_after, stop_after; /* run: of a command that makes several */
    bool stop;
};
/* To be called after each step. */
void support_interrupt(struct interruption *i, size_t run, size_t step);
/* For the stop callback; context is the interruption. */
bool support_asked_to_stop(void *context);

/* Run body(request, interruption, error) in a child with so many threads. How it ended: its status, or SUPPORT_KILLED.
   reason: its error line. */
typedef enum trm_status support_body(const void *request, struct interruption *interruption,
                                     struct trm_error *error);
int support_run(support_body *body, const void *request, size_t threads, struct interruption interruption,
                char reason[512]);

#endif
