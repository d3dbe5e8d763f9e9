/* What a person, or a program, sees of online. */
#ifndef TRM_CLI_VIEWS_ONLINE_H
#define TRM_CLI_VIEWS_ONLINE_H

#include "cli/views/progress.h"
#include "experiment/online.h"

struct online_view {
    struct progress progress;
    bool begun;
};

/* Say on stderr what will run; the view must stay where it is while the watch is used. */
struct online_watch online_view_begin(struct online_view *view, const struct online_request *request,
                                      const struct data_info *data);
void online_view_end(struct online_view *view);

/* The summary to stdout; the exit status. */
int online_view_print(const struct online_request *request, const struct online_summary *summary, bool json);

#endif
