/* JSON on stdout, over jansson. */
#ifndef TRM_CLI_PRINT_JSON_H
#define TRM_CLI_PRINT_JSON_H

#include <jansson.h>

/* A number; NaN and infinity, which JSON does not have, as null. */
json_t *json_number(double value);
json_t *json_count(size_t value);

/* Print the document with numbers that read back to the same bits, and free it. NULL (out of memory) is an
   error. Returns the exit status. */
int print_json(json_t *document);

#endif
