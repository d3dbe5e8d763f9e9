/* A setting exists once: as a row of a table beside the struct that it fills. From such tables come options of
   the command line, keys of the configuration file, help, the configuration that is stored with a run, and the
   comparison of two of them.

       static const struct setting table[] = {
           {"epochs", "N", SETTING_COUNT, offsetof(struct request, epochs), "30", "[1, 1000000]", "passes"},
           {"json", NULL, SETTING_FLAG | SETTING_LINE, offsetof(struct request, json), "", NULL, "print JSON"},
       };
       const struct settings parts[] = {{SETTINGS(table), &request}}; */
#ifndef TRM_STORAGE_SETTINGS_H
#define TRM_STORAGE_SETTINGS_H

#include "base/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* kind: the field, what it takes. */
enum setting_kind {
    SETTING_FLAG,     /* bool: true or false; on the command line given or not */
    SETTING_ON_OFF,   /* bool: on or off, also true or false */
    SETTING_COUNT,    /* size_t or uint64_t: a whole number within range */
    SETTING_REAL,     /* double: a finite number within range */
    SETTING_TEXT,     /* const char *: a text that is not empty */
    SETTING_CHOICE,   /* const char *: one of range */
    SETTING_ENUM,     /* an enum: the place in range */
    SETTING_CHOICES,  /* struct setting_words: a list, each of range and once, one at least */
    SETTING_COUNTS,   /* struct setting_counts: a list of whole numbers within range, likewise */
    SETTING_ARGUMENT, /* const char *: a word without a name, in the order of the table */
    SETTING_ARGUMENTS /* struct setting_arguments: all further words without a name; last in the table */
};

/* Beside the kind: */
enum {
    SETTING_KINDS = 15,
    SETTING_LINE = 1 << 4,     /* of the command line only: names of files, --json */
    SETTING_SOLVER = 1 << 5,   /* solver and budget: what tells runs of one experiment apart */
    SETTING_SEED = 1 << 6,     /* chance: likewise */
    SETTING_FREE = 1 << 7,     /* may differ between runs that are compared, beside those two */
    SETTING_UNSTORED = 1 << 8, /* decides no bits and tells nothing of them: is not stored */
    SETTING_FACT = 1 << 9,     /* is stored, but cannot be set: versions, fingerprints */
    SETTING_STEP = 1 << 10     /* decides how far a step goes: may be changed where a run diverged */
};
/* Where help shows it; what is in none of these stands under "Other options". SETTING_IN(common), beside the kind. */
#define SETTING_GROUP_LIST(X)                                                                                \
    X(common, "Common options")                                                                              \
    X(solver, "Inner solver")                                                                                \
    X(optimiser, "Optimiser")                                                                                \
    X(network, "Network")                                                                                    \
    X(data, "Data")                                                                                          \
    X(router, "Router")                                                                                      \
    X(oracle, "Oracle and split")                                                                            \
    X(evaluation, "Evaluation")                                                                              \
    X(output, "Output")
enum setting_group {
    SETTING_GROUP_other,
#define X(name, title) SETTING_GROUP_##name,
    SETTING_GROUP_LIST(X)
#undef X
        SETTING_GROUP_COUNT
};
enum { SETTING_GROUP_SHIFT = 12 };
#define SETTING_IN(group) ((unsigned)SETTING_GROUP_##group << SETTING_GROUP_SHIFT)

enum { SETTING_COMPARED_FREELY = SETTING_SOLVER | SETTING_SEED | SETTING_FREE };

struct setting {
    const char *name;  /* "max-iter"; of an argument what help calls it: "INPUT.safetensors" */
    const char *value; /* what help calls its value: "N"; NULL for flags and arguments */
    unsigned kind;     /* an enum setting_kind, with what stands beside it */
    size_t offset;     /* of the field */
    /* NULL: must be given. "" or words in parentheses, "(by solver)": the field keeps what it holds; a flag
       is false. Anything else is parsed as if it had been given. */
    const char *fallback;
    /* Numbers: "[1, 1000000]", "(0, inf)", brackets as in mathematics. Choices: "a|b|c". Else NULL. */
    const char *range;
    const char *help; /* a sentence without full stop */
};

/* A table and what it fills. */
struct settings {
    const struct setting *rows;
    size_t count;
    void *target;
    const char *section; /* of the configuration file, and heading of help; may be NULL */
    unsigned without;    /* rows with one of these beside their kind are left out */
};
#define SETTINGS(table) (table), sizeof(table) / sizeof *(table)

enum { SETTING_LIST_MAX = 64, SETTING_DESCRIPTION = 320, SETTING_SPELLING = 32 };
struct setting_words {
    const char *at[SETTING_LIST_MAX];
    size_t count;
};
struct setting_counts {
    size_t at[SETTING_LIST_MAX];
    size_t count;
};
struct setting_arguments {
    char **at; /* not owned */
    size_t count;
};

#define SETTING_SEED_RANGE "[0, 9007199254740992]" /* to 2^53: what JSON and SQLite keep */

/* One row and its field. */
struct setting_bound {
    const struct setting *row;
    void *field;
    const char *section;
};

/* The rows of all parts, at most `size`, into bound; their number. */
size_t settings_bind(const struct settings *parts, size_t part_count, struct setting_bound *bound,
                     size_t size);

enum setting_kind setting_kind(const struct setting *row);
enum setting_group setting_group(const struct setting *row);
const char *setting_group_title(enum setting_group group);
bool setting_is_list(const struct setting *row);
bool setting_is_argument(const struct setting *row);
/* Has it a fallback that is parsed? */
bool setting_has_default(const struct setting *row);

/* text, as item `at` of a list or the one value, into the field, which may point to it. False where it is not
   of the kind or out of range; a number is then left alone. */
bool setting_store(const struct setting_bound *setting, const char *text, size_t at);
/* Item `at` of a number, flag or switch in one spelling, so that equal values have equal texts; "" for others,
   which are as they were written. */
void setting_spell(const struct setting_bound *setting, size_t at, char text[SETTING_SPELLING]);
/* What a value must be, in words: "a whole number in [1, 1000000]". */
void setting_describe(const struct setting *row, char text[SETTING_DESCRIPTION]);

/* Every row that is stored, as members of object: true or false, numbers, texts, or null. False: no memory. */
bool settings_json(const struct settings *part, json_t *object);

/* May this member of a stored configuration differ between runs that are compared? which: of
   SETTING_COMPARED_FREELY. Members that are in no row may not. */
bool settings_may_differ(const struct settings *part, const char *name, unsigned which);

#endif
