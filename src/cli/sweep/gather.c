#include "cli/sweep/gather.h"

#include "cli/sweep/account.h"
#include "dynamics/dynamics.h"
#include "storage/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_store_name(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return length > 3 && strcmp(entry->d_name + length - 3, ".db") == 0;
}

/* A store; a data set of prepare beside it is another kind of SQLite file. What is neither was a store once. */
static enum trm_status gather_file(struct trm_store *store, const char *path, size_t *stores,
                                   struct trm_error *error) {
    uint32_t application;
    struct trm_error why = {0};
    if (!file_is_sqlite(path, &application))
        return trm_fail(error, TRM_FORMAT, "%s: is no store any more; restore it, or make its run again",
                        path);
    if (!trm_store_is(path))
        return TRM_OK;
    *stores += 1;
    const enum trm_status status = trm_store_gather(store, path, &why);
    if (status != TRM_OK && strstr(why.text, path) == NULL) /* it names the store that is written */
        return trm_fail(error, status, "%s: %s", path, why.text);
    return status == TRM_OK ? status : trm_fail(error, status, "%s", why.text);
}

/* The stores of one run, by their names. */
static enum trm_status gather_run(struct trm_store *store, const struct sweep_folder *folder, size_t index,
                                  size_t *stores, struct trm_error *error) {
    char path[SWEEP_PATH];
    struct dirent **entries;
    const size_t before = *stores;
    enum trm_status status = sweep_folder_path(folder, index, "", path, error);
    const int count = status == TRM_OK ? scandir(path, &entries, is_store_name, alphasort) : 0;
    if (count < 0)
        return trm_fail(error, TRM_IO, "%s: cannot be read; start the sweep again", path);
    for (int i = 0; i < count; i++) {
        if (status == TRM_OK)
            status = sweep_folder_path(folder, index, entries[i]->d_name, path, error);
        if (status == TRM_OK)
            status = gather_file(store, path, stores, error);
        free(entries[i]);
    }
    if (count > 0)
        free(entries);
    if (status == TRM_OK && *stores == before)
        return trm_fail(error, TRM_NOT_FOUND,
                        "%s: holds no store, although its run is done; remove its stages/run.json "
                        "and start the sweep again",
                        folder->names[index]);
    return status;
}

static const struct sweep_folder *sorted;

static int by_name(const void *a, const void *b) {
    return strcmp(sorted->names[*(const size_t *)a], sorted->names[*(const size_t *)b]);
}

static enum trm_status gather_all(struct trm_store *store, const struct sweep_folder *folder,
                                  struct sweep_gathered *gathered, struct trm_error *error) {
    size_t *const order = malloc(folder->count * sizeof *order);
    enum trm_status status =
        order != NULL ? TRM_OK : trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", folder->path);
    for (size_t i = 0; i < folder->count && status == TRM_OK; i++)
        order[i] = i;
    sorted = folder;
    if (status == TRM_OK)
        qsort(order, folder->count, sizeof *order, by_name);
    for (size_t i = 0; i < folder->count && status == TRM_OK; i++) {
        struct run_record record;
        sweep_folder_state(folder, order[i], &record);
        gathered->left += record.state != RUN_DONE;
        gathered->runs += record.state == RUN_DONE;
        if (record.state == RUN_DONE)
            status = gather_run(store, folder, order[i], &gathered->stores, error);
    }
    free(order);
    return status;
}

/* What lies in the folder of a run is gathered: an output there would be an input, this time or the next; and without
   sweep.json there is no sweep. */
static enum trm_status check_output(const struct sweep_folder *folder, const char *output,
                                    struct trm_error *error) {
    char path[SWEEP_PATH], place[PATH_MAX], run[PATH_MAX];
    const char *const slash = strrchr(output, '/');
    snprintf(path, sizeof path, "%.*s", slash != NULL ? (int)(slash - output) + 1 : 1,
             slash != NULL ? output : ".");
    if (realpath(path, place) == NULL)
        return trm_fail(error, TRM_IO, "%s: its folder cannot be found", output);
    if (snprintf(path, sizeof path, "%s/sweep.json", folder->path) < SWEEP_PATH && file_same(path, output))
        return trm_fail(error, TRM_INVALID, "%s: is the list of the sweep's runs; write elsewhere", output);
    for (size_t i = 0; i < folder->count; i++)
        if (sweep_folder_path(folder, i, "", path, NULL) == TRM_OK && realpath(path, run) != NULL &&
            strcmp(run, place) == 0)
            return trm_fail(error, TRM_INVALID,
                            "%s: lies in the folder of a run, whose stores are gathered; write elsewhere",
                            output);
    return TRM_OK;
}

/* It is made beside its name (of a link: beside what that names): what is not whole is not there. */
enum trm_status sweep_gather(const char *path, const char *output, bool overwrite,
                             struct sweep_gathered *gathered, struct trm_error *error) {
    struct sweep_folder folder;
    struct trm_store *store = NULL;
    char temporary[SWEEP_PATH], target[PATH_MAX];
    *gathered = (struct sweep_gathered){.runs = 0};
    enum trm_status status = sweep_folder_read(&folder, path, error);
    if (status != TRM_OK)
        return status;
    status = file_check_output(output, overwrite, true, error);
    if (status == TRM_OK && realpath(output, target) != NULL)
        output = target;
    if (status == TRM_OK)
        status = check_output(&folder, output, error);
    if (status == TRM_OK &&
        snprintf(temporary, sizeof temporary, "%s.tmp-%ld-0", output, (long)getpid()) >= SWEEP_PATH)
        status = trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", output);
    if (status == TRM_OK && sweep_account_count(&folder, RUN_DONE) == 0)
        status = trm_fail(error, TRM_INVALID, "%s: no run is done yet; see `trm-router sweep status %s`",
                          path, path);
    if (status == TRM_OK)
        status = trm_store_create(temporary, true, &store, error);
    if (status == TRM_OK) {
        status = gather_all(store, &folder, gathered, error);
        const enum trm_status closed = trm_store_close(store, status == TRM_OK ? error : NULL);
        status = status == TRM_OK ? closed : status;
        if (status == TRM_OK && rename(temporary, output) != 0)
            status = trm_fail(error, TRM_IO, "%s: cannot be given its name", output);
        if (status != TRM_OK)
            unlink(temporary);
    }
    sweep_folder_free(&folder);
    return status;
}
