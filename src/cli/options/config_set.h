/* Between the reader of YAML and the table of keys; used in this room only. */
#ifndef TRM_CLI_OPTIONS_CONFIG_SET_H
#define TRM_CLI_OPTIONS_CONFIG_SET_H

#include "cli/options/config.h"

/* Where a value stands, for messages: "demo.yaml:7", or the word itself. line: in the file, 0 for a word. */
struct config_place {
    char text[256];
    size_t line;
};

/* A value as it was written. */
struct config_written {
    const char *items[SETTING_LIST_MAX];
    bool quoted[SETTING_LIST_MAX]; /* in quotes: a text, whatever it looks like */
    size_t count;
    bool list; /* false: one item */
};

/* The key of a section, by its first `length` letters; the number of keys where there is none. */
size_t config_find(const struct config *config, const char *section, size_t length, const char *name);
bool config_has_section(const struct config *config, const char *section);

/* "section.key" */
enum { CONFIG_KEY_NAME = 128 };
const char *config_key_name(const struct setting_bound *key, char name[CONFIG_KEY_NAME]);

/* "unknown key", and what was probably meant. */
enum trm_status config_unknown(const struct config *config, const struct config_place *place,
                               const char *typed, struct trm_error *error);

/* Check a value and set its field. A key that comes twice in the file, or twice among the words, is refused.
 */
enum trm_status config_set(struct config *config, size_t index, const struct config_place *place,
                           const struct config_written *written, struct trm_error *error);

/* Every key of the file. */
enum trm_status config_read_file(struct config *config, const char *path, struct trm_error *error);

#endif
