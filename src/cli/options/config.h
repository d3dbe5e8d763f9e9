/* Configuration from a YAML file and from key=value words, checked against tables of settings.

   A file is a mapping of sections, each a mapping of keys to one value or a list of values:

       collect:
         solvers: [dual_ascent, admm]
         epochs: 30

   The key there is called collect.epochs, and the word collect.epochs=3 overrides it. Unknown and repeated
   keys, values of another kind and values out of range are errors that name the file, the line and the
   nearest key. */
#ifndef TRM_CLI_OPTIONS_CONFIG_H
#define TRM_CLI_OPTIONS_CONFIG_H

#include "storage/settings.h"

/* What was read. Texts in the fields are its own: free it last. */
struct config;

/* Read path (NULL: no file), then the words, and set every field of the parts; each has a section, and parts of
   one section stand together. On failure *out is NULL, *error says where and what, and the fields are
   undefined. */
enum trm_status config_read(struct config **out, const char *path, const struct settings *parts,
                            size_t part_count, const char *const *words, size_t word_count,
                            struct trm_error *error);
void config_free(struct config *config); /* NULL is fine */

/* The same from a file alone, where a key of one value may have a list of them: alternatives. Its field is then the
   last one; config_items has all. */
enum trm_status config_read_plan(struct config **out, const char *path, const struct settings *parts,
                                 size_t part_count, struct trm_error *error);
/* The values of key `index`, each in one spelling, and their number: 0 where the field kept what it held. */
size_t config_items(const struct config *config, size_t index, char *const **items);

/* How many keys there are, and what key `index` is. */
size_t config_count(const struct config *config);
const struct setting_bound *config_key_at(const struct config *config, size_t index);

/* The value of key `index` in one spelling, so that equal values have equal texts ("0.1", "42, 43", "true");
   NULL where the field kept what it held. */
const char *config_value(const struct config *config, size_t index);

/* Was key `index` in the file or among the words? */
bool config_given(const struct config *config, size_t index);

/* Everything as a YAML text that config_read takes and that means the same; keys without a value as
   comments. free() it. NULL: out of memory. */
char *config_yaml(const struct config *config);

#endif
