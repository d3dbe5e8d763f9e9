#include "storage/json.h"

#include "base/numbers.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(size_t value) {
    return json_integer((json_int_t)value);
}

json_t *json_text(const char *text) {
    json_t *string = json_string(text);
    char *ascii = string == NULL && text != NULL ? strdup(text) : NULL;
    for (char *c = ascii; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c > 127)
            *c = '?';
    if (ascii != NULL)
        string = json_string(ascii);
    free(ascii);
    return string;
}

static void lose(json_t **container) {
    json_decref(*container);
    *container = NULL;
}

void json_put(json_t **object, const char *key, json_t *value) {
    if (*object == NULL || value == NULL || json_object_get(*object, key) != NULL) {
        json_decref(value);
        lose(object);
    } else if (json_object_set_new(*object, key, value) != 0)
        lose(object);
}

void json_append(json_t **array, json_t *value) {
    if (*array == NULL || value == NULL) {
        json_decref(value);
        lose(array);
    } else if (json_array_append_new(*array, value) != 0)
        lose(array);
}

char *json_whole(const json_t *document, size_t format) {
    char *const text = document != NULL ? json_dumps(document, format) : NULL;
    json_t *const back = text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    const bool whole = back != NULL && json_equal(back, document);
    json_decref(back);
    if (whole)
        return text;
    free(text);
    return NULL;
}

/* One number of 17 digits at text, as the shortest in the same notation that reads back to the same bits, to *out,
   which is text or before it. Returns the end of the number. */
static char *shorten_number(char *text, char **out) {
    char spelt[40];
    const size_t length = strspn(text, "+-.0123456789eE");
    const size_t mark = strcspn(text, ".eE"), exponent = strcspn(text, "eE");
    if (mark < length && length < sizeof spelt - 8) { /* else a whole number */
        const double value = strtod(text, NULL);
        for (int digits = 1;
             digits == 1 || (digits <= 17 && (strtod(spelt, NULL) != value ||
                                              (exponent >= length && strchr(spelt, 'e') != NULL)));
             digits++)
            snprintf(spelt, sizeof spelt, "%.*g", digits, value);
        char *const plus = strchr(spelt, '+');
        if (plus != NULL)
            memmove(plus, plus + 1, strlen(plus));
        if (strpbrk(spelt, ".e") == NULL)
            memcpy(spelt + strlen(spelt), ".0", sizeof ".0"); /* a real stays one */
    }
    const bool shorter = mark < length && length < sizeof spelt - 8 && strlen(spelt) <= length;
    const size_t used = shorter ? strlen(spelt) : length;
    memmove(*out, shorter ? spelt : text, used);
    *out += used;
    return text + length;
}

/* Numbers as short as they can be; what is in quotes stays. */
static void shorten(char *text) {
    const locale_t before = numbers_begin();
    char *out = text;
    for (bool quoted = false; *text != '\0';) {
        if (quoted && *text == '\\')
            *out++ = *text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && (*text == '-' || (*text >= '0' && *text <= '9'))) {
            text = shorten_number(text, &out);
            continue;
        }
        *out++ = *text++;
    }
    *out = '\0';
    numbers_end(before);
}

char *json_finish(json_t *document, size_t format) {
    char *const body = json_whole(document, format);
    char *const text = body != NULL ? realloc(body, strlen(body) + 2) : NULL;
    json_decref(document);
    if (text == NULL)
        free(body);
    else {
        memcpy(text + strlen(text), "\n", sizeof "\n");
        shorten(text);
    }
    return text;
}
