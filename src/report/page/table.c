#include "report/page/table.h"

#include "report/assets.h"
#include "report/page/mustache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void table_begin(struct table *t, struct page *page, const char *name) {
    *t = (struct table){.page = page, .name = name, .rows = json_array()};
}

void table_column(struct table *t, const struct table_column *column) {
    if (t->count == TABLE_COLUMNS) {
        t->page->failed = true;
        return;
    }
    snprintf(t->column[t->count].title, TABLE_TITLE, "%s", column->title);
    snprintf(t->column[t->count].format, sizeof t->column->format, "%s",
             column->format != NULL ? column->format : "%g");
    t->column[t->count].kind = column->kind;
    t->column[t->count++].scale = column->scale != 0 ? column->scale : 1.0;
}

void table_columns(struct table *t, const struct table_column *columns, size_t count) {
    for (size_t i = 0; i < count; i++)
        table_column(t, &columns[i]);
}

/* ---- CSV, as RFC 4180 has it: all columns, also those that are folded on the page */

static void csv_text(struct table *t, const char *text) {
    if (t->csv.size > 0 && t->csv.bytes[t->csv.size - 1] != '\n')
        strbuf_add(&t->csv, ",", 1);
    if (strpbrk(text, ",\"\r\n") == NULL && *text != '\0') {
        strbuf_add(&t->csv, text, strlen(text));
        return;
    }
    strbuf_add(&t->csv, "\"", 1);
    for (; *text != '\0'; text++)
        strbuf_add(&t->csv, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    strbuf_add(&t->csv, "\"", 1);
}

static void csv_number(struct table *t, double value) {
    char text[32] = "";
    if (isfinite(value))
        snprintf(text, sizeof text, "%.10g", value);
    csv_text(t, text);
}

static void csv_heads(struct table *t) {
    for (size_t i = 0; i < t->count; i++) {
        char head[TABLE_TITLE + 8];
        csv_text(t, t->column[i].title);
        for (int end = 0; end < 2 && t->column[i].kind % 4 == TABLE_INTERVAL; end++) {
            snprintf(head, sizeof head, "%s%s", t->column[i].title, end == 0 ? ", low" : ", high");
            csv_text(t, head);
        }
    }
}

/* ---- cells */

void table_row(struct table *t, bool own) {
    if (t->csv.size == 0)
        csv_heads(t);
    strbuf_add(&t->csv, "\n", 1);
    json_t *const row = page_entry(t->page, t->rows);
    page_flag(t->page, row, "own", own);
    t->cells = page_array(t->page, row, "cells");
    t->at = 0;
}

static json_t *add_cell(struct table *t, const char *text) {
    json_t *const cell = page_entry(t->page, t->cells);
    page_text(t->page, cell, "text", text);
    page_flag(t->page, cell, "left", t->at < t->count && t->column[t->at].kind % 4 == TABLE_TEXT);
    page_flag(t->page, cell, "long", strlen(text) > 60);
    t->at++;
    return cell;
}

void table_link(struct table *t, const char *text, const char *address) {
    page_text(t->page, add_cell(t, text), "address", address);
    csv_text(t, text);
}

void table_text(struct table *t, const char *text) {
    table_link(t, text, "");
}

void table_policy(struct table *t, const char *text, int policy) {
    json_t *const cell = add_cell(t, text);
    page_text(t->page, cell, "policy", report_policy_word(policy));
    csv_text(t, text);
}

static void formatted(struct table *t, json_t *cell, const char *name, const char *format, double value) {
    struct strbuf text = {.bytes = NULL};
    mustache_number(&text, format, value);
    t->page->failed = t->page->failed || text.failed;
    page_text(t->page, cell, name, text.failed ? "" : text.bytes);
    strbuf_release(&text);
}

static void add_numbers(struct table *t, double value, double low, double high) {
    const size_t at = t->at < t->count ? t->at : 0;
    const double scale = t->column[at].scale;
    json_t *const cell = add_cell(t, "");
    formatted(t, cell, "text", t->column[at].format, scale * value);
    csv_number(t, scale * value);
    if (t->column[at].kind % 4 != TABLE_INTERVAL)
        return;
    csv_number(t, scale * low);
    csv_number(t, scale * high);
    if (isfinite(value) && isfinite(low) && isfinite(high)) {
        formatted(t, cell, "low", t->column[at].format, scale * low);
        formatted(t, cell, "high", t->column[at].format, scale * high);
    }
}

void table_number(struct table *t, double value) {
    add_numbers(t, value, NAN, NAN);
}

void table_count(struct table *t, size_t value) {
    add_numbers(t, (double)value, NAN, NAN);
}

void table_interval(struct table *t, double value, double low, double high) {
    add_numbers(t, value, low, high);
}

/* ---- the whole */

static const char *text_at(const struct table *t, size_t row, size_t column) {
    const json_t *const cells = json_object_get(json_array_get(t->rows, row), "cells");
    return json_string_value(json_object_get(json_array_get(cells, column), "text"));
}

static bool is_common(const struct table *t, size_t column) {
    bool same = (t->column[column].kind & TABLE_FOLD) != 0 && json_array_size(t->rows) > 0;
    for (size_t row = 1; same && row < json_array_size(t->rows); row++) {
        const char *const a = text_at(t, 0, column), *const b = text_at(t, row, column);
        same = a != NULL && b != NULL && strcmp(a, b) == 0;
    }
    return same;
}

/* Columns that all rows agree about go into a list, from the last so that places stay. A dash tells nothing. */
static void fold(struct table *t, json_t *columns, json_t *common) {
    for (size_t i = t->count; i-- > 0;) {
        const bool folded = is_common(t, i);
        const char *const text = text_at(t, 0, i);
        if (!folded) {
            json_t *const head = json_object();
            page_text(t->page, head, "title", t->column[i].title);
            page_flag(t->page, head, "left", t->column[i].kind % 4 == TABLE_TEXT);
            t->page->failed = json_array_insert_new(columns, 0, head) != 0 || t->page->failed;
            continue;
        }
        if (text != NULL && *text != '\0' && strcmp(text, "\u2013") != 0) {
            json_t *const entry = json_object();
            page_text(t->page, entry, "title", t->column[i].title);
            page_text(t->page, entry, "text", text);
            t->page->failed = json_array_insert_new(common, 0, entry) != 0 || t->page->failed;
        }
        for (size_t row = 0; row < json_array_size(t->rows); row++)
            json_array_remove(json_object_get(json_array_get(t->rows, row), "cells"), i);
    }
    for (size_t row = 0; row < json_array_size(t->rows); row++)
        page_flag(t->page, json_array_get(json_object_get(json_array_get(t->rows, row), "cells"), 0), "head",
                  true);
}

void table_end(struct table *t, json_t *values, const char *caption) {
    struct strbuf html = {.bytes = NULL}, csv = {.bytes = NULL};
    json_t *const object = json_object();
    json_t *const columns = page_array(t->page, object, "columns"), *const common =
                                                                        page_array(t->page, object, "common");
    strbuf_add(&t->csv, "\n", 1);
    strbuf_add_base64(&csv, t->csv.bytes, t->csv.size);
    fold(t, columns, common);
    page_flag(t->page, object, "folded", json_array_size(common) > 0);
    page_text(t->page, object, "name", t->name);
    page_text(t->page, object, "caption", caption);
    page_text(t->page, object, "csv", csv.failed || t->csv.failed ? "" : csv.bytes);
    json_object_set_new(object, "rows", t->rows);
    if (csv.failed || t->csv.failed || !mustache(&html, asset("table.html"), object))
        t->page->failed = true;
    page_text(t->page, values, t->name, html.failed || html.size == 0 ? "" : html.bytes);
    json_decref(object);
    strbuf_release(&html);
    strbuf_release(&csv);
    strbuf_release(&t->csv);
}
