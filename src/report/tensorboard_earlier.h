#ifndef TRM_REPORT_TENSORBOARD_EARLIER_H
#define TRM_REPORT_TENSORBOARD_EARLIER_H

#include "base/status.h"

#include <stdint.h>

/* Names of event files: prefix, seconds, suffix. */
#define TENSORBOARD_PREFIX "events.out.tfevents."
#define TENSORBOARD_SUFFIX ".trm-router"

/* Cut the event files of this program in a folder back to steps up to `last`; 0: remove them. */
enum trm_status tensorboard_earlier(const char *folder, int64_t last, struct trm_error *error);

#endif
