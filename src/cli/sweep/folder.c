#include "cli/sweep/folder.h"

#include "storage/file.h"
#include "storage/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MANIFEST_LIMIT = 1 << 24 };

static enum trm_status no_memory(const char *path, struct trm_error *error) {
    return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the sweep", path);
}

static enum trm_status join(const char *folder, const char *name, const char *file, char path[SWEEP_PATH],
                            struct trm_error *error) {
    const int length =
        snprintf(path, SWEEP_PATH, "%s/%s%s%s", folder, name, file[0] != '\0' ? "/" : "", file);
    return length < SWEEP_PATH
               ? TRM_OK
               : trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", folder);
}

enum trm_status sweep_folder_path(const struct sweep_folder *folder, size_t index, const char *file,
                                  char path[SWEEP_PATH], struct trm_error *error) {
    return join(folder->path, folder->names[index], file, path, error);
}

/* ---- written ---- */

static bool holds_text(const char *path, const char *text) {
    void *bytes;
    size_t size;
    if (file_read(path, MANIFEST_LIMIT, &bytes, &size, NULL) != TRM_OK)
        return false;
    const bool same = size == strlen(text) && memcmp(bytes, text, size) == 0;
    free(bytes);
    return same;
}

/* The settings of a run. What was recorded of a run with others says nothing of this one. */
static enum trm_status write_settings(const char *folder, const struct sweep_run *run, size_t *changed,
                                      struct trm_error *error) {
    char path[SWEEP_PATH], record[SWEEP_PATH];
    enum trm_status status = join(folder, run->name, "settings.yaml", path, error);
    if (status == TRM_OK)
        status = join(folder, run->name, "stages/run.json", record, error);
    if (status != TRM_OK || holds_text(path, run->yaml))
        return status;
    *changed += file_exists(path) ? 1 : 0;
    status = file_check_output(path, true, true, error);
    if (status == TRM_OK)
        status = file_write(path, run->yaml, strlen(run->yaml), true, error);
    if (status == TRM_OK)
        unlink(record);
    return status;
}

/* A run that is at work keeps its settings: nothing is written where the plan gives it others. */
static enum trm_status check_running(const char *folder, const struct sweep_run *run,
                                     struct trm_error *error) {
    char path[SWEEP_PATH];
    struct run_record record;
    enum trm_status status = join(folder, run->name, "", path, error);
    if (status != TRM_OK)
        return status;
    run_record_read(path, &record);
    if (record.state != RUN_RUNNING)
        return TRM_OK;
    status = join(folder, run->name, "settings.yaml", path, error);
    if (status == TRM_OK && !holds_text(path, run->yaml))
        status = trm_fail(error, TRM_EXISTS,
                          "%s: is at work with other settings; wait for it, stop it, or choose another "
                          "--output",
                          run->name);
    return status;
}

static json_t *manifest_of(const struct sweep_plan *plan) {
    json_t *document = json_object(), *runs = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        json_t *run = json_object();
        json_put(&run, "name", json_text(plan->runs[i].name));
        json_put(&run, "cost", json_number(plan->runs[i].cost));
        json_append(&runs, run);
    }
    json_put(&document, "program", json_text(TRM_VERSION));
    json_put(&document, "until", json_text(plan->until));
    json_put(&document, "runs", runs);
    return document;
}

enum trm_status sweep_folder_write(const char *path, const struct sweep_plan *plan, size_t *changed,
                                   struct trm_error *error) {
    char name[SWEEP_PATH];
    enum trm_status status = join(path, "sweep.json", "", name, error);
    *changed = 0;
    for (size_t i = 0; i < plan->count && status == TRM_OK; i++)
        status = check_running(path, &plan->runs[i], error);
    for (size_t i = 0; i < plan->count && status == TRM_OK; i++)
        status = write_settings(path, &plan->runs[i], changed, error);
    char *const text = status == TRM_OK ? json_finish(manifest_of(plan), JSON_DOCUMENT) : NULL;
    if (status == TRM_OK && text == NULL)
        status = no_memory(path, error);
    if (status == TRM_OK)
        status = file_write(name, text, strlen(text), true, error);
    free(text);
    return status;
}

/* ---- read ---- */

