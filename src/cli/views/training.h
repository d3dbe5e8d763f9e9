/* Training runs as they go: a bar, and a line an epoch, on stderr. */
#ifndef TRM_CLI_VIEWS_TRAINING_H
#define TRM_CLI_VIEWS_TRAINING_H

#include "cli/options/output.h"
#include "cli/views/events.h"
#include "cli/views/progress.h"
#include "experiment/online.h"

struct training_view {
    struct progress progress;
    const char *label; /* of the bar */
    struct events events;
    const char *folder,
        *output; /* of the events (NULL: none); the store, after which a run of collect is called there */
};

/* Before it: take the threads (0: all cores), complete and check the settings, look at the output (usual, where it is
   NULL) and say how it computes.
   From then on signals end it after the step. OPTIONS_GO_ON, or the exit status. */
int training_settle(struct run_settings *settings, size_t threads, const char **output, const char *usual,
                    struct output_ways ways);

/* See that the data are there and say what will run. The view must stay where it is while the watch is used, and be
   ended also after a failure. */
enum trm_status training_view_collect(struct training_view *view, const struct collect_request *request,
                                      struct collect_watch *watch, struct trm_error *error);
enum trm_status training_view_online(struct training_view *view, const struct online_request *request,
                                     struct online_watch *watch, struct trm_error *error);
void training_view_end(struct training_view *view);

#endif
