#include "cli/print_json.h"

#include "cli/message.h"

#include <math.h>
#include <stdio.h>

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_count(size_t value) {
    return json_integer((json_int_t)value);
}

int print_json(json_t *document) {
    enum { DIGITS = 17 }; /* a double needs no more to come back unchanged */
    if (document == NULL)
        return cli_fail("out of memory while building the JSON output");
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS));
    printf("\n");
    json_decref(document);
    return cli_flush_output(CLI_DONE);
}
