#include "cli/options/choices.h"

#include <stdio.h>

const char *choices_join(char text[CHOICES_SIZE], const char *(*name_at)(size_t index)) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; name_at(i) != NULL && length < CHOICES_SIZE; i++)
        length +=
            (size_t)snprintf(text + length, CHOICES_SIZE - length, "%s%s", i == 0 ? "" : "|", name_at(i));
    return text;
}
