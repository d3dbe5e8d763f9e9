/* SQLite files of which one column is altered, in seven ways. */
#ifndef TRM_TESTS_SUPPORT_ALTERED_H
#define TRM_TESTS_SUPPORT_ALTERED_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct altered {
    size_t altered, refused;
};

/* Set each column of every table of the file `good` to NULL, a text, a blob, 0, -1, 2^63 - 1 and infinity in turn, in
   a copy at `bad`, and read that. An error must be one line that names the copy; what is read without an error, `read`
   checks itself. strict: its tables say that they are STRICT and what may be NULL, and a value that is not of its
   column's type must be refused; otherwise they say nothing, as in a file made by somebody else. */
struct altered altered_read(const char *good, const char *bad, bool strict,
                            enum trm_status (*read)(const char *path, struct trm_error *error));

#endif
