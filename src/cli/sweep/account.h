/* How the runs of a sweep go, in words or as JSON. */
#ifndef TRM_CLI_SWEEP_ACCOUNT_H
#define TRM_CLI_SWEEP_ACCOUNT_H

#include "cli/sweep/folder.h"

#include <stdbool.h>

/* To stdout; the exit status: CLI_DONE, also where some failed. ended: all were to be begun by now. */
int sweep_account_print(const struct sweep_folder *folder, bool json, bool ended);

/* Indices of the runs that are not done and not at work into todo (room for all); their number. */
size_t sweep_account_todo(const struct sweep_folder *folder, size_t *todo);

/* How many are in a state. */
size_t sweep_account_count(const struct sweep_folder *folder, enum run_state state);

#endif
