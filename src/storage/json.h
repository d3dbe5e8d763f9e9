/* JSON documents that lack nothing: what cannot be put in takes the container with it, and NULL is put in as little as
   no memory. So a document that is there at the end is whole. */
#ifndef TRM_STORAGE_JSON_H
#define TRM_STORAGE_JSON_H

#include <jansson.h>
#include <stddef.h>

/* A number; NaN and infinity, which JSON does not have, as null. */
json_t *json_number(double value);
json_t *json_count(size_t value);
/* A text; one that is not UTF-8 (a file name can be anything) with '?' for its bytes above 127. */
json_t *json_text(const char *text);

/* Take value over into *object under a key that is not there yet, or at the end of *array. Where that fails, or either
   is NULL, the container is freed and NULL. */
void json_put(json_t **object, const char *key, json_t *value);
void json_append(json_t **array, json_t *value);

/* How documents look, on stdout and in files: a double needs no more than 17 digits to come back unchanged. */
#define JSON_DOCUMENT (JSON_INDENT(2) | JSON_REAL_PRECISION(17))

/* The document as text to be freed; NULL where it is NULL or memory is short. It is read again: json_dumps leaves out a
   key that it finds no memory for. Reals need JSON_REAL_PRECISION(17). */
char *json_whole(const json_t *document, size_t format);

/* The document as text to be freed, in this format (see json_dumps), with a line feed at its end and numbers as the
   shortest that read back to the same bits; it is freed. NULL where it is NULL or memory is short. */
char *json_finish(json_t *document, size_t format);

#endif
