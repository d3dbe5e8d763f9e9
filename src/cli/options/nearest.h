/* What was probably meant by a name that is not known. */
#ifndef TRM_CLI_OPTIONS_NEAREST_H
#define TRM_CLI_OPTIONS_NEAREST_H

#include "storage/settings.h"

#include <stdbool.h>
#include <stddef.h>

/* Levenshtein's distance, with two neighbours that changed places as one edit; of b, at most the first 95 letters
   count, and of a as many. */
size_t nearest_distance(const char *a, const char *b);

/* Near enough to have been meant: at most two letters away, and at most a third of the longer one. */
enum { NEAREST_EDITS = 2 };
bool nearest_enough(size_t distance, const char *typed, const char *name);

/* The name among `count` names that was probably typed; NULL where none is near enough. name_at(table, i) names
   the i-th. */
const char *nearest_name(const char *typed, const char *(*name_at)(const void *table, size_t index),
                         const void *table, size_t count);

/* The same among what a row's range lists, into name; false: none, or it lists nothing. */
enum { NEAREST_NAME = 64 };
bool nearest_choice(const char *typed, const struct setting *row, char name[NEAREST_NAME]);

#endif
