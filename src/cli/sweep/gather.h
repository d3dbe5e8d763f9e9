/* One store of all the runs of a sweep. */
#ifndef TRM_CLI_SWEEP_GATHER_H
#define TRM_CLI_SWEEP_GATHER_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct sweep_gathered {
    size_t runs, stores; /* that were gathered: of the sweep; files */
    size_t left;         /* runs of the sweep that are not done */
};

/* From the folder of a sweep at path into a new store at output, in the order of the runs' names. */
enum trm_status sweep_gather(const char *path, const char *output, bool overwrite,
                             struct sweep_gathered *gathered, struct trm_error *error);

#endif
