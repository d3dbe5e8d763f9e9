/* What was probably meant by a name that is not known. */
#ifndef TRM_CLI_OPTIONS_NEAREST_H
#define TRM_CLI_OPTIONS_NEAREST_H

#include <stddef.h>

/* Levenshtein's distance; of b, at most the first 95 letters count, and of a as many. */
size_t nearest_distance(const char *a, const char *b);

/* The name among `count` names nearest to what was typed; NULL only where count is 0. name_at(table, i) names
   the i-th. */
const char *nearest_name(const char *typed, const char *(*name_at)(const void *table, size_t index),
                         const void *table, size_t count);

#endif
