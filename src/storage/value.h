/* Numbers and words from text, as options and configuration keys take them. */
#ifndef TRM_STORAGE_VALUE_H
#define TRM_STORAGE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

enum { VALUE_NONE = 1000 };

/* False where text is not wholly of the kind, or out of range; *value is then left alone.
   range: "[low, high)" with either bracket at either end, "inf" allowed, or NULL: any. */
bool value_count(const char *text, const char *range, size_t *value); /* digits only */
bool value_real(const char *text, const char *range, double *value);  /* finite; no blanks, no hexadecimal */
/* Its place among choices, "a|b|c"; VALUE_NONE where it is none of them. */
size_t value_choice(const char *text, const char *choices);
/* The choice at a place, copied into name; "" past the end. Returns name. */
const char *value_choice_name(const char *choices, size_t place, char *name, size_t size);

/* "a|b|c" as "a, b, c", cut to size. */
void value_list_choices(const char *choices, char *text, size_t size);

#endif
