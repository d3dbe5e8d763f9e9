#include "cli/views/print_json.h"

#include "cli/message.h"

#include <stdio.h>
#include <stdlib.h>

int print_json(json_t *document) {
    char *const text = json_finish(document, JSON_DOCUMENT);
    if (text == NULL)
        return cli_fail("out of memory while building the JSON output");
    fputs(text, stdout);
    free(text);
    return cli_flush_output(CLI_DONE);
}
