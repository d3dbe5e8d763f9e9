#include "storage/settings.h"

#include "base/numbers.h"

#include "storage/value.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "a count fills either");

size_t settings_bind(const struct settings *parts, size_t part_count, struct setting_bound *bound,
                     size_t size) {
    size_t count = 0;
    for (size_t p = 0; p < part_count; p++)
        for (size_t i = 0; i < parts[p].count && count < size; i++) {
            const struct setting *const row = &parts[p].rows[i];
            if ((row->kind & (parts[p].without | SETTING_FACT)) == 0)
                bound[count++] =
                    (struct setting_bound){row, (char *)parts[p].target + row->offset, parts[p].section};
        }
    return count;
}

enum setting_kind setting_kind(const struct setting *row) {
    return (enum setting_kind)(row->kind & SETTING_KINDS);
}

enum setting_group setting_group(const struct setting *row) {
    return (enum setting_group)(row->kind >> SETTING_GROUP_SHIFT);
}

const char *setting_group_title(enum setting_group group) {
    static const char *const titles[] = {"Other options",
#define X(name, title) title,
                                         SETTING_GROUP_LIST(X)
#undef X
    };
    return titles[group];
}

bool setting_is_list(const struct setting *row) {
    return setting_kind(row) == SETTING_CHOICES || setting_kind(row) == SETTING_COUNTS;
}

bool setting_is_argument(const struct setting *row) {
    return setting_kind(row) == SETTING_ARGUMENT || setting_kind(row) == SETTING_ARGUMENTS;
}

bool setting_has_default(const struct setting *row) {
    return row->fallback != NULL && row->fallback[0] != '\0' && row->fallback[0] != '(';
}

static bool is_true(const char *text) {
    return strcmp(text, "true") == 0 || strcmp(text, "on") == 0;
}

bool setting_store(const struct setting_bound *setting, const char *text, size_t at) {
    const char *const range = setting->row->range;
    void *const field = setting->field;
    switch (setting_kind(setting->row)) {
    case SETTING_FLAG:
    case SETTING_ON_OFF:
        *(bool *)field = is_true(text);
        return value_choice(text, "true|false|on|off") < 4;
    case SETTING_COUNT:
        return value_count(text, range, field);
    case SETTING_REAL:
        return value_real(text, range, field);
    case SETTING_CHOICE:
        *(const char **)field = text;
        return value_choice(text, range) != VALUE_NONE;
    case SETTING_ENUM:
        *(unsigned *)field = (unsigned)value_choice(text, range);
        return value_choice(text, range) != VALUE_NONE;
    case SETTING_CHOICES: {
        struct setting_words *const words = field;
        words->at[at] = text;
        words->count = at + 1;
        return value_choice(text, range) != VALUE_NONE;
    }
    case SETTING_COUNTS: {
        struct setting_counts *const counts = field;
        counts->count = at + 1;
        return value_count(text, range, &counts->at[at]);
    }
    case SETTING_TEXT:
    case SETTING_ARGUMENT:
        *(const char **)field = text;
        return *text != '\0';
    case SETTING_ARGUMENTS:
        return *text != '\0';
    }
    return false;
}

/* The shortest decimal that reads back as the same number. */
static void spell_real(double real, char text[SETTING_SPELLING]) {
    const locale_t before = numbers_begin();
    for (int digits = 1; digits == 1 || (digits <= 17 && strtod(text, NULL) != real); digits++)
        snprintf(text, SETTING_SPELLING, "%.*g", digits, real);
    numbers_end(before);
}

void setting_spell(const struct setting_bound *setting, size_t at, char text[SETTING_SPELLING]) {
    const enum setting_kind kind = setting_kind(setting->row);
    text[0] = '\0';
    if (kind == SETTING_FLAG || kind == SETTING_ON_OFF)
        snprintf(text, SETTING_SPELLING, "%s", *(const bool *)setting->field ? "true" : "false");
    else if (kind == SETTING_COUNT)
        snprintf(text, SETTING_SPELLING, "%zu", *(const size_t *)setting->field);
    else if (kind == SETTING_COUNTS)
        snprintf(text, SETTING_SPELLING, "%zu", ((const struct setting_counts *)setting->field)->at[at]);
    else if (kind == SETTING_REAL)
        spell_real(*(const double *)setting->field, text);
}

void setting_describe(const struct setting *row, char text[SETTING_DESCRIPTION]) {
    char choices[256] = "";
    const char *const range = row->range == NULL ? "" : row->range, *const in = *range == '\0' ? "" : " in ";
    const enum setting_kind kind = setting_kind(row);
    switch (kind) {
    case SETTING_FLAG:
    case SETTING_ON_OFF:
        snprintf(text, SETTING_DESCRIPTION, kind == SETTING_FLAG ? "true or false" : "on or off");
        return;
    case SETTING_COUNT:
    case SETTING_REAL:
        snprintf(text, SETTING_DESCRIPTION, "a %s%s%s", kind == SETTING_COUNT ? "whole number" : "number", in,
                 range);
        return;
    case SETTING_COUNTS:
        snprintf(text, SETTING_DESCRIPTION, "a list of whole numbers, each once,%s%s", in, range);
        return;
    case SETTING_CHOICE:
    case SETTING_ENUM:
    case SETTING_CHOICES:
        value_list_choices(range, choices, sizeof choices);
        snprintf(text, SETTING_DESCRIPTION, "%s %s",
                 kind == SETTING_CHOICES ? "a list, each once, of" : "one of", choices);
        return;
    case SETTING_TEXT:
    case SETTING_ARGUMENT:
    case SETTING_ARGUMENTS:
        snprintf(text, SETTING_DESCRIPTION, "a text that is not empty");
        return;
    }
}
