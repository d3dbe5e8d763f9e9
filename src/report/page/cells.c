#include "report/page/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void page_value(struct strbuf *page, const char *format, double value) {
    char digits[64];
    snprintf(digits, sizeof digits, format, value);
    if (strspn(digits, "-0.") == strlen(digits)) /* no minus zero */
        strbuf_addf(page, "%s", digits + (digits[0] == '-'));
    else if (digits[0] == '-')
        strbuf_addf(page, "\u2212%s", digits + 1);
    else
        strbuf_addf(page, "%s", digits);
}

void page_number(struct strbuf *page, const char *format, double value) {
    strbuf_addf(page, "<td>");
    if (isfinite(value))
        page_value(page, format, value);
    else
        strbuf_addf(page, "\u2013");
    strbuf_addf(page, "</td>");
}

void page_count(struct strbuf *page, size_t value) {
    strbuf_addf(page, "<td>%zu</td>", value);
}

void page_name(struct strbuf *page, const char *name, int policy) {
    strbuf_addf(page, "<th scope=\"row\">");
    if (policy >= 0) {
        char colour[8];
        report_policy_colour(policy, colour);
        strbuf_addf(page, "<span class=\"dot\" style=\"background:%s\"></span>", colour);
    }
    strbuf_add_html(page, name);
    strbuf_addf(page, "</th>");
}
