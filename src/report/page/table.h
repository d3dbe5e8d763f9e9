/* Tables of the page, by one template (table.html), each with the same numbers as CSV inside the page. */
#ifndef TRM_REPORT_PAGE_TABLE_H
#define TRM_REPORT_PAGE_TABLE_H

#include "report/page/page.h"
#include "report/strbuf.h"

enum table_kind {
    TABLE_TEXT,
    TABLE_NUMBER,
    TABLE_INTERVAL, /* a number with its low and high end */
    TABLE_KINDS = 3,
    TABLE_FOLD = 1 << 2 /* beside the kind: where all rows say the same it stands once above the table */
};

/* format: of a number, for one double, as {{name FORMAT}} has it; scale: of all numbers of the column. */
struct table_column {
    const char *title;
    unsigned kind;
    const char *format;
    double scale;
};

enum { TABLE_COLUMNS = 128, TABLE_TITLE = 96 };

struct table {
    struct page *page;
    const char *name; /* of the place on the page, and of the CSV file */
    json_t *rows, *cells;
    struct strbuf csv;
    size_t count, at; /* columns; the next cell's */
    struct {
        char title[TABLE_TITLE], format[8];
        double scale;
        unsigned kind;
    } column[TABLE_COLUMNS];
};

/* First all columns, then the rows, each with a cell a column; the first cell is the head of its row. */
void table_begin(struct table *table, struct page *page, const char *name);
void table_column(struct table *table, const struct table_column *column);
void table_columns(struct table *table, const struct table_column *columns, size_t count);
void table_row(struct table *table, bool own); /* own: the row that the table is about */
void table_text(struct table *table, const char *text);
void table_link(struct table *table, const char *text, const char *address);
void table_policy(struct table *table, const char *text, int policy); /* with its colour */
void table_count(struct table *table, size_t value);
void table_number(struct table *table, double value); /* NAN: a dash */
/* Ends that are not finite are left out. */
void table_interval(struct table *table, double value, double low, double high);
/* Set values[name] to the table as HTML. caption: what it shows, in words. */
void table_end(struct table *table, json_t *values, const char *caption);

/* A cell with the command that makes a run again: what it was set to, where that is not the default. copy: its number
   among runs of one store, so that each gets a store of its own; 0: it is the only one. */
void page_command(struct page *p, struct table *t, const struct report_run *run, size_t copy);

#endif
