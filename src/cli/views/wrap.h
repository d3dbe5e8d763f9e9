/* Text on stdout that fits the terminal. */
#ifndef TRM_CLI_VIEWS_WRAP_H
#define TRM_CLI_VIEWS_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Columns of the terminal that fd is; else those that COLUMNS says, else 80. */
size_t wrap_columns(int fd);
/* Of stdout, 20 at least. */
size_t wrap_width(void);

/* The words of text, and a line feed; `used` columns of the first line are taken, further lines are indented. A line
   feed in it stays one. A word is never cut. */
void wrap_print(const char *text, size_t used, size_t indent);
/* The same to f, of so many columns. */
void wrap_to(FILE *f, size_t room, const char *text, size_t used, size_t indent);

/* "Title:" and a line feed; bold where stdout is a terminal that shows it. */
void wrap_heading(const char *title);

/* Is fd a terminal that shows bold and colour, and NO_COLOR (no-color.org) empty? */
bool wrap_colour(int fd);

#endif
