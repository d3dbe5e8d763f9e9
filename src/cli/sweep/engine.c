#include "cli/sweep/engine.h"

#include "cli/diagnostics.h"
#include "cli/sweep/account.h"
#include "cli/sweep/process.h"
#include "cli/sweep/slurm.h"
#include "cli/views/progress.h"
#include "cli/views/stop.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HOSTS_LIMIT = 1 << 20 };

/* The commands of what is to be done, one a line, into folder/commands. */
static enum trm_status write_commands(const struct sweep_start *start, char path[SWEEP_PATH],
                                      struct trm_error *error) {
    struct file_writer writer;
    if (snprintf(path, SWEEP_PATH, "%s/commands", start->folder->path) >= SWEEP_PATH)
        return trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", start->folder->path);
    enum trm_status status = file_begin(&writer, path, error);
    if (status != TRM_OK)
        return status;
    for (size_t i = 0; i < start->todo_count && status == TRM_OK; i++) {
        char *const line = sweep_folder_logged_command(start->folder, start->todo[i]);
        if (line == NULL)
            status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its commands", start->folder->path);
        else
            fprintf(writer.stream, "%s\n", line);
        free(line);
    }
    if (status == TRM_OK)
        return file_commit(&writer, true, error);
    file_abandon(&writer);
    return status;
}

struct sweep_view {
    const struct sweep_folder *folder;
    struct progress progress;
};

static void look(void *context) {
    struct sweep_view *const view = context;
    char note[64];
    snprintf(note, sizeof note, "%zu at work", sweep_account_count(view->folder, RUN_RUNNING));
    progress_update(&view->progress, sweep_account_count(view->folder, RUN_DONE), note);
}

/* Runs that are asked to stop save first: a minute for that. A run that failed is tried again, and goes on from its
   checkpoint; which ones failed at the end the folders say. */
static enum trm_status start_parallel(const struct sweep_start *start, bool remote, struct trm_error *error) {
    char commands[SWEEP_PATH], log[SWEEP_PATH], here[SWEEP_PATH], hosts[SWEEP_PATH + 2];
    struct words words = {.count = 0};
    struct sweep_view view = {.folder = start->folder};
    int ended = 0;
    progress_begin(&view.progress, "sweep", "run", sweep_account_count(start->folder, RUN_DONE),
                   start->folder->count, false);
    enum trm_status status = write_commands(start, commands, error);
    if (status == TRM_OK && snprintf(log, sizeof log, "%s/jobs.log", start->folder->path) >= SWEEP_PATH)
        status = trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", start->folder->path);
    if (status != TRM_OK)
        return status;
    words_add(&words, "parallel");
    words_add(&words, "--will-cite");
    words_add_pair(&words, "--arg-file", commands);
    words_add_pair(&words, "--joblog", log);
    words_add_pair(&words, "--termseq", "INT,60000,TERM,5000,KILL,100");
    words_add_number(&words, "--retries", start->tries);
    if (start->jobs > 0)
        words_add_number(&words, "--jobs", start->jobs);
    if (remote) {
        snprintf(hosts, sizeof hosts, "%s%s", start->hosts[0] == '/' ? "" : "./", start->hosts);
        words_add_pair(&words, "--sshloginfile", hosts); /* "-" and ".." alone mean other things to it */
        if (getcwd(here, sizeof here) != NULL)
            words_add_pair(&words, "--workdir", here);
    }
    words_add_all(&words, start->options);
    status = process_run(&words, NULL, &(struct process_watch){look, &view}, &ended, error);
    progress_clear(&view.progress);
    words_free(&words);
    if (status == TRM_OK && stop_signal() != 0)
        return trm_fail(error, TRM_STOPPED, "stopped; the same command goes on where it stopped");
    /* 1 to 101: so many jobs failed; the account names them */
    if (status == TRM_OK && WIFEXITED(ended) && WEXITSTATUS(ended) > 101)
        status = trm_fail(error, TRM_IO, "parallel: ended with status %d; its own words are above",
                          WEXITSTATUS(ended));
    return status;
}

static enum trm_status print_commands(const struct sweep_start *start, struct trm_error *error) {
    for (size_t i = 0; i < start->todo_count; i++) {
        char *const line = sweep_folder_command(start->folder, start->todo[i]);
        if (line == NULL)
            return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its commands", start->folder->path);
        printf("%s\n", line);
        free(line);
    }
    return cli_flush_output(0) == 0 ? TRM_OK : trm_fail(error, TRM_IO, "the list is not whole");
}

/* ---- all ---- */

static bool on_path(const char *program) {
    char name[SWEEP_PATH];
    const char *at = getenv("PATH");
    while (at != NULL && *at != '\0') {
        const size_t length = strcspn(at, ":");
        snprintf(name, sizeof name, "%.*s/%s", (int)length, at, program);
        if (access(name, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

/* parallel takes a file without hosts for this machine, and one that is no text for a defect of its own. */
static enum trm_status check_hosts(const char *path, struct trm_error *error) {
    void *bytes = NULL;
    size_t size, hosts = 0, line = 1;
    bool begun = false;
    enum trm_status status = strlen(path) < SWEEP_PATH
                                 ? file_read(path, HOSTS_LIMIT, &bytes, &size, error)
                                 : trm_fail(error, TRM_INVALID, "--hosts: the path is too long");
    if (status != TRM_OK)
        return status;
    const unsigned char *const text = bytes;
    for (size_t i = 0; i < size && status == TRM_OK; i++) {
        if (text[i] == '\n') {
            begun = false;
            line++;
        } else if ((text[i] < ' ' && text[i] != '\t') || text[i] > '~') {
            status = trm_fail(error, TRM_FORMAT,
                              "%s:%zu: holds a byte that is no plain text; write a line for each host: "
                              "[cores/]host",
                              path, line);
        } else if (!begun && text[i] != ' ' && text[i] != '\t') {
            begun = true;
            hosts += text[i] != '#';
        }
    }
    free(bytes);
    if (status == TRM_OK && hosts == 0)
        status = trm_fail(error, TRM_FORMAT,
                          "%s: names no host; write a line for each: [cores/]host, ':' for this one", path);
    return status;
}

enum trm_status sweep_engine_check(const char *engine, const char *output, const char *hosts,
                                   struct trm_error *error) {
    const bool slurm = strcmp(engine, "slurm") == 0, list = strcmp(engine, "list") == 0,
               ssh = strcmp(engine, "ssh") == 0;
    const char *const program = slurm ? "sbatch" : "parallel";
    if (!list && !on_path(program))
        return trm_fail(error, TRM_NOT_FOUND, "--engine %s needs %s; install %s, or take --engine list",
                        engine, program, slurm ? "Slurm (slurm-client)" : "GNU parallel (parallel)");
    if (ssh != (hosts != NULL))
        return trm_fail(error, TRM_INVALID,
                        ssh ? "--engine ssh needs --hosts FILE, a line for each host: [cores/]host"
                            : "--hosts is for --engine ssh");
    if (slurm)
        return sweep_slurm_check(output, error);
    return ssh ? check_hosts(hosts, error) : TRM_OK;
}

enum trm_status sweep_engine_start(const char *engine, const struct sweep_start *start,
                                   struct trm_error *error) {
    if (strcmp(engine, "list") == 0)
        return print_commands(start, error);
    if (strcmp(engine, "slurm") == 0)
        return sweep_slurm_start(start, error);
    return start_parallel(start, strcmp(engine, "ssh") == 0, error);
}
