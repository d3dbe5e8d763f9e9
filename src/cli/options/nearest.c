#include "cli/options/nearest.h"

#include <string.h>

enum { MAX_TYPED = 95 };

/* One row of the table at a time. */
size_t nearest_distance(const char *a, const char *b) {
    size_t row[MAX_TYPED + 1];
    const size_t columns = strnlen(b, MAX_TYPED);
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0' && i < MAX_TYPED; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            const size_t replace = diagonal + (a[i] != b[j]);
            const size_t change = 1 + (row[j] < row[j + 1] ? row[j] : row[j + 1]);
            diagonal = row[j + 1];
            row[j + 1] = replace < change ? replace : change;
        }
    }
    return row[columns];
}

const char *nearest_name(const char *typed, const char *(*name_at)(const void *table, size_t index),
                         const void *table, size_t count) {
    const char *nearest = NULL;
    size_t smallest = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t distance = nearest_distance(typed, name_at(table, i));
        if (nearest == NULL || distance < smallest) {
            nearest = name_at(table, i);
            smallest = distance;
        }
    }
    return nearest;
}
