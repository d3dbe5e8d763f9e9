/* SIGINT and SIGTERM: what a command does when it is asked to stop. */
#ifndef TRM_CLI_VIEWS_STOP_H
#define TRM_CLI_VIEWS_STOP_H

#include <stdbool.h>

enum stop_mode {
    STOP_AT_ONCE, /* nothing to save: end with 130 (SIGINT) or 143 (SIGTERM) */
    STOP_LATER /* remember it; the command looks at stop_signal() between steps. A second signal ends at once
                */
};

/* From now on signals are treated so. May be called again to change the mode. */
void stop_catch(enum stop_mode mode);

/* The signal that asked to stop; 0 if none did. main turns it into the exit status. */
int stop_signal(void);
/* Was there one? As a callback: the context is not looked at. */
bool stop_asked(void *context);

#endif
