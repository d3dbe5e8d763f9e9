#include "report/read/history.h"

#include "storage/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 * 1024 * 1024, MAX_FIELDS = 64 };

static const char *const names[] = {
#define X(name) #name,
    HISTORY_LIST(X)
#undef X
};

/* Cut a line at its commas; the number of fields, 0 where there are too many. */
static size_t split(char *line, char *fields[MAX_FIELDS]) {
    size_t count = 0;
    for (char *field = line; field != NULL; count++) {
        if (count == MAX_FIELDS)
            return 0;
        fields[count] = field;
        field = strchr(field, ',');
        if (field != NULL)
            *field++ = '\0';
    }
    return count;
}

/* The next line of a text, ended by 0 in place; NULL at the end. */
static char *next_line(char **rest) {
    char *const line = *rest;
    if (*line == '\0')
        return NULL;
    char *const end = line + strcspn(line, "\n");
    *rest = *end == '\n' ? end + 1 : end;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

/* where[c]: the field that holds column c. */
static enum trm_status read_head(const char *path, char *line, size_t where[HISTORY_COLUMNS], size_t *fields,
                                 struct trm_error *error) {
    char *field[MAX_FIELDS];
    *fields = line != NULL ? split(line, field) : 0;
    for (size_t c = 0; c < HISTORY_COLUMNS; c++) {
        where[c] = *fields;
        for (size_t i = 0; i < *fields; i++)
            if (strcmp(field[i], names[c]) == 0)
                where[c] = i;
        if (where[c] == *fields)
            return trm_fail(error, TRM_FORMAT,
                            "%s: has no column '%s'; it is no history of train, remove it or train again",
                            path, names[c]);
    }
    return TRM_OK;
}

static enum trm_status read_row(const char *path, char *line, size_t number,
                                const size_t where[HISTORY_COLUMNS], size_t fields, struct history *h,
                                struct trm_error *error) {
    char *field[MAX_FIELDS];
    if (split(line, field) != fields)
        return trm_fail(error, TRM_FORMAT, "%s: line %zu has another number of fields than the first", path,
                        number);
    for (size_t c = 0; c < HISTORY_COLUMNS; c++) {
        char *end;
        const char *const text = field[where[c]];
        const double value = *text == '\0' ? NAN : strtod(text, &end);
        if (*text != '\0' && (*end != '\0' || end == text))
            return trm_fail(error, TRM_FORMAT, "%s: line %zu: '%.40s' is no number for '%s'", path, number,
                            text, names[c]);
        h->column[c][h->count] = value;
    }
    h->count++;
    return TRM_OK;
}

enum trm_status history_read(const char *path, struct history *h, struct trm_error *error) {
    void *data;
    size_t size, where[HISTORY_COLUMNS], fields, lines = 1, number = 1;
    *h = (struct history){.count = 0};
    enum trm_status status = file_read(path, FILE_LIMIT, &data, &size, error);
    if (status != TRM_OK)
        return status;
    char *rest = data;
    for (size_t i = 0; i < size; i++)
        lines += rest[i] == '\n';
    for (size_t c = 0; c < HISTORY_COLUMNS; c++) {
        h->column[c] = calloc(lines, sizeof *h->column[c]);
        if (h->column[c] == NULL)
            status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its rows", path);
    }
    if (status == TRM_OK)
        status = read_head(path, next_line(&rest), where, &fields, error);
    for (char *line; status == TRM_OK && (line = next_line(&rest)) != NULL;)
        status = read_row(path, line, ++number, where, fields, h, error);
    if (status == TRM_OK && h->count == 0)
        status = trm_fail(error, TRM_FORMAT, "%s: has no rows; train again", path);
    free(data);
    if (status != TRM_OK)
        history_free(h);
    return status;
}

void history_free(struct history *h) {
    for (size_t c = 0; c < HISTORY_COLUMNS; c++)
        free(h->column[c]);
    *h = (struct history){.count = 0};
}
