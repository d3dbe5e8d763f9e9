/* Whole files, and files written beside their name and renamed. */
#ifndef TRM_STORAGE_FILE_H
#define TRM_STORAGE_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Read a regular file of at most `limit` bytes into a fresh buffer (64-byte aligned, a zero byte behind the
   last; free() it). A folder, a device, a missing file (TRM_NOT_FOUND) and one over the limit are errors that
   name the path. On failure *data is NULL. */
enum trm_status file_read(const char *path, size_t limit, void **data, size_t *size, struct trm_error *error);

/* Open a regular file for reading and say how long it is; close() it. The same errors; on failure *fd is -1. */
enum trm_status file_open(const char *path, int *fd, size_t *size, struct trm_error *error);
/* A part of it into a fresh buffer as above. TRM_IO where the file ends before it. path: for messages. */
enum trm_status file_read_part(int fd, const char *path, size_t offset, size_t bytes, void **data,
                               struct trm_error *error);

/* Is path's folder there and writable, and path itself absent (or overwrite true) and no folder? Creates
   missing parent folders when make_parents. Nothing else is changed. */
enum trm_status file_check_output(const char *path, bool overwrite, bool make_parents,
                                  struct trm_error *error);

/* Is the name short enough to be written? For names that are made later; file_check_output looks at its own. */
enum trm_status file_check_name(const char *path, struct trm_error *error);

struct file_writer {
    FILE *stream;
    char *path, *temporary;
    bool named; /* the temporary file is there under its name; false: it has none yet */
};

/* Open a temporary file in path's folder (in its target's where path is a link); without a name until it is whole,
   where the system has such files, so that a killed writer leaves nothing. Then fwrite to w->stream; then file_commit,
   or file_abandon to leave no trace. */
enum trm_status file_begin(struct file_writer *w, const char *path, struct trm_error *error);
/* Flush to disk and rename onto path, which is absent, old or complete at every moment. With overwrite false
   an existing path is TRM_EXISTS and stays, even when it came up just now. A write to the stream that failed
   is reported here. Frees w on every return. */
enum trm_status file_commit(struct file_writer *w, bool overwrite, struct trm_error *error);
void file_abandon(struct file_writer *w); /* also where file_begin failed */

/* The three in one: size bytes to path, complete or not at all. */
enum trm_status file_write(const char *path, const void *bytes, size_t size, bool overwrite,
                           struct trm_error *error);

/* Remove what killed writers of path left beside it. Only for who holds a lock on path: no other writer may be at
   work. */
void file_remove_temporaries(const char *path);

/* Is this the name of such a leftover (without folder or with it)? */
bool file_is_temporary(const char *path);

/* Are both there, and the same file? */
bool file_same(const char *a, const char *b);

/* Does path name anything, be it a folder or a link to nothing? */
bool file_exists(const char *path);

/* Is it an SQLite file? *application: the id in its head that says what kind of data it holds
   (sqlite.org/fileformat.html, section 1.3.19). false too where it cannot be read. */
bool file_is_sqlite(const char *path, uint32_t *application);

#endif
