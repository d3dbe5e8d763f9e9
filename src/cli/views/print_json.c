#include "cli/views/print_json.h"

#include "cli/message.h"

#include <math.h>
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
    char *ascii = string == NULL ? strdup(text) : NULL;
    for (char *c = ascii; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c > 127)
            *c = '?';
    if (ascii != NULL)
        string = json_string(ascii);
    free(ascii);
    return string;
}

void print_json_append(json_t **array, json_t *row) {
    if (json_array_append_new(*array, row) == 0)
        return;
    json_decref(*array);
    *array = NULL;
}

int print_json(json_t *document) {
    if (document == NULL)
        return cli_fail("out of memory while building the JSON output");
    const int failed = json_dumpf(document, stdout, PRINT_JSON_FORMAT);
    printf("\n");
    json_decref(document);
    const int flushed = cli_flush_output(CLI_DONE);
    return failed && flushed == CLI_DONE ? cli_fail("the JSON output is not complete: out of memory")
                                         : flushed;
}
