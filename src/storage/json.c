#include "storage/json.h"

#include <math.h>
#include <stdbool.h>
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

char *json_finish(json_t *document, size_t format) {
    char *const body = json_whole(document, format);
    char *const text = body != NULL ? realloc(body, strlen(body) + 2) : NULL;
    json_decref(document);
    if (text == NULL)
        free(body);
    else
        strcat(text, "\n");
    return text;
}
