/* Configuration from a YAML file and from key=value words, checked against a table of keys.

   A file is a mapping of sections, each a mapping of keys to one value or a list of values:

       collect:
         solvers: [dual_ascent, admm]
         epochs: 30

   The key there is called collect.epochs, and the word collect.epochs=3 overrides it. Unknown and repeated
   keys, values of another kind and values out of range are errors that name the file, the line and the
   nearest key. */
#ifndef TRM_CLI_OPTIONS_CONFIG_H
#define TRM_CLI_OPTIONS_CONFIG_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* kind: target, and what it takes. */
enum config_kind {
    CONFIG_FLAG,    /* bool *: true or false, also on or off */
    CONFIG_COUNT,   /* size_t *: a whole number within range */
    CONFIG_REAL,    /* double *: a finite number within range */
    CONFIG_TEXT,    /* const char **: a text that is not empty */
    CONFIG_CHOICE,  /* const char **: one of range */
    CONFIG_CHOICES, /* struct config_words *: a list of such, each once, one at least */
    CONFIG_COUNTS /* struct config_counts *: a list of whole numbers within range, each once, one at least */
};

enum { CONFIG_LIST_MAX = 64 };

struct config_words {
    const char *at[CONFIG_LIST_MAX];
    size_t count;
};

struct config_counts {
    size_t at[CONFIG_LIST_MAX];
    size_t count;
};

struct config_key {
    const char *section, *name; /* "collect", "epochs"; sections stand together */
    enum config_kind kind;
    void *target;
    /* Used where the key is not given, written as in an override: "30", "admm,dual_ascent". "" or words in
       parentheses, "(all)": the target keeps what it holds. */
    const char *fallback;
    const char *range; /* numbers: "[1, 1000000]"; choices: "a|b|c"; else NULL */
    const char *help;  /* a sentence without full stop */
};

/* What was read. Texts in the targets are its own: free it last. */
struct config;

/* Read path (NULL: no file), then the words, and set every target. The table must outlive *out. On failure
   *out is NULL, *error says where and what, and the targets are undefined. */
enum trm_status config_read(struct config **out, const char *path, const struct config_key *keys,
                            size_t key_count, const char *const *words, size_t word_count,
                            struct trm_error *error);
void config_free(struct config *config); /* NULL is fine */

/* The value of key `index` in one spelling, so that equal values have equal texts ("0.1", "42, 43", "true");
   NULL where the target kept what it held. */
const char *config_value(const struct config *config, size_t index);

/* Was key `index` in the file or among the words? */
bool config_given(const struct config *config, size_t index);

/* Everything as a YAML text that config_read takes and that means the same; keys without a value as
   comments. free() it. NULL: out of memory. */
char *config_yaml(const struct config *config);

#endif
