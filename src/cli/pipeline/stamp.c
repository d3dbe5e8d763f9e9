#include "cli/pipeline/stamp.h"

#include "storage/digest.h"
#include "storage/file.h"
#include "storage/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STAMP_LIMIT = 1 << 20 };

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

/* {name: SHA-1} of the files that patterns names; TRM_NOT_FOUND where one is not there. */
static enum trm_status hashes(const struct pipeline *pipeline, const struct pipeline_task *task,
                              const char *patterns, json_t **out, struct trm_error *error) {
    struct pipeline_names names;
    char path[PIPELINE_PATH], text[DIGEST_TEXT];
    enum trm_status status =
        pipeline_names_make(pipeline, task, patterns, &names) ? TRM_OK : no_memory(error);
    *out = json_object();
    for (size_t i = 0; i < names.count && status == TRM_OK; i++) {
        status = pipeline_path(pipeline, names.at[i], path, error);
        if (status != TRM_OK)
            break;
        if (!digest_file(path, text))
            status = trm_fail(error, TRM_NOT_FOUND, "%s: is not there or cannot be read", path);
        else
            json_put(out, names.at[i], json_text(text));
    }
    pipeline_names_free(&names);
    return status == TRM_OK && *out == NULL ? no_memory(error) : status;
}

static enum trm_status stamp_path(const struct pipeline *pipeline, const struct pipeline_task *task,
                                  char path[PIPELINE_PATH], struct trm_error *error) {
    char name[128];
    snprintf(name, sizeof name, "stages/%s.json", task->name);
    return pipeline_path(pipeline, name, path, error);
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

enum trm_status pipeline_stamp_look(const struct pipeline *pipeline, const struct pipeline_task *task,
                                    struct pipeline_stamp *found, struct trm_error *error) {
    char path[PIPELINE_PATH];
    json_t *inputs = NULL, *outputs = NULL;
    enum trm_status status = stamp_path(pipeline, task, path, error);
    *found = (struct pipeline_stamp){.state = STAMP_ABSENT};
    if (status != TRM_OK)
        return status;
    json_t *const stamp = read_stamp(path), *const wanted = part(pipeline, task->stage);
    if (stamp != NULL)
        status = hashes(pipeline, task, task->stage->inputs, &inputs, error);
    if (stamp != NULL && status == TRM_OK) {
        const bool same = json_equal(json_object_get(stamp, "configuration"), wanted) &&
                          json_equal(json_object_get(stamp, "inputs"), inputs) &&
                          same_data(pipeline, task->stage, stamp);
        const bool done = json_is_object(json_object_get(stamp, "outputs"));
        enum pipeline_state *const state = &found->state;
        const char *const program = json_string_value(json_object_get(stamp, "program"));
        snprintf(found->program, sizeof found->program, "%s", program != NULL ? program : "");
        *state = !same ? STAMP_CHANGED : done ? STAMP_COMPLETE : STAMP_UNFINISHED;
        if (*state == STAMP_COMPLETE &&
            (hashes(pipeline, task, task->stage->outputs, &outputs, NULL) != TRM_OK ||
             !json_equal(json_object_get(stamp, "outputs"), outputs)))
            *state = STAMP_CHANGED;
    }
    json_decref(stamp);
    json_decref(wanted);
    json_decref(inputs);
    json_decref(outputs);
    return status;
}

enum trm_status pipeline_stamp_check_free(const struct pipeline *pipeline, const struct pipeline_task *task,
                                          struct trm_error *error) {
    struct pipeline_names names;
    char path[PIPELINE_PATH];
    enum trm_status status =
        pipeline_names_make(pipeline, task, task->stage->outputs, &names) ? TRM_OK : no_memory(error);
    for (size_t i = 0; i < names.count && status == TRM_OK; i++) {
        status = pipeline_path(pipeline, names.at[i], path, error);
        if (status == TRM_OK && file_exists(path))
            status = trm_fail(
                error, TRM_EXISTS,
                "%s: lies there, and nothing says what made it; remove it, choose another --output", path);
    }
    pipeline_names_free(&names);
    return status;
}

enum trm_status pipeline_stamp_write(const struct pipeline *pipeline, const struct pipeline_task *task,
                                     bool done, struct trm_error *error) {
    char path[PIPELINE_PATH];
    json_t *inputs = NULL, *outputs = NULL;
    enum trm_status status = stamp_path(pipeline, task, path, error);
    if (status == TRM_OK)
        status = hashes(pipeline, task, task->stage->inputs, &inputs, error);
    if (status == TRM_OK && done)
        status = hashes(pipeline, task, task->stage->outputs, &outputs, error);
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
    json_decref(inputs);
    json_decref(outputs);
    return status;
}
