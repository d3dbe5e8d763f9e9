/* What lies in a results folder, known by content rather than by name. */
#ifndef TRM_REPORT_READ_FOLDER_H
#define TRM_REPORT_READ_FOLDER_H

#include "base/status.h"

#include <stddef.h>

enum folder_kind {
    FOLDER_STORE,    /* dynamics: of collect or online */
    FOLDER_DATA_SET, /* of prepare */
    FOLDER_ROUTER,   /* of train */
    FOLDER_HISTORY,  /* of train: name ends in .history.csv */
    FOLDER_OTHER     /* anything else; not read any further */
};

struct folder_file {
    enum folder_kind kind;
    char *path;
    const char *name; /* points into path */
};

struct folder {
    struct folder_file *at; /* by name */
    size_t count;
};

/* All regular files directly in the folder but hidden ones and temporary ones of killed writers. TRM_NOT_FOUND, TRM_IO.
   On failure it is empty. */
enum trm_status folder_read(const char *path, struct folder *folder, struct trm_error *error);
void folder_free(struct folder *folder);

#endif
