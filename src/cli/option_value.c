/* From the text of an option to its value. */
#include "cli/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A finite number and nothing else: no blanks, no hexadecimal, no "nan". */
static bool read_real(const char *text, double *value) {
    char *end;
    if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static bool read_count(const char *text, size_t *value) {
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    const unsigned long long number = strtoull(text, NULL, 10);
    *value = (size_t)number;
    return errno == 0 && *value == number;
}

/* range: "[low, high)" with either bracket at either end. */
static bool in_range(double value, const char *range) {
    char *end;
    if (range == NULL)
        return true;
    const double low = strtod(range + 1, &end);
    const double high = strtod(end + strspn(end, ", "), &end);
    const bool above = *range == '[' ? value >= low : value > low;
    const bool below = *end == ']' ? value <= high : value < high;
    return above && below;
}

static bool in_choices(const char *word, const char *choices) {
    const size_t length = strlen(word);
    for (const char *at = choices; *at != '\0' && length > 0;) {
        const size_t here = strcspn(at, "|");
        if (here == length && strncmp(at, word, length) == 0)
            return true;
        at += here + (at[here] == '|');
    }
    return false;
}

bool option_store(const struct option *option, const char *text) {
    switch (option->kind) {
    case OPTION_FLAG:
        return false;
    case OPTION_ON_OFF:
        *(bool *)option->target = strcmp(text, "on") == 0;
        return in_choices(text, "on|off");
    case OPTION_COUNT: {
        size_t count;
        if (!read_count(text, &count) || !in_range((double)count, option->range))
            return false;
        *(size_t *)option->target = count;
        return true;
    }
    case OPTION_REAL: {
        double real;
        if (!read_real(text, &real) || !in_range(real, option->range))
            return false;
        *(double *)option->target = real;
        return true;
    }
    case OPTION_CHOICE:
        *(const char **)option->target = text;
        return in_choices(text, option->range);
    case OPTION_TEXT:
    case OPTION_ARGUMENT:
        *(const char **)option->target = text;
        return *text != '\0';
    case OPTION_ARGUMENTS:
        return *text != '\0';
    }
    return false;
}

/* "a|b|c" as "a, b, c". */
static void list_choices(const char *choices, char *text, size_t size) {
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

void option_describe(const struct option *option, char *text, size_t size) {
    char choices[256];
    switch (option->kind) {
    case OPTION_COUNT:
    case OPTION_REAL:
        snprintf(text, size, "%s%s%s", option->kind == OPTION_COUNT ? "a whole number" : "a number",
                 option->range == NULL ? "" : " in ", option->range == NULL ? "" : option->range);
        return;
    case OPTION_CHOICE:
        list_choices(option->range, choices, sizeof choices);
        snprintf(text, size, "one of %s", choices);
        return;
    case OPTION_ON_OFF:
        snprintf(text, size, "on or off");
        return;
    case OPTION_FLAG:
        snprintf(text, size, "given or not");
        return;
    case OPTION_TEXT:
    case OPTION_ARGUMENT:
    case OPTION_ARGUMENTS:
        snprintf(text, size, "a text that is not empty");
        return;
    }
}
