/* What each kind of key takes. */
#include "cli/options/config_set.h"

#include "cli/options/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void config_describe(const struct config_key *key, char *text, size_t size) {
    char choices[256] = "";
    const bool list = key->kind == CONFIG_CHOICES || key->kind == CONFIG_COUNTS;
    const char *const range = key->range == NULL ? "" : key->range, *const in = *range == '\0' ? "" : " in ";
    switch (key->kind) {
    case CONFIG_FLAG:
        snprintf(text, size, "true or false");
        return;
    case CONFIG_COUNT:
    case CONFIG_COUNTS:
        snprintf(text, size, "%s%s%s", list ? "a list of whole numbers, each once," : "a whole number", in,
                 range);
        return;
    case CONFIG_REAL:
        snprintf(text, size, "a number%s%s", in, range);
        return;
    case CONFIG_TEXT:
        snprintf(text, size, "a text that is not empty");
        return;
    case CONFIG_CHOICE:
    case CONFIG_CHOICES:
        value_list_choices(range, choices, sizeof choices);
        snprintf(text, size, "%s %s", list ? "a list, each once, of" : "one of", choices);
        return;
    }
}

/* The shortest decimal that reads back as the same number. */
static void spell_real(double real, char text[32]) {
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, 32, "%.*g", digits, real);
        if (strtod(text, NULL) == real)
            return;
    }
}

static bool is_true(const char *text) {
    return strcmp(text, "true") == 0 || strcmp(text, "on") == 0;
}

bool config_store_item(const struct config_key *key, const char *copy, bool quoted, size_t at,
                       char text[32]) {
    text[0] = '\0';
    switch (key->kind) {
    case CONFIG_FLAG:
        *(bool *)key->target = is_true(copy);
        snprintf(text, 32, "%s", is_true(copy) ? "true" : "false");
        return !quoted && value_choice(copy, "true|false|on|off");
    case CONFIG_COUNT:
        if (quoted || !value_count(copy, key->range, key->target))
            return false;
        snprintf(text, 32, "%zu", *(const size_t *)key->target);
        return true;
    case CONFIG_REAL:
        if (quoted || !value_real(copy, key->range, key->target))
            return false;
        spell_real(*(const double *)key->target, text);
        return true;
    case CONFIG_TEXT:
        *(const char **)key->target = copy;
        return *copy != '\0';
    case CONFIG_CHOICE:
        *(const char **)key->target = copy;
        return value_choice(copy, key->range);
    case CONFIG_CHOICES: {
        struct config_words *const words = key->target;
        words->at[at] = copy;
        words->count = at + 1;
        return value_choice(copy, key->range);
    }
    case CONFIG_COUNTS: {
        struct config_counts *const counts = key->target;
        if (quoted || !value_count(copy, key->range, &counts->at[at]))
            return false;
        counts->count = at + 1;
        snprintf(text, 32, "%zu", counts->at[at]);
        return true;
    }
    }
    return false;
}
