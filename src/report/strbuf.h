/* Text that grows: scripts, data and the page are put together in memory. Calls need no checks one by one:
   after one that found no memory the text stays as it is and `failed` is set. */
#ifndef TRM_REPORT_STRBUF_H
#define TRM_REPORT_STRBUF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
    char *bytes; /* ended by 0; NULL while it is empty */
    size_t size, room;
    bool failed;
};

void strbuf_addf(struct strbuf *text, const char *format, ...) TRM_PRINTF(2, 3);
void strbuf_add(struct strbuf *text, const char *bytes, size_t size);
/* Bytes from a file or its name, for HTML: < > & and quotes as entities, control characters and bytes that are
   not UTF-8 as '?'. */
void strbuf_add_html(struct strbuf *text, const char *untrusted);
/* The same as a field of a table for gnuplot, where tabs and double quotes would mean something. */
void strbuf_add_field(struct strbuf *text, const char *untrusted);
/* The same as a word of gnuplot, in single quotes, where no character has a meaning of its own. */
void strbuf_add_quoted(struct strbuf *text, const char *untrusted);
void strbuf_add_base64(struct strbuf *text, const void *bytes, size_t size);
void strbuf_release(struct strbuf *text); /* leaves it empty */

#endif
