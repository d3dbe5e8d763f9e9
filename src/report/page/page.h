/* The HTML page: one file, nothing loaded from elsewhere, every text of a file or its name escaped. What it says
   and looks like stands in page.html, figure.html and style.css; here are the values for their places. */
#ifndef TRM_REPORT_PAGE_PAGE_H
#define TRM_REPORT_PAGE_PAGE_H

#include "report/read/results.h"

#include <jansson.h>

/* A picture that was drawn. */
struct page_figure {
    enum report_picture kind;
    char name[64];      /* of its files, without ending */
    const char *source; /* the file that it was drawn from; NULL: several */
    char *data;         /* what the page's script draws it from, JSON; NULL: nothing */
};

/* Write the page. results: the folder that it is about; output: the one with the pictures, where the page goes
   as report.html. */
enum trm_status page_write(const char *results, const char *output, const struct results *found,
                           const struct page_figure *figures, size_t figure_count, bool overwrite,
                           struct trm_error *error);

/* ---- values: objects and arrays for the places of page.html. No memory is remembered in `failed`. */

struct page {
    const char *results, *output;
    const char *stores; /* the results folder, from where the page lies */
    const struct results *found;
    const struct page_figure *figures;
    size_t figure_count;
    bool failed;
    bool intervals; /* of the evaluation at hand are shown */
};

/* Set a value of an object; the text need not be UTF-8 or trusted, a number that is not finite becomes null. */
void page_text(struct page *page, json_t *object, const char *name, const char *text);
void page_number(struct page *page, json_t *object, const char *name, double value);
void page_count(struct page *page, json_t *object, const char *name, size_t value);
void page_flag(struct page *page, json_t *object, const char *name, bool value);
/* A new object or array of an object; never NULL where nothing has failed. */
json_t *page_object(struct page *page, json_t *object, const char *name);
json_t *page_array(struct page *page, json_t *object, const char *name);
/* A new object at the end of an array. */
json_t *page_entry(struct page *page, json_t *array);

void page_runs(struct page *page, json_t *values);
void page_online_runs(struct page *page, json_t *values, const struct report_groups *groups);
void page_data_set(struct page *page, json_t *values, const struct results_data_set *data_set);
void page_router(struct page *page, json_t *values, const struct results_router *router);
void page_evaluation(struct page *page, json_t *values, const struct trm_evaluation *evaluation);
void page_online(struct page *page, json_t *values, const struct results_online *online);

#endif
