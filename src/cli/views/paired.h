/* The router beside every other policy of online, on the same seeds. */
#ifndef TRM_CLI_VIEWS_PAIRED_H
#define TRM_CLI_VIEWS_PAIRED_H

#include "experiment/online.h"

#include <jansson.h>

/* An array, an object a policy but the first, which is the router. */
json_t *paired_document(const struct online_summary *summary);

#endif
