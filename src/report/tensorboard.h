/* TensorBoard event files: scalars by step, written so that `tensorboard --logdir FOLDER` shows them while
   they grow. Records are TFRecord frames (length, masked CRC-32C of it, bytes, masked CRC-32C of them) of the
   protocol buffers Event and Summary, tensorflow/core/util/event.proto and framework/summary.proto. */
#ifndef TRM_REPORT_TENSORBOARD_H
#define TRM_REPORT_TENSORBOARD_H

#include "base/status.h"

#include <stdint.h>

struct tensorboard;

enum { TENSORBOARD_TAG_MAX = 200 }; /* bytes of a tag */

/* Begin a new file events.out.tfevents.SECONDS.trm-router[.N] in folder, which is made where it is missing.
   wall_time: seconds since 1970, within [0, 1e11]; it is all that the file knows of the time. last: the step that
   a resumed run goes on from: what earlier runs of this program wrote of later steps in the folder is removed, so
   that TensorBoard, which reads all files, shows every step once; 0: their files are. On failure *out is NULL. */
enum trm_status tensorboard_open(struct tensorboard **out, const char *folder, double wall_time, int64_t last,
                                 struct trm_error *error);

/* One scalar, stored as float, NaN and infinity too (TensorBoard shows them as such). tag: UTF-8 of 1 ...
   TENSORBOARD_TAG_MAX bytes, "train/loss"; a slash groups. step >= 0. It is in the file when this returns. */
enum trm_status tensorboard_scalar(struct tensorboard *log, const char *tag, int64_t step, double wall_time,
                                   double value, struct trm_error *error);

/* Close and free; NULL is fine. */
enum trm_status tensorboard_close(struct tensorboard *log, struct trm_error *error);

#endif
