#include "cli/pipeline/record.h"

#include "storage/file.h"
#include "storage/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 1200, RECORD_LIMIT = 1 << 16 };

const char *run_state_name(enum run_state state) {
    static const char *const names[] = {
#define X(name, column, text) #column,
        RUN_STATE_LIST(X)
#undef X
    };
    return names[state];
}

static bool name_file(const char *folder, const char *name, char path[NAME_ROOM]) {
    return snprintf(path, NAME_ROOM, "%s/stages/%s", folder, name) < NAME_ROOM;
}

static enum trm_status write_record(const char *folder, const struct run_record *record,
                                    struct trm_error *error) {
    char path[NAME_ROOM];
    json_t *document = json_object();
    json_put(&document, "state", json_text(run_state_name(record->state)));
    json_put(&document, "until", json_text(record->until));
    json_put(&document, "program", json_text(TRM_VERSION));
    if (record->state != RUN_RUNNING)
        json_put(&document, "seconds", json_number(record->seconds));
    if (record->state == RUN_FAILED)
        json_put(&document, "reason", json_text(record->reason));
    char *const text = json_finish(document, JSON_DOCUMENT);
    enum trm_status status = text != NULL && name_file(folder, "run.json", path)
                                 ? TRM_OK
                                 : trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its record", folder);
    if (status == TRM_OK)
        status = file_check_output(path, true, true, error);
    if (status == TRM_OK)
        status = file_write(path, text, strlen(text), true, error);
    free(text);
    return status;
}

enum trm_status run_record_begin(const char *folder, const char *until, struct lock *lock,
                                 struct trm_error *error) {
    char path[NAME_ROOM];
    struct run_record record = {.state = RUN_RUNNING};
    *lock = (struct lock){.descriptor = -1};
    if (!name_file(folder, "run.lock", path))
        return trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", folder);
    enum trm_status status = file_check_output(path, true, true, error);
    if (status == TRM_OK)
        status = lock_take(lock, path, folder, error);
    snprintf(record.until, sizeof record.until, "%s", until != NULL ? until : "");
    if (status == TRM_OK)
        status = write_record(folder, &record, error);
    if (status != TRM_OK)
        lock_release(lock);
    return status;
}

void run_record_end(const char *folder, const struct run_record *record, struct lock *lock) {
    (void)write_record(folder, record, NULL);
    lock_release(lock);
}

static enum run_state state_of(const json_t *document, const char *folder) {
    char path[NAME_ROOM];
    const char *const word = json_string_value(json_object_get(document, "state"));
    enum run_state state = RUN_WAITING;
    for (int i = 0; word != NULL && i < RUN_STATE_COUNT; i++)
        if (strcmp(word, run_state_name((enum run_state)i)) == 0)
            state = (enum run_state)i;
    if (state == RUN_RUNNING && !(name_file(folder, "run.lock", path) && lock_is_held(path)))
        state = RUN_KILLED;
    return state;
}

static void take_text(const json_t *document, const char *key, char *text, size_t room) {
    const char *const value = json_string_value(json_object_get(document, key));
    snprintf(text, room, "%s", value != NULL ? value : "");
}

void run_record_read(const char *folder, struct run_record *record) {
    char path[NAME_ROOM];
    void *text;
    size_t size;
    *record = (struct run_record){.state = RUN_WAITING};
    if (!name_file(folder, "run.json", path) || file_read(path, RECORD_LIMIT, &text, &size, NULL) != TRM_OK)
        return;
    json_t *const document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    record->state = state_of(document, folder);
    record->seconds = json_number_value(json_object_get(document, "seconds"));
    take_text(document, "reason", record->reason, sizeof record->reason);
    take_text(document, "until", record->until, sizeof record->until);
    json_decref(document);
}
