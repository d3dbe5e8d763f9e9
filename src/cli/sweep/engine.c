#include "cli/sweep/engine.h"

#include "cli/diagnostics.h"
#include "cli/sweep/process.h"
#include "cli/views/stop.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBER = 24 };

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

/* Runs that are asked to stop save first: a minute for that. A run that failed is tried again, and goes on from its
   checkpoint; which ones failed at the end the folders say. */
static enum trm_status start_parallel(const struct sweep_start *start, bool remote, struct trm_error *error) {
    char commands[SWEEP_PATH], log[SWEEP_PATH], here[SWEEP_PATH];
    struct words words = {.count = 0};
    int ended = 0;
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
        words_add_pair(&words, "--sshloginfile", start->hosts);
        if (getcwd(here, sizeof here) != NULL)
            words_add_pair(&words, "--workdir", here);
    }
    if (isatty(STDERR_FILENO) != 0)
        words_add(&words, "--bar");
    words_add_all(&words, start->options);
    status = process_run(&words, NULL, &ended, error);
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

/* ---- Slurm ---- */

/* One line of commands to a task. A run that a signal killed is put back, twice at most: it goes on from its
   checkpoint. */
static const char *const array_script =
    "#!/bin/sh\n"
    "line=$(sed -n \"${SLURM_ARRAY_TASK_ID}p\" %s)\n"
    "sh -c \"$line\"\n"
    "ended=$?\n"
    "if [ $ended -gt 128 ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt 2 ]; then\n"
    "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
    "fi\n"
    "exit $ended\n";

static enum trm_status write_script(const char *path, const char *commands, struct trm_error *error) {
    char text[SWEEP_PATH * 5];
    char *const word = sweep_shell_word(commands);
    if (word == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for it", path);
    snprintf(text, sizeof text, array_script, word);
    free(word);
    return file_write(path, text, strlen(text), true, error);
}

/* What sbatch printed, without its line feed and cluster, into number. */
static enum trm_status submit(struct words *words, const char *answer, char number[NUMBER],
                              struct trm_error *error) {
    int ended = 0;
    void *text = NULL;
    size_t size;
    enum trm_status status = process_run(words, answer, &ended, error);
    if (status == TRM_OK && !(WIFEXITED(ended) && WEXITSTATUS(ended) == 0))
        status = trm_fail(error, TRM_IO, "sbatch: did not take the runs; its own words are above");
    if (status == TRM_OK)
        status = file_read(answer, 4096, &text, &size, error);
    unlink(answer);
    if (status == TRM_OK) {
        snprintf(number, NUMBER, "%s", (const char *)text);
        number[strspn(number, "0123456789")] = '\0';
        if (number[0] == '\0')
            status = trm_fail(error, TRM_IO, "sbatch: printed no number of a job");
    }
    free(text);
    return status;
}

static void add_common(struct words *words, const struct sweep_start *start, const char *log) {
    words_add(words, "sbatch");
    words_add(words, "--parsable");
    words_add_pair(words, "--output", log);
    words_add(words, "--open-mode=append");
    words_add_all(words, start->options);
}

static enum trm_status submit_gather(const struct sweep_start *start, const char *array, const char *log,
                                     const char *answer, char number[NUMBER], struct trm_error *error) {
    struct words words = {.count = 0};
    char text[SWEEP_PATH * 5], program[SWEEP_PATH];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *const program_word = sweep_shell_word(length > 0 ? program : "trm-router"),
                *const folder = sweep_shell_word(start->folder->path);
    add_common(&words, start, log);
    snprintf(text, sizeof text, "--dependency=afterany:%s", array);
    words_add(&words, text);
    snprintf(text, sizeof text, "%s sweep gather %s --force", program_word != NULL ? program_word : "",
             folder != NULL ? folder : "");
    words_add_pair(&words, "--wrap", text);
    words.failed = words.failed || program_word == NULL || folder == NULL;
    const enum trm_status status = submit(&words, answer, number, error);
    words_free(&words);
    free(program_word);
    free(folder);
    return status;
}

static enum trm_status start_slurm(const struct sweep_start *start, struct trm_error *error) {
    char commands[SWEEP_PATH], script[SWEEP_PATH + 16], log[SWEEP_PATH + 16], answer[SWEEP_PATH + 16],
        text[64];
    char array[NUMBER], gather[NUMBER];
    struct words words = {.count = 0};
    enum trm_status status = write_commands(start, commands, error);
    snprintf(script, sizeof script, "%s/array.sh", start->folder->path);
    snprintf(log, sizeof log, "%s/slurm.log", start->folder->path);
    snprintf(answer, sizeof answer, "%s/sbatch.out", start->folder->path);
    if (status == TRM_OK)
        status = write_script(script, commands, error);
    if (status != TRM_OK)
        return status;
    add_common(&words, start, log);
    snprintf(text, sizeof text, start->jobs > 0 ? "--array=1-%zu%%%zu" : "--array=1-%zu", start->todo_count,
             start->jobs);
    words_add(&words, text);
    words_add(&words, "--requeue");
    words_add_number(&words, "--cpus-per-task", start->threads);
    words_add(&words, script);
    status = submit(&words, answer, array, error);
    words_free(&words);
    if (status == TRM_OK)
        status = submit_gather(start, array, log, answer, gather, error);
    if (status == TRM_OK)
        cli_say("submitted as job %s, and job %s that gathers; `trm-router sweep status %s` says how they go",
                array, gather, start->folder->path);
    return status;
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

enum trm_status sweep_engine_check(const char *engine, const char *hosts, struct trm_error *error) {
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
    return ssh && !file_exists(hosts) ? trm_fail(error, TRM_NOT_FOUND, "%s: no such file", hosts) : TRM_OK;
}

enum trm_status sweep_engine_start(const char *engine, const struct sweep_start *start,
                                   struct trm_error *error) {
    if (strcmp(engine, "list") == 0)
        return print_commands(start, error);
    if (strcmp(engine, "slurm") == 0)
        return start_slurm(start, error);
    return start_parallel(start, strcmp(engine, "ssh") == 0, error);
}
