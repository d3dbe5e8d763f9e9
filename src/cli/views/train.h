/* How a training of a router is shown: a bar, a line now and then, TensorBoard's event files, the result. */
#ifndef TRM_CLI_VIEWS_TRAIN_H
#define TRM_CLI_VIEWS_TRAIN_H

#include "cli/views/progress.h"
#include "report/tensorboard.h"
#include "router/training.h"

struct train_view {
    const struct trm_train_request *request;
    struct progress progress;
    struct tensorboard *log; /* NULL: none, or it failed and that was said */
    char folder[1024];       /* of the event files: OUTPUT without .safetensors, and .tb */
    size_t samples, done;    /* of an epoch, and epochs */
};

/* The request outlives the view, and the view what it returns. */
struct trm_train_watch train_view_begin(struct train_view *view, const struct trm_train_request *request);
void train_view_end(struct train_view *view);
/* What came out, to stdout. Returns the exit status. */
int train_view_print(const struct train_view *view, const struct trm_train_result *result, bool json);

#endif
