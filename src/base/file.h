/* Whole files, and files written beside their name and renamed. */
#ifndef TRM_BASE_FILE_H
#define TRM_BASE_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Read a regular file of at most `limit` bytes into a fresh buffer (64-byte aligned; free() it). A folder, a missing
   file and one over the limit are errors that name the path. On failure *data is NULL. */
enum trm_status file_read(const char *path, size_t limit, void **data, size_t *size, struct trm_error *error);

/* Is path's folder there and writable, and path itself absent (or overwrite true) and no folder? Creates missing
   parent folders when make_parents. Nothing else is changed. */
enum trm_status file_check_output(const char *path, bool overwrite, bool make_parents, struct trm_error *error);

struct file_writer {
    FILE *stream;
    char *path, *temporary;
};

/* Open a temporary file beside path. Then fwrite to w->stream; then file_commit, or file_abandon to leave no trace. */
enum trm_status file_begin(struct file_writer *w, const char *path, struct trm_error *error);
/* Flush to disk and rename onto path. With overwrite false an existing path is TRM_EXISTS. Frees w on every return. */
enum trm_status file_commit(struct file_writer *w, bool overwrite, struct trm_error *error);
void file_abandon(struct file_writer *w);

bool file_exists(const char *path);

#endif
