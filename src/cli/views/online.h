/* What runs of online came to. */
#ifndef TRM_CLI_VIEWS_ONLINE_H
#define TRM_CLI_VIEWS_ONLINE_H

#include "experiment/online.h"

#include <jansson.h>

/* As JSON; NULL: out of memory. */
json_t *online_document(const struct online_request *request, const struct online_summary *summary);
/* The document as tables on stdout. */
void online_view(const json_t *document);

#endif
