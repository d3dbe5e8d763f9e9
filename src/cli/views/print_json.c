#include "cli/views/print_json.h"

#include "cli/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>

char *print_json_text(json_t *document) {
    if (json_is_object(document) && json_object_get(document, "version") == NULL)
        json_put(&document, "version", json_text(TRM_VERSION));
    return json_finish(document, JSON_DOCUMENT);
}

int print_json(json_t *document) {
    char *const text = print_json_text(document);
    if (text == NULL)
        return cli_fail("out of memory while building the JSON output");
    diagnostics_document_follows();
    fputs(text, stdout);
    free(text);
    return cli_flush_output(CLI_DONE);
}
