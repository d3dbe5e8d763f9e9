#include "cli/pipeline/stamp.h"

#include "storage/digest.h"
#include "storage/file.h"
#include "storage/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAMP_LIMIT = 1 << 20, CHANGED = sizeof((struct pipeline_stamp *)0)->changed };

static enum trm_status no_memory(struct trm_error *error) {
    return trm_fail(error, TRM_NO_MEMORY, "out of memory for a stage's stamp");
}

static bool has_word(const char *words, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

/* Keys that do not decide what a task makes: solvers and seeds of collect are in the names of its files, and
   checkpoints change no bits. */
static bool decides(const struct setting_bound *key) {
    const char *const name = key->row->name;
    return strcmp(key->section, "collect") != 0 ||
           (strcmp(name, "solvers") != 0 && strcmp(name, "seeds") != 0 &&
            strcmp(name, "checkpoint-every") != 0);
}

/* The part of the configuration that decides this stage. */
static json_t *part(const struct pipeline *pipeline, const struct pipeline_stage *stage) {
    json_t *object = json_object();
    char name[128];
    for (size_t i = 0; i < config_count(pipeline->config); i++) {
        const struct setting_bound *const key = config_key_at(pipeline->config, i);
        if (!has_word(stage->sections, key->section) || !decides(key) ||
            config_value(pipeline->config, i) == NULL)
            continue;
        snprintf(name, sizeof name, "%s.%s", key->section, key->row->name);
        json_put(&object, name, json_text(config_value(pipeline->config, i)));
    }
    return object;
}

/* Was this made from the data set that is there now? A stage that trains networks reads it. Where the data are
   gone, or the stamp is of a version that did not say, there is nothing to compare. */
static bool same_data(const struct pipeline *pipeline, const struct pipeline_stage *stage,
                      const json_t *stamp) {
    const char *const was = json_string_value(json_object_get(stamp, "data"));
    return !has_word(stage->sections, "collect") || was == NULL || was[0] == '\0' ||
           pipeline->fingerprint[0] == '\0' || strcmp(was, pipeline->fingerprint) == 0;
}

/* {name: SHA-1} of the files; TRM_NOT_FOUND where one is not there. */
static enum trm_status hashes(const struct pipeline *pipeline, const struct pipeline_files *files,
                              json_t **out, struct trm_error *error) {
    char text[DIGEST_TEXT];
    *out = json_object();
    for (size_t i = 0; i < files->count; i++) {
        if (!digest_file(files->at[i], text))
            return trm_fail(error, TRM_NOT_FOUND, "%s: is not there or cannot be read", files->at[i]);
        json_put(out, pipeline_name(pipeline, files->at[i]), json_text(text));
    }
    return *out == NULL ? no_memory(error) : TRM_OK;
}

static char *stamp_path(const struct pipeline *pipeline, const struct pipeline_task *task) {
    char name[128];
    snprintf(name, sizeof name, "stages/%s.json", task->name);
    return pipeline_path(pipeline, name);
}

/* The stamp that lies there; NULL where there is none that can be read. */
static json_t *read_stamp(const char *path) {
    void *text;
    size_t size;
    if (file_read(path, STAMP_LIMIT, &text, &size, NULL) != TRM_OK)
        return NULL;
    json_t *const stamp = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    return stamp;
}

/* The first setting that differs, as "train.epochs 5 to 6". */
static bool setting_changed(const json_t *was, const json_t *is, char text[CHANGED]) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)is, name, value) {
        const char *const before = json_string_value(json_object_get(was, name));
        if (json_equal(json_object_get(was, name), value))
            continue;
        snprintf(text, CHANGED, "%.60s %.40s to %.40s", name, before != NULL ? before : "(not set)",
                 json_string_value(value));
        return true;
    }
    json_object_foreach((json_t *)(uintptr_t)was, name, value) if (json_object_get(is, name) == NULL) {
        snprintf(text, CHANGED, "%.60s is no longer set", name);
        return true;
    }
    return false;
}

