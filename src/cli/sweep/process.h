/* A program of somebody else, run to its end. */
#ifndef TRM_CLI_SWEEP_PROCESS_H
#define TRM_CLI_SWEEP_PROCESS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { WORDS_MAX = 64 };

/* Words of a command line, the last one NULL; begin with {0}. What does not fit, or finds no memory, is remembered and
   said by process_run. */
struct words {
    char *at[WORDS_MAX + 1];
    size_t count;
    bool failed;
};
void words_add(struct words *words, const char *text);
void words_add_pair(struct words *words, const char *name, const char *value);
void words_add_number(struct words *words, const char *name, size_t value);
void words_add_all(struct words *words, const char *text); /* text cut at its blanks; NULL is none */
void words_free(struct words *words);

/* What is done while one runs, a few times a second. */
struct process_watch {
    void (*look)(void *context);
    void *context;
};

/* Run the program words->at[0], its stdout into the file `output` (NULL: ours); *status as waitpid gives it. watch may
   be NULL. */
enum trm_status process_run(struct words *words, const char *output, const struct process_watch *watch,
                            int *status, struct trm_error *error);

#endif
