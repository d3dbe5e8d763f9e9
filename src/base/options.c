#include "base/options.h"

#include <string.h>

void options_give(void *given, size_t given_size, const void *own, size_t size) {
    memset(given, 0, given_size);
    memcpy(given, own, given_size < size ? given_size : size);
    memcpy(given, &given_size, sizeof given_size);
}

const char *options_take(void *own, size_t size, size_t first, const void *given) {
    size_t given_size;
    memcpy(&given_size, given, sizeof given_size);
    if (given_size < first || given_size > 16 * size)
        return "options must be begun with their _default function, which sets their size";
    const unsigned char *const bytes = given;
    for (size_t i = size; i < given_size; i++)
        if (bytes[i] != 0)
            return "an option is set that this version of the library does not know";
    memcpy(own, given, given_size < size ? given_size : size);
    memcpy(own, &size, sizeof size);
    return NULL;
}
