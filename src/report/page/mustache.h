/* Texts with named places, as mustache(5) has them: {{name}} escaped for HTML, {{{name}}} as it is,
   {{#name}} ... {{/name}} once for each entry of an array, or once where there is a value,
   {{^name}} ... {{/name}} where there is none (or null, false, "" or an empty array). A name is looked for in the
   innermost entry first. {{name %.2f}} prints a number by a format for one double, with a minus sign instead of a
   hyphen, and an en dash where the value is null. */
#ifndef TRM_REPORT_PAGE_MUSTACHE_H
#define TRM_REPORT_PAGE_MUSTACHE_H

#include "report/strbuf.h"

#include <jansson.h>

/* The text with the values of an object in its places, added to out. false where out has failed or the text has a
   place that is not closed; then out is of no use. */
bool mustache(struct strbuf *out, const char *text, const json_t *values);

/* A value as {{name FORMAT}} prints it; NAN as null. */
void mustache_number(struct strbuf *out, const char *format, double value);

#endif
