/* From a YAML file to the values of a configuration, with their lines. */
#include "cli/options/config_set.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { FILE_LIMIT = 1 << 20, DEPTH_LIMIT = 16 };

struct reader {
    struct config *config;
    const char *path;
    yaml_document_t document;
};

static struct config_place place_of(const struct reader *r, const yaml_node_t *node) {
    struct config_place place = {.line = node->start_mark.line + 1};
    snprintf(place.text, sizeof place.text, "%.230s:%zu", r->path, place.line);
    return place;
}

static const char *scalar(const yaml_node_t *node) {
    return (const char *)node->data.scalar.value;
}

/* A scalar that C can hold, without a tag of its own. */
static enum trm_status check_scalar(const struct reader *r, const yaml_node_t *node,
                                    struct trm_error *error) {
    const struct config_place place = place_of(r, node);
    if (strcmp((const char *)node->tag, YAML_STR_TAG) != 0)
        return trm_fail(error, TRM_INVALID, "%s: tags such as %.40s are not used here; leave it out",
                        place.text, (const char *)node->tag);
    if (strlen(scalar(node)) != node->data.scalar.length)
        return trm_fail(error, TRM_INVALID, "%s: holds a zero byte; take it out", place.text);
    return TRM_OK;
}

/* The name of a key: "section" or, within one, "section.name". */
static enum trm_status take_name(const struct reader *r, const yaml_node_t *key, struct trm_error *error) {
    if (key->type == YAML_SCALAR_NODE)
        return check_scalar(r, key, error);
    return trm_fail(error, TRM_INVALID, "%s: a key must be a name, not a list or a mapping",
                    place_of(r, key).text);
}

static enum trm_status take_item(const struct reader *r, const yaml_node_t *node,
                                 struct config_written *written, struct trm_error *error) {
    const struct config_place place = place_of(r, node);
    if (node->type != YAML_SCALAR_NODE)
        return trm_fail(error, TRM_INVALID, "%s: a list holds values only, not lists or mappings",
                        place.text);
    if (written->count == SETTING_LIST_MAX)
        return trm_fail(error, TRM_INVALID, "%s: the list has more than %d values", place.text,
                        SETTING_LIST_MAX);
    const bool quoted = node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    written->quoted[written->count] = quoted;
    written->items[written->count++] =
        !quoted && (strcmp(scalar(node), "~") == 0 || strcmp(scalar(node), "null") == 0) ? "" : scalar(node);
    return check_scalar(r, node, error);
}

static enum trm_status take_value(struct reader *r, size_t index, const yaml_node_t *key,
                                  const yaml_node_t *value, struct trm_error *error) {
    const struct config_place place = place_of(r, key);
    const struct setting_bound *const known = config_key_at(r->config, index);
    struct config_written written = {.list = value->type == YAML_SEQUENCE_NODE};
    enum trm_status status = TRM_OK;
    if (value->type == YAML_MAPPING_NODE)
        return trm_fail(error, TRM_INVALID, "%s: %s.%s takes a value, not a mapping", place.text,
                        known->section, known->row->name);
    if (!written.list)
        status = take_item(r, value, &written, error);
    else
        for (const yaml_node_item_t *i = value->data.sequence.items.start;
             i < value->data.sequence.items.top && status == TRM_OK; i++)
            status = take_item(r, yaml_document_get_node(&r->document, *i), &written, error);
    return status == TRM_OK ? config_set(r->config, index, &place, &written, error) : status;
}

static enum trm_status take_key(struct reader *r, const char *section, const yaml_node_t *key,
                                const yaml_node_t *value, struct trm_error *error) {
    char typed[256];
    const enum trm_status status = take_name(r, key, error);
    if (status != TRM_OK)
        return status;
    const size_t index = config_find(r->config, section, strlen(section), scalar(key));
    const struct config_place place = place_of(r, key);
    if (index < config_count(r->config))
        return take_value(r, index, key, value, error);
    snprintf(typed, sizeof typed, "%s.%.90s", section, scalar(key));
    return config_unknown(r->config, &place, typed, error);
}

static enum trm_status take_section(struct reader *r, const yaml_node_t *key, const yaml_node_t *value,
                                    struct trm_error *error) {
    const struct config_place place = place_of(r, key);
    enum trm_status status = take_name(r, key, error);
    if (status != TRM_OK)
        return status;
    if (!config_has_section(r->config, scalar(key)))
        return config_unknown(r->config, &place, scalar(key), error);
    if (value->type != YAML_MAPPING_NODE)
        return trm_fail(error, TRM_INVALID,
                        "%s: %s is a section: write its keys below it, indented, as 'name: value'",
                        place.text, scalar(key));
    for (const yaml_node_pair_t *p = value->data.mapping.pairs.start;
         p < value->data.mapping.pairs.top && status == TRM_OK; p++)
        status = take_key(r, scalar(key), yaml_document_get_node(&r->document, p->key),
                          yaml_document_get_node(&r->document, p->value), error);
    return status;
}

