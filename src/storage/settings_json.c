/* Settings as they are stored, and which of them two runs may not share. */
#include "storage/settings.h"

#include "storage/value.h"

#include <string.h>

static json_t *value_of(const struct setting *row, const void *field) {
    char name[64];
    switch (setting_kind(row)) {
    case SETTING_FLAG:
    case SETTING_ON_OFF:
        return json_boolean(*(const bool *)field);
    case SETTING_COUNT:
        return json_integer((json_int_t) * (const size_t *)field);
    case SETTING_REAL:
        return json_real(*(const double *)field);
    case SETTING_ENUM:
        return json_string(value_choice_name(row->range, *(const unsigned *)field, name, sizeof name));
    default: {
        const char *const text = *(const char *const *)field;
        return text != NULL ? json_string(text) : json_null();
    }
    }
}

bool settings_json(const struct settings *part, json_t *object) {
    bool held = true;
    for (size_t i = 0; i < part->count; i++) {
        const struct setting *const row = &part->rows[i];
        if ((row->kind & SETTING_UNSTORED) == 0)
            held = json_object_set_new(object, row->name,
                                       value_of(row, (const char *)part->target + row->offset)) == 0 &&
                   held;
    }
    return held;
}

bool settings_may_differ(const struct settings *part, const char *name, unsigned which) {
    for (size_t i = 0; i < part->count; i++)
        if (strcmp(part->rows[i].name, name) == 0)
            return (part->rows[i].kind & which) != 0;
    return false;
}
