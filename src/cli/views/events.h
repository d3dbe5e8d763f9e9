/* What TensorBoard shows of a training run: a file of events in a folder. Where it cannot be written that is said once,
   and the training goes on. */
#ifndef TRM_CLI_VIEWS_EVENTS_H
#define TRM_CLI_VIEWS_EVENTS_H

#include "experiment/collect.h"

struct events {
    struct tensorboard *log; /* NULL: none is asked for, or it failed */
};

/* Begin in folder/name (folder NULL: none), after first_step: what was written of later steps goes. */
void events_begin(struct events *events, const char *folder, const char *name, size_t first_step);
/* The loss of the step just done, and what an epoch came to. */
void events_step(struct events *events, const struct collect_event *event);
void events_end(struct events *events);

#endif
