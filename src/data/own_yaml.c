/* data.yaml, which says what the files of a folder are where their names do not:

       name: flowers                # letters, digits, - _ .
       title: Flowers               # for people; left out: the name
       images: flowers.safetensors  # or the four idx files:
       train-images: a-images-idx3-ubyte.gz
       train-labels: a-labels-idx1-ubyte.gz
       test-images: ...
       test-labels: ... */
#include "data/source.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { KEY_NAME, KEY_TITLE, KEY_IMAGES, KEY_IDX, KEYS = KEY_IDX + SOURCE_OWN_FILES };
static const char *const keys[KEYS] = {"name",         "title",       "images",     "train-images",
                                       "train-labels", "test-images", "test-labels"};

/* The value of a pair into its place; places hold DATA_NAME or DATA_PATH letters. */
static enum trm_status take(const char *path, const yaml_node_t *key, const yaml_node_t *value,
                            char *const place[KEYS], struct trm_error *error) {
    const size_t line = key->start_mark.line + 1;
    if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE)
        return trm_fail(error, TRM_INVALID, "%s:%zu: write 'key: value'", path, line);
    const char *const name = (const char *)key->data.scalar.value, *const text =
                                                                       (const char *)value->data.scalar.value;
    for (int k = 0; k < KEYS; k++) {
        if (strcmp(name, keys[k]) != 0)
            continue;
        const size_t room = k <= KEY_TITLE ? DATA_NAME : DATA_PATH;
        if (place[k][0] != '\0')
            return trm_fail(error, TRM_INVALID, "%s:%zu: %s comes twice; give it once", path, line, name);
        if (text[0] == '\0' || strlen(text) != value->data.scalar.length || strlen(text) >= room)
            return trm_fail(error, TRM_INVALID, "%s:%zu: %s must be a text of 1 to %zu letters", path, line,
                            name, room - 1);
        snprintf(place[k], room, "%s", text);
        return TRM_OK;
    }
    return trm_fail(
        error, TRM_INVALID,
        "%s:%zu: unknown key '%.40s'; there are name, title, and images, or train-images, train-labels, "
        "test-images and test-labels",
        path, line, name);
}

static enum trm_status take_all(const char *path, yaml_document_t *document, char *const place[KEYS],
                                struct trm_error *error) {
    const yaml_node_t *const root = yaml_document_get_root_node(document);
    enum trm_status status = TRM_OK;
    if (root == NULL || root->type != YAML_MAPPING_NODE)
        return trm_fail(error, TRM_INVALID, "%s: must hold lines of 'key: value'", path);
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top && status == TRM_OK; p++)
        status = take(path, yaml_document_get_node(document, p->key),
                      yaml_document_get_node(document, p->value), place, error);
    return status;
}

enum trm_status own_check_name(const char *path, const char *name, struct trm_error *error) {
    for (size_t i = 0; i < data_known(); i++)
        if (strcmp(name, data_name(i)) == 0)
            return trm_fail(error, TRM_INVALID, "%s: %s is the name of a published data set; choose another",
                            path, name);
    return TRM_OK;
}

static enum trm_status check(const char *path, char *const place[KEYS], struct trm_error *error) {
    size_t idx = 0;
    for (int k = KEY_IDX; k < KEYS; k++)
        idx += place[k][0] != '\0';
    const bool tensors = place[KEY_IMAGES][0] != '\0';
    if (place[KEY_NAME][0] == '\0')
        return trm_fail(error, TRM_INVALID, "%s: lacks name; name the data set", path);
    if (strspn(place[KEY_NAME], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
        strlen(place[KEY_NAME]))
        return trm_fail(error, TRM_INVALID, "%s: name may have letters, digits, '-', '_' and '.' only", path);
    const enum trm_status named = own_check_name(path, place[KEY_NAME], error);
    if (named != TRM_OK)
        return named;
    if (tensors ? idx > 0 : idx < SOURCE_OWN_FILES)
        return trm_fail(
            error, TRM_INVALID,
            "%s: give either images (a safetensors file) or train-images, train-labels, test-images and "
            "test-labels",
            path);
    return TRM_OK;
}

static enum trm_status parse(const char *path, const void *text, size_t size, char *const place[KEYS],
                             struct trm_error *error) {
    yaml_parser_t parser;
    yaml_document_t document;
    enum trm_status status = TRM_OK;
    if (!yaml_parser_initialize(&parser))
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    yaml_parser_set_input_string(&parser, text, size);
    if (yaml_parser_load(&parser, &document)) {
        status = take_all(path, &document, place, error);
        yaml_document_delete(&document);
    } else {
        status = trm_fail(error, TRM_FORMAT, "%s:%zu: is no YAML: %s", path, parser.problem_mark.line + 1,
                          parser.problem != NULL ? parser.problem : "no memory");
    }
    yaml_parser_delete(&parser);
    return status;
}

enum trm_status own_read_yaml(const char *path, struct source_choice *c, struct trm_error *error) {
    char images[DATA_PATH] = "";
    void *text;
    size_t size;
    char *const place[KEYS] = {c->name, c->title, images, c->names[0], c->names[1], c->names[2], c->names[3]};
    enum trm_status status = file_read(path, OWN_YAML_LIMIT, &text, &size, error);
    if (status != TRM_OK)
        return status;
    status = parse(path, text, size, place, error);
    free(text);
    if (status == TRM_OK)
        status = check(path, place, error);
    if (status == TRM_OK && images[0] != '\0')
        memcpy(c->names[0], images, sizeof images);
    if (status == TRM_OK && c->title[0] == '\0')
        memcpy(c->title, c->name, sizeof c->title);
    return status;
}
