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
    const char *items[CONFIG_LIST_MAX];
    bool quoted[CONFIG_LIST_MAX]; /* in quotes: a text, whatever it looks like */
    size_t count;
    bool list; /* false: one item */
};

/* The key of a section, by its first `length` letters; the number of keys where there is none. */
size_t config_find(const struct config *config, const char *section, size_t length, const char *name);
bool config_has_section(const struct config *config, const char *section);
size_t config_count(const struct config *config);
const struct config_key *config_key_at(const struct config *config, size_t index);

/* "unknown key", and what was probably meant. */
enum trm_status config_unknown(const struct config *config, const struct config_place *place,
                               const char *typed, struct trm_error *error);

/* Check a value and set its target. A key that comes twice in the file, or twice among the words, is refused.
 */
enum trm_status config_set(struct config *config, size_t index, const struct config_place *place,
                           const struct config_written *written, struct trm_error *error);

/* What a value of this key must be, in words. */
enum { CONFIG_DESCRIPTION = 320 };
void config_describe(const struct config_key *key, char *text, size_t size);

/* Item `at` of a value into its place in the key's target, which may point to copy, and its one spelling into
   text (empty: as it is). False where it is not of the kind. */
bool config_store_item(const struct config_key *key, const char *copy, bool quoted, size_t at, char text[32]);

/* Every key of the file. */
enum trm_status config_read_file(struct config *config, const char *path, struct trm_error *error);

#endif
