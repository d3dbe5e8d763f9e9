#include "cli/views/table.h"

#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/wrap.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 512, GAP = 2 };

/* The member that a path of names, or places in an array, with dots between leads to. */
static const json_t *find(const json_t *object, const char *path, size_t length) {
    while (object != NULL && length > 0) {
        const char *const dot = memchr(path, '.', length);
        const size_t name = dot != NULL ? (size_t)(dot - path) : length, used = name + (dot != NULL);
        object = json_is_array(object) ? json_array_get(object, strtoul(path, NULL, 10))
                                       : json_object_getn(object, path, name);
        path += used, length -= used;
    }
    return json_is_null(object) ? NULL : object;
}

/* value as ".2f", ".1e", "g" or ".1%" say. */
static void fill_number(double value, const char *format, char text[CELL]) {
    char *end = NULL;
    const int digits = *format == '.' ? (int)strtol(format + 1, &end, 10) : 6;
    const char kind = end != NULL ? *end : *format;
    if (kind == '%')
        snprintf(text, CELL, "%.*f", digits, 100.0 * value);
    else if (kind == 'e')
        snprintf(text, CELL, "%.*e", digits, value);
    else if (kind == 'g')
        snprintf(text, CELL, "%.*g", digits, value);
    else
        snprintf(text, CELL, "%.*f", digits, value);
}

static void fill_spread(const json_t *spread, const char *format, char text[CELL]) {
    static const char *const names[2][2] = {{"value", "mean"}, {"low", "deviation"}};
    const json_t *parts[3];
    char ends[2][CELL];
    for (int i = 0; i < 2; i++) {
        parts[i] = find(spread, names[i][0], strlen(names[i][0]));
        if (parts[i] == NULL)
            parts[i] = find(spread, names[i][1], strlen(names[i][1]));
    }
    parts[2] = find(spread, "high", 4);
    fill_number(json_number_value(parts[0]), format, text);
    if (parts[1] == NULL || (parts[2] == NULL && json_integer_value(find(spread, "seeds", 5)) < 2))
        return;
    fill_number(json_number_value(parts[1]), format, ends[0]);
    fill_number(json_number_value(parts[2]), format, ends[1]);
    const size_t used = strlen(text);
    if (parts[2] != NULL)
        snprintf(text + used, CELL - used, " [%.60s, %.60s]", ends[0], ends[1]);
    else
        snprintf(text + used, CELL - used, " +- %.60s", ends[0]);
}

/* format: what stands between ':' and '}'; "" where there is none. False: nothing is there. */
static bool fill_place(const json_t *value, const char *format, char text[CELL]) {
    size_t i;
    json_t *item;
    text[0] = '\0';
    if (*format == 's')
        snprintf(text, CELL, "%s", json_integer_value(value) == 1 ? "" : "s");
    else if (json_is_object(value) && find(value, "value", 5) == NULL && find(value, "mean", 4) == NULL)
        value = NULL;
    else if (json_is_object(value))
        fill_spread(value, format, text);
    else if (json_is_string(value))
        snprintf(text, CELL, "%s", json_string_value(value));
    else if (json_is_boolean(value))
        snprintf(text, CELL, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_integer(value) && *format == '\0')
        snprintf(text, CELL, "%lld", (long long)json_integer_value(value));
    else if (json_is_number(value))
        fill_number(json_number_value(value), *format != '\0' ? format : "g", text);
    json_array_foreach(value, i, item) {
        const size_t used = strlen(text);
        snprintf(text + used, CELL - used, "%s%s", i > 0 ? ", " : "", json_string_value(item));
    }
    if (json_is_array(value) && json_array_size(value) == 0)
        snprintf(text, CELL, "none");
    if (value == NULL)
        snprintf(text, CELL, "-");
    cli_clean(text);
    return value != NULL && *format != 's';
}

