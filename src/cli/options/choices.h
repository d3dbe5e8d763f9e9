/* The range of an OPTION_CHOICE from a room's list of names. */
#ifndef TRM_CLI_OPTIONS_CHOICES_H
#define TRM_CLI_OPTIONS_CHOICES_H

#include <stddef.h>

enum { CHOICES_SIZE = 256 };

/* "a|b|c" into text; name_at(i) is NULL past the end, as nn_model_name and data_name are. Returns text. */
const char *choices_join(char text[CHOICES_SIZE], const char *(*name_at)(size_t index));

#endif
