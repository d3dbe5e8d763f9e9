/* What a run came to, read back from its store. */
#ifndef TRM_EXPERIMENT_SUMMARY_H
#define TRM_EXPERIMENT_SUMMARY_H

#include "experiment/collect.h"
#include "trm.h"

/* The result of a run that is done: test loss and accuracy of its last epoch. */
enum trm_status summary_result(struct trm_store *store, int64_t run, struct trm_run_result *result,
                               struct trm_error *error);

/* All but `finished_before` and `weights`. */
enum trm_status summary_read(struct trm_store *store, int64_t run, struct collect_summary *summary,
                             struct trm_error *error);

#endif
