/* What a person, or a program, sees of a training run. */
#ifndef TRM_CLI_VIEWS_COLLECT_H
#define TRM_CLI_VIEWS_COLLECT_H

#include "cli/views/progress.h"
#include "experiment/collect.h"

struct collect_view {
    struct progress progress;
    char label[64];
    size_t done;
};

/* Say on stderr what will run; the view must stay where it is while the watch is used. */
struct collect_watch collect_view_begin(struct collect_view *view, const struct collect_request *request,
                                        const struct data_info *data);
void collect_view_end(struct collect_view *view);

/* The summary to stdout; the exit status. */
int collect_view_print(const struct collect_request *request, const struct collect_summary *summary,
                       bool json);

#endif
