#include "cli/views/events.h"

#include "cli/diagnostics.h"
#include "report/tensorboard.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static void failed(struct events *events, const struct trm_error *error) {
    cli_say("%s; no more events are written", error->text);
    tensorboard_close(events->log, NULL);
    events->log = NULL;
}

void events_begin(struct events *events, const char *folder, const char *name, size_t first_step) {
    struct trm_error error;
    char path[1024];
    *events = (struct events){.log = NULL};
    if (folder == NULL)
        return;
    enum trm_status status = snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path
                                 ? TRM_OK
                                 : trm_fail(&error, TRM_INVALID, "--tensorboard: the path is too long");
    if (status == TRM_OK)
        status = tensorboard_open(&events->log, path, (double)time(NULL), (int64_t)first_step, &error);
    if (status != TRM_OK)
        failed(events, &error);
}

static void scalar(struct events *events, const char *tag, size_t step, double value) {
    struct trm_error error;
    if (events->log == NULL || isnan(value))
        return;
    if (tensorboard_scalar(events->log, tag, (int64_t)step, (double)time(NULL), value, &error) != TRM_OK)
        failed(events, &error);
}

void events_step(struct events *events, const struct collect_event *event) {
    scalar(events, "step/loss", event->step, event->loss);
    if (!event->epoch_ended)
        return;
    scalar(events, "epoch/train_loss", event->step, event->train_loss);
    scalar(events, "epoch/test_loss", event->step, event->test_loss);
    scalar(events, "epoch/test_accuracy", event->step, event->test_accuracy);
    scalar(events, "epoch/held_loss", event->step, event->held_loss);
    scalar(events, "epoch/held_accuracy", event->step, event->held_accuracy);
    scalar(events, "epoch/seconds", event->step, event->seconds);
}

void events_end(struct events *events) {
    struct trm_error error;
    if (tensorboard_close(events->log, &error) != TRM_OK)
        cli_say("%s", error.text);
    events->log = NULL;
}
