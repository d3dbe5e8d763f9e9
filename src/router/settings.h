/* The settings of a router's training: the table beside struct trm_train_options. */
#ifndef TRM_ROUTER_SETTINGS_H
#define TRM_ROUTER_SETTINGS_H

#include "router/training.h"
#include "storage/settings.h"

/* In the order in which they are stored. */
struct settings train_settings_table(struct trm_train_options *target);

/* What follows from what was set: the split has the same seed, and min-lr is no more than lr. */
void train_settings_complete(struct trm_train_options *options);

#endif
