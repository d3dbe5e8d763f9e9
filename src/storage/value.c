#include "storage/value.h"

#include "base/numbers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool in_range(double value, const char *range) {
    char *end;
    if (range == NULL)
        return true;
    const locale_t before = numbers_begin();
    const double low = strtod(range + 1, &end);
    const double high = strtod(end + strspn(end, ", "), &end);
    numbers_end(before);
    const bool above = *range == '[' ? value >= low : value > low;
    const bool below = *end == ']' ? value <= high : value < high;
    return above && below;
}

bool value_real(const char *text, const char *range, double *value) {
    char *end;
    if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    const locale_t before = numbers_begin();
    const double real = strtod(text, &end);
    numbers_end(before);
    if (*end != '\0' || !isfinite(real) || !in_range(real, range))
        return false;
    *value = real;
    return true;
}

bool value_count(const char *text, const char *range, size_t *value) {
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    const unsigned long long number = strtoull(text, NULL, 10);
    const size_t count = (size_t)number;
    if (errno != 0 || count != number || !in_range((double)count, range))
        return false;
    *value = count;
    return true;
}

size_t value_choice(const char *text, const char *choices) {
    const size_t length = strlen(text);
    size_t place = 0;
    for (const char *at = choices; *at != '\0' && length > 0; place++) {
        const size_t here = strcspn(at, "|");
        if (here == length && strncmp(at, text, length) == 0)
            return place;
        at += here + (at[here] == '|');
    }
    return VALUE_NONE;
}

const char *value_choice_name(const char *choices, size_t place, char *name, size_t size) {
    for (; place > 0 && *choices != '\0'; place--) {
        choices += strcspn(choices, "|");
        choices += *choices == '|';
    }
    const size_t length = strcspn(choices, "|");
    snprintf(name, size, "%.*s", (int)length, choices);
    return name;
}

void value_list_choices(const char *choices, char *text, size_t size) {
    size_t length = 0;
    for (; *choices != '\0' && length + 3 < size; choices++) {
        if (*choices != '|')
            text[length++] = *choices;
        else if (choices[1] != '\0') {
            text[length++] = ',';
            text[length++] = ' ';
        }
    }
    text[length] = '\0';
}