bool view_fill(const json_t *object, const char *text, char *filled, size_t room) {
    char place[CELL], format[8];
    bool any = strchr(text, '{') == NULL;
    size_t used = 0;
    filled[0] = '\0';
    while (*text != '\0' && used + 1 < room) {
        const size_t plain = strcspn(text, "{");
        if (plain > 0) {
            used += (size_t)snprintf(filled + used, room - used, "%.*s", (int)plain, text);
            text += plain;
            continue;
        }
        const size_t length = strcspn(++text, "}"), path = strcspn(text, ":}");
        snprintf(format, sizeof format, "%.*s", path < length ? (int)(length - path - 1) : 0,
                 text + path + 1);
        any = fill_place(find(object, text, path), format, place) || any;
        used += (size_t)snprintf(filled + used, room - used, "%s", place);
        text += length + (text[length] == '}');
    }
    return any;
}

void view_lines(const json_t *object, const struct view_line *lines, size_t count) {
    char text[2 * CELL];
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        width = strlen(lines[i].label) > width ? strlen(lines[i].label) : width;
    for (size_t i = 0; i < count; i++)
        if (view_fill(object, lines[i].text, text, sizeof text)) {
            printf("%-*s", (int)(width + GAP), lines[i].label);
            wrap_print(text, width + GAP, width + GAP);
        }
}

struct width {
    size_t letters; /* of the longest cell or the title; 0: no row has anything in it */
    bool numbers;   /* nothing else stands in it */
};

static struct width width_of(const json_t *rows, const struct view_column *column) {
    struct width width = {strlen(column->title), true};
    const json_t *row;
    size_t i;
    char text[CELL];
    bool any = false;
    json_array_foreach(rows, i, row) {
        const bool there = view_fill(row, column->text, text, sizeof text);
        any = any || there;
        width.numbers = width.numbers && (!there || isdigit((unsigned char)text[strspn(text, "+-")]));
        width.letters = strlen(text) > width.letters ? strlen(text) : width.letters;
    }
    return any ? width : (struct width){0, false};
}

/* The first column and those from `from` to before `to`; row NULL: their titles. */
static void print_row(const json_t *row, const struct view_column *columns, const struct width *widths,
                      size_t from, size_t to) {
    char text[CELL];
    size_t owed = 0; /* blanks, but not before a line feed */
    for (size_t c = 0; c < to; c = c == 0 ? from : c + 1) {
        const size_t width = widths[c].letters;
        if (width == 0)
            continue;
        snprintf(text, sizeof text, "%s", columns[c].title);
        if (row != NULL)
            view_fill(row, columns[c].text, text, sizeof text);
        const size_t blanks = strlen(text) < width ? width - strlen(text) : 0;
        const bool right = widths[c].numbers && c > 0;
        printf("%*s%s", (int)(owed + (right ? blanks : 0)), "", text);
        owed = GAP + (right ? 0 : blanks);
    }
    printf("\n");
}

void view_table(const json_t *rows, const struct view_column *columns, size_t count) {
    struct width *const widths = calloc(count, sizeof *widths);
    const json_t *row;
    size_t i;
    if (widths == NULL)
        return;
    for (size_t c = 0; c < count; c++)
        widths[c] = width_of(rows, &columns[c]);
    for (size_t from = 1, to; from < count; from = to) {
        size_t used = widths[0].letters;
        for (to = from; to < count && (to == from || used + GAP + widths[to].letters <= wrap_width()); to++)
            used += widths[to].letters > 0 ? GAP + widths[to].letters : 0;
        if (from > 1)
            printf("\n");
        print_row(NULL, columns, widths, from, to);
        json_array_foreach(rows, i, row) print_row(row, columns, widths, from, to);
    }
    free(widths);
}

int view_print(json_t *document, bool as_json, const struct view_line *lines, size_t count) {
    if (as_json || document == NULL)
        return print_json(document);
    view_lines(document, lines, count);
    json_decref(document);
    return cli_flush_output(CLI_DONE);
}
