/* JSON on stdout, over jansson. */
#ifndef TRM_CLI_VIEWS_PRINT_JSON_H
#define TRM_CLI_VIEWS_PRINT_JSON_H

#include "storage/json.h"

/* Print the document, with the version where it is an object, with numbers that read back to the same bits, and free
   it. NULL (out of memory) is an error. Returns the exit status. */
int print_json(json_t *document);

/* What it prints, to be freed; NULL: out of memory. The document is freed. */
char *print_json_text(json_t *document);

#endif