static enum trm_status take_document(struct reader *r, struct trm_error *error) {
    const yaml_node_t *const root = yaml_document_get_root_node(&r->document);
    const char *seen[SETTING_LIST_MAX];
    size_t sections = 0;
    enum trm_status status = TRM_OK;
    if (root == NULL)
        return trm_fail(error, TRM_INVALID, "%s: holds nothing; write sections with keys", r->path);
    if (root->type != YAML_MAPPING_NODE)
        return trm_fail(error, TRM_INVALID, "%s: must be sections with keys below them",
                        place_of(r, root).text);
    for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top && status == TRM_OK; p++) {
        const yaml_node_t *const key = yaml_document_get_node(&r->document, p->key);
        status = take_section(r, key, yaml_document_get_node(&r->document, p->value), error);
        for (size_t i = 0; i < sections && status == TRM_OK; i++)
            if (strcmp(seen[i], scalar(key)) == 0)
                status = trm_fail(error, TRM_INVALID, "%s: section %s comes twice; write it once",
                                  place_of(r, key).text, scalar(key));
        if (status == TRM_OK && sections < SETTING_LIST_MAX)
            seen[sections++] = scalar(key);
    }
    return status;
}

static enum trm_status syntax(const yaml_parser_t *parser, const char *path, struct trm_error *error) {
    if (parser->error == YAML_MEMORY_ERROR)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    if (parser->error == YAML_READER_ERROR)
        return trm_fail(error, TRM_FORMAT, "%s: is no text in UTF-8 (byte %zu: %s)", path,
                        parser->problem_offset,
                        parser->problem != NULL ? parser->problem : "it cannot be read");
    return trm_fail(error, TRM_FORMAT, "%s:%zu: is no YAML: %s", path, parser->problem_mark.line + 1,
                    parser->problem != NULL ? parser->problem : "it cannot be read");
}

/* Before anything is built from it: libyaml's time grows with the square of the depth of [ and { (a megabyte of [
   is not done in 20 s), and a configuration needs three levels. What else is wrong is said when it is read. */
static enum trm_status check_depth(const char *path, const void *text, size_t size, struct trm_error *error) {
    yaml_parser_t parser;
    yaml_event_t event;
    size_t depth = 0, line = 0;
    bool end = false;
    if (!yaml_parser_initialize(&parser))
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    yaml_parser_set_input_string(&parser, text, size);
    while (!end && line == 0 && yaml_parser_parse(&parser, &event)) {
        if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT)
            depth++;
        else if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT)
            depth--;
        if (depth > DEPTH_LIMIT)
            line = event.start_mark.line + 1;
        end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return line == 0
               ? TRM_OK
               : trm_fail(error, TRM_INVALID,
                          "%s:%zu: lists and mappings are nested more than %d deep; write sections with "
                          "keys and values",
                          path, line, DEPTH_LIMIT);
}

/* Nothing may follow the one document. */
static enum trm_status check_end(yaml_parser_t *parser, const char *path, struct trm_error *error) {
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return syntax(parser, path, error);
    const yaml_node_t *const root = yaml_document_get_root_node(&next);
    const size_t line = root != NULL ? root->start_mark.line + 1 : 0;
    yaml_document_delete(&next);
    return line == 0 ? TRM_OK
                     : trm_fail(error, TRM_INVALID, "%s:%zu: a second document begins; keep one", path, line);
}

enum trm_status config_read_file(struct config *config, const char *path, struct trm_error *error) {
    struct reader r = {.config = config, .path = path};
    yaml_parser_t parser;
    void *text;
    size_t size;
    enum trm_status status = file_read(path, FILE_LIMIT, &text, &size, error);
    if (status != TRM_OK)
        return status;
    status = check_depth(path, text, size, error);
    if (status == TRM_OK && !yaml_parser_initialize(&parser))
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory to read it", path);
    if (status != TRM_OK) {
        free(text);
        return status;
    }
    yaml_parser_set_input_string(&parser, text, size);
    if (yaml_parser_load(&parser, &r.document)) {
        status = take_document(&r, error);
        yaml_document_delete(&r.document);
        if (status == TRM_OK)
            status = check_end(&parser, path, error);
    } else {
        status = syntax(&parser, path, error);
    }
    yaml_parser_delete(&parser);
    free(text);
    return status;
}