/* The first file whose hash is not what it was. */
static bool file_changed(const json_t *was, const json_t *is, const char *how, char text[CHANGED]) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)is, name,
                        value) if (!json_equal(json_object_get(was, name), value)) {
        snprintf(text, CHANGED, "%.100s %s", name, how);
        return true;
    }
    return !json_equal(was, is) && snprintf(text, CHANGED, "its files have other names") > 0;
}

static void compare(const struct pipeline *pipeline, const struct pipeline_task *task, const json_t *stamp,
                    const json_t *inputs, struct pipeline_stamp *found) {
    json_t *const wanted = part(pipeline, task->stage), *outputs = NULL;
    const json_t *const made = json_object_get(stamp, "outputs");
    const char *const program = json_string_value(json_object_get(stamp, "program"));
    struct trm_error missing = {.text = ""};
    found->state = STAMP_CHANGED;
    snprintf(found->program, sizeof found->program, "%s", program != NULL ? program : "");
    if (setting_changed(json_object_get(stamp, "configuration"), wanted, found->changed) ||
        file_changed(json_object_get(stamp, "inputs"), inputs, "is another", found->changed))
        ;
    else if (!same_data(pipeline, task->stage, stamp))
        snprintf(found->changed, CHANGED, "the data set is another");
    else if (!json_is_object(made))
        found->state = STAMP_UNFINISHED;
    else if (hashes(pipeline, &task->outputs, &outputs, &missing) != TRM_OK)
        snprintf(found->changed, CHANGED, "%.150s", missing.text);
    else if (!file_changed(made, outputs, "is not as it was made", found->changed))
        found->state = STAMP_COMPLETE;
    json_decref(wanted);
    json_decref(outputs);
}

enum trm_status pipeline_stamp_look(const struct pipeline *pipeline, const struct pipeline_task *task,
                                    struct pipeline_stamp *found, struct trm_error *error) {
    char *const path = stamp_path(pipeline, task);
    json_t *const stamp = path != NULL ? read_stamp(path) : NULL, *inputs = NULL;
    enum trm_status status = path != NULL ? TRM_OK : no_memory(error);
    *found = (struct pipeline_stamp){.state = STAMP_ABSENT};
    if (stamp != NULL && (status = hashes(pipeline, &task->inputs, &inputs, error)) == TRM_OK)
        compare(pipeline, task, stamp, inputs, found);
    json_decref(stamp);
    json_decref(inputs);
    free(path);
    return status;
}

enum trm_status pipeline_stamp_check_free(const struct pipeline_task *task, struct trm_error *error) {
    for (size_t i = 0; i < task->outputs.count; i++)
        if (file_exists(task->outputs.at[i]))
            return trm_fail(
                error, TRM_EXISTS,
                "%s: lies there, and nothing says what made it; remove it, choose another --output",
                task->outputs.at[i]);
    return TRM_OK;
}

enum trm_status pipeline_stamp_write(const struct pipeline *pipeline, const struct pipeline_task *task,
                                     bool done, struct trm_error *error) {
    char *const path = stamp_path(pipeline, task);
    json_t *inputs = NULL, *outputs = NULL;
    enum trm_status status =
        path != NULL ? hashes(pipeline, &task->inputs, &inputs, error) : no_memory(error);
    if (status == TRM_OK && done)
        status = hashes(pipeline, &task->outputs, &outputs, error);
    const bool reads_data = has_word(task->stage->sections, "collect");
    json_t *const stamp = json_pack("{s:s, s:s, s:s, s:o, s:O*, s:O*, s:s*}", "stage", task->stage->name,
                                    "program", pipeline->program, "state", done ? "done" : "begun",
                                    "configuration", part(pipeline, task->stage), "inputs", inputs, "outputs",
                                    outputs, "data", reads_data ? pipeline->fingerprint : NULL);
    char *const text = json_finish(stamp, JSON_INDENT(2));
    if (status == TRM_OK)
        status = text != NULL ? file_check_output(path, true, true, error) : no_memory(error);
    if (status == TRM_OK)
        status = file_write(path, text, strlen(text), true, error);
    free(text);
    free(path);
    json_decref(inputs);
    json_decref(outputs);
    return status;
}
