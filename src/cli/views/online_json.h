#ifndef TRM_CLI_VIEWS_ONLINE_JSON_H
#define TRM_CLI_VIEWS_ONLINE_JSON_H

#include "experiment/online.h"

/* The summary as one JSON document on stdout; the exit status. */
int online_json_print(const struct online_request *request, const struct online_summary *summary);

#endif
