#include "report/read/folder.h"

#include "dynamics/dynamics.h"
#include "oracle/dataset.h"

#include "storage/file.h"
#include "storage/safetensors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *name, const char *ending) {
    const size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* A file that cannot be read counts as one, so that reading it says what is wrong. */
static bool is_router(const char *path) {
    struct st_file *file;
    if (st_open_header(path, &file, NULL) != TRM_OK)
        return true;
    const char *const format = st_metadata(file, "format");
    const bool router = format != NULL && strncmp(format, "trm-router router", 17) == 0;
    st_close(file);
    return router;
}

static enum folder_kind kind_of(const char *path) {
    uint32_t application;
    if (trm_store_is(path))
        return FOLDER_STORE;
    if (trm_dataset_is(path))
        return FOLDER_DATA_SET;
    if (ends_with(path, ".db") && !file_is_sqlite(path, &application))
        return FOLDER_STORE; /* reading it says so */
    if (ends_with(path, ".history.csv"))
        return FOLDER_HISTORY;
    return ends_with(path, ".safetensors") && is_router(path) ? FOLDER_ROUTER : FOLDER_OTHER;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct folder_file *)a)->name, ((const struct folder_file *)b)->name);
}

/* Add one entry, unless it is hidden, no regular file, or what a killed writer left. */
static enum trm_status add(struct folder *folder, size_t *room, const char *path, const char *name,
                           struct trm_error *error) {
    struct stat st;
    const size_t length = strlen(path) + strlen(name) + 2;
    char *const whole = malloc(length);
    if (whole == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its list of files", path);
    snprintf(whole, length, "%s/%s", path, name);
    if (name[0] == '.' || file_is_temporary(name) || stat(whole, &st) != 0 || !S_ISREG(st.st_mode)) {
        free(whole);
        return TRM_OK;
    }
    if (folder->count == *room) {
        struct folder_file *const at = realloc(folder->at, (2 * *room + 16) * sizeof *at);
        if (at == NULL) {
            free(whole);
            return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its list of files", path);
        }
        folder->at = at;
        *room = 2 * *room + 16;
    }
    folder->at[folder->count++] =
        (struct folder_file){.kind = kind_of(whole), .path = whole, .name = whole + strlen(path) + 1};
    return TRM_OK;
}

enum trm_status folder_read(const char *path, struct folder *folder, struct trm_error *error) {
    size_t room = 0;
    *folder = (struct folder){.at = NULL};
    DIR *const entries = opendir(path);
    if (entries == NULL)
        return trm_fail(error, errno == ENOENT ? TRM_NOT_FOUND : TRM_IO,
                        "%s: is no folder that can be read (%s); give the folder of results", path,
                        strerror(errno));
    enum trm_status status = TRM_OK;
    for (const struct dirent *entry; status == TRM_OK && (entry = readdir(entries)) != NULL;)
        status = add(folder, &room, path, entry->d_name, error);
    closedir(entries);
    if (status != TRM_OK)
        folder_free(folder);
    else if (folder->count > 0)
        qsort(folder->at, folder->count, sizeof *folder->at, by_name);
    return status;
}

void folder_free(struct folder *folder) {
    for (size_t i = 0; i < folder->count; i++)
        free(folder->at[i].path);
    free(folder->at);
    *folder = (struct folder){.at = NULL};
}
