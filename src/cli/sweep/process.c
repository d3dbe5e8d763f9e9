#include "cli/sweep/process.h"

#include "cli/views/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

void words_add(struct words *words, const char *text) {
    char *const copy = words->count < WORDS_MAX ? strdup(text) : NULL;
    words->failed = words->failed || copy == NULL;
    if (copy != NULL)
        words->at[words->count++] = copy;
}

void words_add_pair(struct words *words, const char *name, const char *value) {
    words_add(words, name);
    words_add(words, value);
}

void words_add_number(struct words *words, const char *name, size_t value) {
    char text[24];
    snprintf(text, sizeof text, "%zu", value);
    words_add_pair(words, name, text);
}

void words_add_all(struct words *words, const char *text) {
    char *const copy = strdup(text != NULL ? text : ""), *rest = NULL;
    words->failed = words->failed || copy == NULL;
    for (char *word = copy != NULL ? strtok_r(copy, " ", &rest) : NULL; word != NULL;
         word = strtok_r(NULL, " ", &rest))
        words_add(words, word);
    free(copy);
}

void words_free(struct words *words) {
    for (size_t i = 0; i < words->count; i++)
        free(words->at[i]);
}

/* Ctrl-C reaches the engine too, and it is waited for. SIGTERM and SIGHUP may have come to this process alone: the
   engine is asked to stop as by Ctrl-C, so that its runs save. */
static int wait_for(pid_t child, const struct process_watch *watch, int *status) {
    bool told = false;
    for (size_t turn = 1;; turn++) {
        const pid_t ended = waitpid(child, status, WNOHANG);
        if (ended != 0)
            return ended < 0 ? errno : 0;
        if (!told && stop_signal() != 0 && stop_signal() != SIGINT) {
            kill(child, SIGINT);
            told = true;
        }
        if (watch != NULL && turn % 8 == 0)
            watch->look(watch->context);
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
}

enum trm_status process_run(struct words *words, const char *output, const struct process_watch *watch,
                            int *status, struct trm_error *error) {
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int rc = words->failed ? ENOMEM : posix_spawn_file_actions_init(&actions);
    if (rc == 0) {
        if (output != NULL)
            rc = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output,
                                                  O_WRONLY | O_CREAT | O_TRUNC, 0666);
        if (rc == 0)
            rc = posix_spawnp(&child, words->at[0], &actions, NULL, words->at, environ);
        posix_spawn_file_actions_destroy(&actions);
    }
    if (rc == 0)
        rc = wait_for(child, watch, status);
    return rc == 0 ? TRM_OK
                   : trm_fail(error, rc == ENOMEM ? TRM_NO_MEMORY : TRM_IO, "%s: cannot be started: %s",
                              words->count > 0 ? words->at[0] : "the engine", strerror(rc));
}
