/* JSON on stdout, over jansson. */
#ifndef TRM_CLI_VIEWS_PRINT_JSON_H
#define TRM_CLI_VIEWS_PRINT_JSON_H

#include <jansson.h>

/* A number; NaN and infinity, which JSON does not have, as null. */
json_t *json_number(double value);
json_t *json_count(size_t value);
/* A text; one that is not UTF-8 (a file name can be anything) with '?' for its bytes above 127. */
json_t *json_text(const char *text);

/* Append row to *array. Where either is NULL, or there is no memory, *array is freed and NULL, so that a document
   lacks nothing or is not there. */
void print_json_append(json_t **array, json_t *row);

/* How documents look, on stdout and in files: a double needs no more than 17 digits to come back unchanged. */
#define PRINT_JSON_FORMAT (JSON_INDENT(2) | JSON_REAL_PRECISION(17))

/* Print the document with numbers that read back to the same bits, and free it. NULL (out of memory) is an
   error. Returns the exit status. */
int print_json(json_t *document);

#endif