/* A name that stays below the folder, and that no run before has. */
static bool is_good(const struct sweep_folder *folder, const char *name) {
    for (size_t i = 0; name != NULL && i < folder->count; i++)
        if (strcmp(folder->names[i], name) == 0)
            return false;
    return name != NULL && name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static enum trm_status take_runs(struct sweep_folder *folder, const json_t *document, const char *manifest,
                                 struct trm_error *error) {
    const json_t *const runs = json_object_get(document, "runs");
    const char *const until = json_string_value(json_object_get(document, "until"));
    const size_t count = json_array_size(runs);
    if (until == NULL || count == 0 || count > SWEEP_RUNS_MAX)
        return trm_fail(error, TRM_FORMAT, "%s: is not what sweep writes; start the sweep again", manifest);
    snprintf(folder->until, sizeof folder->until, "%s", until);
    folder->names = calloc(count, sizeof *folder->names);
    folder->costs = calloc(count, sizeof *folder->costs);
    if (folder->names == NULL || folder->costs == NULL)
        return no_memory(folder->path, error);
    for (size_t i = 0; i < count; i++) {
        const json_t *const run = json_array_get(runs, i);
        const char *const name = json_string_value(json_object_get(run, "name"));
        if (!is_good(folder, name))
            return trm_fail(error, TRM_FORMAT,
                            "%s: run %zu has no folder's name of its own; start the sweep again", manifest,
                            i + 1);
        folder->costs[i] = json_number_value(json_object_get(run, "cost"));
        if ((folder->names[i] = strdup(name)) == NULL)
            return no_memory(folder->path, error);
        folder->count++;
    }
    return TRM_OK;
}

enum trm_status sweep_folder_read(struct sweep_folder *folder, const char *path, struct trm_error *error) {
    char name[SWEEP_PATH];
    void *text = NULL;
    size_t size;
    json_error_t where;
    *folder = (struct sweep_folder){.path = path};
    enum trm_status status = join(path, "sweep.json", "", name, error);
    if (status == TRM_OK && !file_exists(name))
        status = trm_fail(error, TRM_NOT_FOUND, "%s: no such file; name the --output of a sweep", name);
    if (status == TRM_OK)
        status = file_read(name, MANIFEST_LIMIT, &text, &size, error);
    if (status != TRM_OK)
        return status;
    json_t *const document = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    free(text);
    status = document == NULL ? trm_fail(error, TRM_FORMAT, "%s:%d: is no JSON (%s); start the sweep again",
                                         name, where.line, where.text)
                              : take_runs(folder, document, name, error);
    json_decref(document);
    if (status != TRM_OK)
        sweep_folder_free(folder);
    return status;
}

void sweep_folder_free(struct sweep_folder *folder) {
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    free(folder->costs);
    *folder = (struct sweep_folder){.count = 0};
}

void sweep_folder_state(const struct sweep_folder *folder, size_t index, struct run_record *record) {
    char path[SWEEP_PATH];
    *record = (struct run_record){.state = RUN_WAITING};
    if (sweep_folder_path(folder, index, "", path, NULL) != TRM_OK)
        return;
    run_record_read(path, record);
    if (record->state == RUN_DONE && strcmp(record->until, folder->until) != 0)
        record->state = RUN_WAITING; /* the plan has more stages now, or fewer: run sees what is complete */
}

/* ---- commands ---- */

char *sweep_shell_word(const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:@%-";
    const size_t length = strlen(text);
    if (length > 0 && strspn(text, plain) == length)
        return strdup(text);
    char *const word = malloc(4 * length + 3), *at = word;
    if (word == NULL)
        return NULL;
    *at++ = '\'';
    for (; *text != '\0'; text++)
        if (*text == '\'') {
            memcpy(at, "'\\''", 4);
            at += 4;
        } else {
            *at++ = *text;
        }
    memcpy(at, "'", 2);
    return word;
}

/* This program, wherever the shell looks for programs. */
static char *program_word(void) {
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return sweep_shell_word(length > 0 ? path : "trm-router");
}

static char *command(const struct sweep_folder *folder, size_t index, bool logged) {
    char here[PATH_MAX], settings[SWEEP_PATH], output[SWEEP_PATH], log[SWEEP_PATH];
    const bool fit = getcwd(here, sizeof here) != NULL &&
                     sweep_folder_path(folder, index, "settings.yaml", settings, NULL) == TRM_OK &&
                     sweep_folder_path(folder, index, "", output, NULL) == TRM_OK &&
                     sweep_folder_path(folder, index, "log", log, NULL) == TRM_OK;
    if (!fit)
        return NULL;
    char *const words[] = {sweep_shell_word(here), program_word(), sweep_shell_word(settings),
                           sweep_shell_word(output), sweep_shell_word(log)};
    size_t room = 128, there = 0;
    const size_t count = sizeof words / sizeof *words;
    for (size_t i = 0; i < count; i++)
        if (words[i] != NULL) {
            room += strlen(words[i]);
            there++;
        }
    char *const text = there == count ? malloc(room) : NULL;
    if (text != NULL)
        snprintf(text, room, "cd %s && %s run --config %s --output %s --until %s%s%s%s", words[0], words[1],
                 words[2], words[3], folder->until, logged ? " >>" : "", logged ? words[4] : "",
                 logged ? " 2>&1" : "");
    for (size_t i = 0; i < count; i++)
        free(words[i]);
    return text;
}

char *sweep_folder_command(const struct sweep_folder *folder, size_t index) {
    return command(folder, index, false);
}

char *sweep_folder_logged_command(const struct sweep_folder *folder, size_t index) {
    return command(folder, index, true);
}
