/* Text that grows: scripts, data and the page are put together in memory. Calls need no checks one by one:
   after one that found no memory the text stays as it is and `failed` is set. */
#ifndef TRM_REPORT_TEXT_H
#define TRM_REPORT_TEXT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *bytes; /* ended by 0; NULL while it is empty */
    size_t size, room;
    bool failed;
};

void text_add(struct text *text, const char *format, ...) TRM_PRINTF(2, 3);
void text_put(struct text *text, const char *bytes, size_t size);
/* Bytes from a file or its name, for HTML: < > & and quotes as entities, control characters and bytes that are
   not UTF-8 as '?'. */
void text_html(struct text *text, const char *untrusted);
/* The same as a word of gnuplot, in single quotes, where no character has a meaning of its own. */
void text_gnuplot(struct text *text, const char *untrusted);
void text_base64(struct text *text, const void *bytes, size_t size);
void text_free(struct text *text); /* leaves it empty */

#endif
