/* What a command found is one JSON document; people see it as lines and tables whose texts hold places for its members:

       {store} {split.seed} {policies.0.name}          a text, number, list or truth as it is
       {loss:.4f} {gap:.1e} {width:g}  a number as printf has it; {share:.1%} a hundred times it
       {runs} run{runs:s}             "s" unless the number is 1

   An object {value, low, high} is a number with its interval, {mean, deviation, seeds} one with its deviation. What is
   null or not there is "-". Both are made to fit the width of the terminal. */
#ifndef TRM_CLI_VIEWS_TABLE_H
#define TRM_CLI_VIEWS_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A line none of whose places is there is left out, and so is a column of a table. */
struct view_line {
    const char *label, *text;
};
struct view_column {
    const char *title, *text; /* numbers are aligned right */
};
#define VIEW(rows) (rows), sizeof(rows) / sizeof *(rows)

/* The places of a text filled in from object, at most room - 1 bytes. Was one of them there? */
bool view_fill(const json_t *object, const char *text, char *filled, size_t room);

/* To stdout. Texts are wrapped between words; a table that is too wide goes on below, with its first column again. */
void view_lines(const json_t *object, const struct view_line *lines, size_t count);
void view_table(const json_t *rows, const struct view_column *columns, size_t count);

/* The document itself, or its lines, to stdout, and free it. NULL: out of memory. The exit status. */
int view_print(json_t *document, bool as_json, const struct view_line *lines, size_t count);

#endif
