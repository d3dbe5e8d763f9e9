/* The branch states of a run, as part of a command's document and for people. */
#ifndef TRM_CLI_VIEWS_BRANCH_H
#define TRM_CLI_VIEWS_BRANCH_H

#include "experiment/branch/summary.h"

#include <jansson.h>

/* A document; NULL: no memory. */
json_t *branch_view_json(const struct branch_summary *summary);
/* Lines and a table of that document, to stdout. */
void branch_view_print(const json_t *document);

#endif
