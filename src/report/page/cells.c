#include "report/page/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void page_value(struct text *page, const char *format, double value) {
    char digits[64];
    snprintf(digits, sizeof digits, format, value);
    if (strspn(digits, "-0.") == strlen(digits)) /* no minus zero */
        text_add(page, "%s", digits + (digits[0] == '-'));
    else if (digits[0] == '-')
        text_add(page, "\u2212%s", digits + 1);
    else
        text_add(page, "%s", digits);
}

void page_number(struct text *page, const char *format, double value) {
    text_add(page, "<td>");
    if (isfinite(value))
        page_value(page, format, value);
    else
        text_add(page, "\u2013");
    text_add(page, "</td>");
}

void page_count(struct text *page, size_t value) {
    text_add(page, "<td>%zu</td>", value);
}

void page_name(struct text *page, const char *name, int chooser) {
    text_add(page, "<th scope=\"row\">");
    if (chooser >= 0)
        text_add(page, "<span class=\"dot\" style=\"background:%s\"></span>", chooser_colour(chooser));
    text_html(page, name);
    text_add(page, "</th>");
}
