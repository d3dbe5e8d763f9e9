/* Numbers and words from text, as options and configuration keys take them. */
#ifndef TRM_CLI_OPTIONS_VALUE_H
#define TRM_CLI_OPTIONS_VALUE_H

#include <stdbool.h>
#include <stddef.h>

/* All false where text is not wholly of the kind, or out of range; *value is then left alone.
   range: "[low, high)" with either bracket at either end, "inf" allowed, or NULL: any. */
bool value_count(const char *text, const char *range, size_t *value); /* digits only */
bool value_real(const char *text, const char *range, double *value);  /* finite; no blanks, no hexadecimal */
/* Is it one of choices, "a|b|c"? */
bool value_choice(const char *text, const char *choices);

/* "a|b|c" as "a, b, c", cut to size. */
void value_list_choices(const char *choices, char *text, size_t size);

#endif
