/* Slurm: an array of tasks, a run to each, and a job after it that gathers. */
#include "cli/sweep/slurm.h"

#include "cli/diagnostics.h"
#include "cli/sweep/process.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NUMBER = 24 };

/* sbatch replaces %j and the like in the name of a log, and in the folder that it lies in; a backslash stops that and
   vanishes. Neither can be quoted in the folder. */
enum trm_status sweep_slurm_check(const char *output, struct trm_error *error) {
    char here[SWEEP_PATH];
    if (strpbrk(output, "%\\") != NULL)
        return trm_fail(error, TRM_INVALID,
                        "--output %s: sbatch reads '%%' and '\\' otherwise; choose another name", output);
    if (getcwd(here, sizeof here) != NULL && strpbrk(here, "%\\") != NULL)
        return trm_fail(error, TRM_INVALID,
                        "%s: sbatch reads '%%' and '\\' otherwise; start from another folder", here);
    return TRM_OK;
}

static enum trm_status no_memory(const struct sweep_start *start, struct trm_error *error) {
    return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its commands", start->folder->path);
}

/* Slurm keeps the script as it is submitted: its commands stand in it, where the next submission cannot change them.
   A run that a signal killed is put back, twice at most: it goes on from its checkpoint. */
static enum trm_status write_script(const struct sweep_start *start, const char *path,
                                    struct trm_error *error) {
    struct file_writer writer;
    enum trm_status status = file_begin(&writer, path, error);
    if (status != TRM_OK)
        return status;
    fputs("#!/bin/sh\ncase $SLURM_ARRAY_TASK_ID in\n", writer.stream);
    for (size_t i = 0; i < start->todo_count && status == TRM_OK; i++) {
        char *const line = sweep_folder_logged_command(start->folder, start->todo[i]);
        if (line != NULL)
            fprintf(writer.stream, "%zu) %s ;;\n", i + 1, line);
        else
            status = no_memory(start, error);
        free(line);
    }
    fputs("esac\n"
          "ended=$?\n"
          "if [ $ended -gt 128 ] && [ \"${SLURM_RESTART_COUNT:-0}\" -lt 2 ]; then\n"
          "    scontrol requeue \"${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\"\n"
          "fi\n"
          "exit $ended\n",
          writer.stream);
    if (status == TRM_OK)
        return file_commit(&writer, true, error);
    file_abandon(&writer);
    return status;
}

/* What sbatch printed, without its line feed and cluster, into number. */
static enum trm_status submit(struct words *words, const char *what, const char *answer, char number[NUMBER],
                              struct trm_error *error) {
    int ended = 0;
    void *text = NULL;
    size_t size;
    enum trm_status status = process_run(words, answer, NULL, &ended, error);
    if (status == TRM_OK && !(WIFEXITED(ended) && WEXITSTATUS(ended) == 0))
        status = trm_fail(error, TRM_IO, "sbatch: did not take %s; its own words are above", what);
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
    char text[SWEEP_PATH * 5], what[80], program[SWEEP_PATH];
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
    snprintf(what, sizeof what, "the job that gathers, after job %s, which it took", array);
    const enum trm_status status = submit(&words, what, answer, number, error);
    words_free(&words);
    free(program_word);
    free(folder);
    return status;
}

enum trm_status sweep_slurm_start(const struct sweep_start *start, struct trm_error *error) {
    char script[SWEEP_PATH], log[SWEEP_PATH], answer[SWEEP_PATH], text[64], array[NUMBER], gather[NUMBER];
    struct words words = {.count = 0};
    const char *const path = start->folder->path;
    if (snprintf(script, sizeof script, "%s/array.sh", path) >= SWEEP_PATH ||
        snprintf(log, sizeof log, "%s/slurm.log", path) >= SWEEP_PATH ||
        snprintf(answer, sizeof answer, "%s/sbatch.out", path) >= SWEEP_PATH)
        return trm_fail(error, TRM_INVALID, "--output: the path %.80s... is too long", path);
    enum trm_status status = write_script(start, script, error);
    if (status != TRM_OK)
        return status;
    add_common(&words, start, log);
    snprintf(text, sizeof text, start->jobs > 0 ? "--array=1-%zu%%%zu" : "--array=1-%zu", start->todo_count,
             start->jobs);
    words_add(&words, text);
    words_add(&words, "--requeue");
    words_add_number(&words, "--cpus-per-task", start->threads);
    words_add(&words, script);
    status = submit(&words, "the runs", answer, array, error);
    words_free(&words);
    if (status == TRM_OK)
        status = submit_gather(start, array, log, answer, gather, error);
    if (status == TRM_OK)
        cli_say("submitted as job %s, and job %s that gathers; `trm-router sweep status %s` says how they go",
                array, gather, path);
    return status;
}
