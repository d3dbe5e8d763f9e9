/* From the text of an option to its value. */
#include "cli/options/options.h"

#include "cli/options/value.h"

#include <stdio.h>
#include <string.h>

bool option_store(const struct option *option, const char *text) {
    switch (option->kind) {
    case OPTION_FLAG:
        return false;
    case OPTION_ON_OFF:
        *(bool *)option->target = strcmp(text, "on") == 0;
        return value_choice(text, "on|off");
    case OPTION_COUNT:
        return value_count(text, option->range, option->target);
    case OPTION_REAL:
        return value_real(text, option->range, option->target);
    case OPTION_CHOICE:
        *(const char **)option->target = text;
        return value_choice(text, option->range);
    case OPTION_TEXT:
    case OPTION_ARGUMENT:
        *(const char **)option->target = text;
        return *text != '\0';
    case OPTION_ARGUMENTS:
        return *text != '\0';
    }
    return false;
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
        value_list_choices(option->range, choices, sizeof choices);
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
