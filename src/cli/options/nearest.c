#include "cli/options/nearest.h"

#include <stdio.h>
#include <string.h>

enum { MAX_TYPED = 95 };

/* Two rows of the table, and the one before them for letters that changed places. */
size_t nearest_distance(const char *a, const char *b) {
    size_t rows[3][MAX_TYPED + 1];
    const size_t columns = strnlen(b, MAX_TYPED), lines = strnlen(a, MAX_TYPED);
    for (size_t j = 0; j <= columns; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= lines; i++) {
        size_t *const row = rows[i % 3];
        const size_t *const above = rows[(i - 1) % 3], *const before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            const size_t replace = above[j - 1] + (a[i - 1] != b[j - 1]);
            const size_t change = 1 + (above[j] < row[j - 1] ? above[j] : row[j - 1]);
            row[j] = replace < change ? replace : change;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
    }
    return rows[lines % 3][columns];
}

bool nearest_enough(size_t distance, const char *typed, const char *name) {
    const size_t longer = strlen(typed) > strlen(name) ? strlen(typed) : strlen(name);
    return distance <= NEAREST_EDITS && 3 * distance <= longer;
}

const char *nearest_name(const char *typed, const char *(*name_at)(const void *table, size_t index),
                         const void *table, size_t count) {
    const char *nearest = NULL;
    size_t smallest = NEAREST_EDITS + 1;
    for (size_t i = 0; i < count; i++) {
        const size_t distance = nearest_distance(typed, name_at(table, i));
        if (distance < smallest && nearest_enough(distance, typed, name_at(table, i))) {
            nearest = name_at(table, i);
            smallest = distance;
        }
    }
    return nearest;
}

bool nearest_choice(const char *typed, const struct setting *row, char name[NEAREST_NAME]) {
    const enum setting_kind kind = setting_kind(row);
    size_t smallest = NEAREST_EDITS + 1;
    name[0] = '\0';
    if (kind != SETTING_CHOICE && kind != SETTING_CHOICES && kind != SETTING_ENUM)
        return false;
    for (const char *at = row->range; *at != '\0';) {
        char one[NEAREST_NAME];
        const size_t length = strcspn(at, "|");
        snprintf(one, sizeof one, "%.*s", (int)length, at);
        const size_t distance = nearest_distance(typed, one);
        if (length > 0 && distance < smallest && nearest_enough(distance, typed, one)) {
            smallest = distance;
            snprintf(name, NEAREST_NAME, "%s", one);
        }
        at += length + (at[length] == '|');
    }
    return name[0] != '\0';
}
