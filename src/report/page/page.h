/* The HTML page: one file, nothing loaded from elsewhere, every text of a file or its name escaped. */
#ifndef TRM_REPORT_PAGE_PAGE_H
#define TRM_REPORT_PAGE_PAGE_H

#include "report/read/contents.h"
#include "report/strbuf.h"

/* A picture that was drawn. */
struct page_figure {
    enum report_picture kind;
    char name[64];      /* of its files, without ending */
    const char *source; /* the file that it was drawn from; NULL: several */
};

/* Write the page. results: the folder that it is about; output: the one with the pictures, where the page goes
   as report.html. */
enum trm_status page_write(const char *results, const char *output, const struct contents *contents,
                           const struct page_figure *figures, size_t figure_count, bool overwrite,
                           struct trm_error *error);

/* The page in a few lines. */
void page_short(struct strbuf *page, const struct contents *contents);

/* ---- tables, each from <table> to </table> in a box that scrolls */

void page_runs(struct strbuf *page, const struct contents *contents);
void page_oracle(struct strbuf *page, const struct contents_data_set *data_set);
void page_router(struct strbuf *page, const struct contents_router *router);
void page_evaluation(struct strbuf *page, const struct trm_evaluation *evaluation);
void page_online(struct strbuf *page, const struct contents_online *online);
void page_problems(struct strbuf *page, const struct contents *contents);

/* ---- cells */

/* A value by a format for one double that is written in this program, with a minus sign instead of a hyphen. */
void page_value(struct strbuf *page, const char *format, double value);
/* <td>value</td> by a format for one double; "–" where it is not finite. */
void page_number(struct strbuf *page, const char *format, double value);
void page_count(struct strbuf *page, size_t value);
/* A name as the row's head, with the colour of a policy (-1: none) before it. */
void page_name(struct strbuf *page, const char *name, int policy);

#endif
