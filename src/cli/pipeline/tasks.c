#include "cli/pipeline/tasks.h"

#include "base/clock.h"
#include "cli/diagnostics.h"
#include "cli/pipeline/record.h"
#include "cli/pipeline/stamp.h"
#include "cli/views/progress.h"
#include "cli/views/stop.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The effective configuration, which --config takes again, beside the results. */
static enum trm_status write_configuration(const struct pipeline *pipeline, struct trm_error *error) {
    struct file_writer writer;
    char *const path = pipeline_path(pipeline, "run.yaml"), *const text = config_yaml(pipeline->config);
    enum trm_status status = path != NULL && text != NULL ? file_check_output(path, true, true, error)
                                                          : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    if (status == TRM_OK)
        status = file_begin(&writer, path, error);
    if (status == TRM_OK) {
        fprintf(writer.stream, "# The configuration in force, of trm-router %s with %zu thread%s.\n%s",
                pipeline->program, pipeline->threads, pipeline->threads == 1 ? "" : "s", text);
        status = file_commit(&writer, true, error);
    }
    free(text);
    free(path);
    return status;
}

/* What an interrupted task left may be damaged: then it is made again. Where it was begun with other settings
   (threads, say) it is kept, and the error says so. */
static enum trm_status work(const struct pipeline *pipeline, const struct pipeline_task *task,
                            enum pipeline_mode mode, struct trm_error *error) {
    const enum trm_status status = task->stage->work(pipeline, task, mode, error);
    if (mode != PIPELINE_RESUME || (status != TRM_FORMAT && status != TRM_NOT_FINITE))
        return status;
    cli_say("%s: cannot go on (%s); beginning again", task->name, error->text);
    return task->stage->work(pipeline, task, PIPELINE_AGAIN, error);
}

/* Refuse what can be refused before anything is written. A task that is complete needs no data: they may be gone. */
static enum trm_status check_all(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                                 bool force, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; i < tasks->count && status == TRM_OK; i++) {
        const struct pipeline_task *const task = &tasks->at[i];
        struct pipeline_stamp stamp;
        if (task->stage->check != NULL &&
            (force || pipeline_stamp_look(pipeline, task, &stamp, NULL) != TRM_OK ||
             stamp.state != STAMP_COMPLETE))
            status = task->stage->check(pipeline, task, error);
    }
    return status;
}

/* What another version made is kept, as it took long to make; that is said once. */
static void say_other_version(const struct pipeline *pipeline, const struct pipeline_stamp *stamp,
                              bool *said) {
    const bool other = stamp->program[0] != '\0' && strcmp(stamp->program, pipeline->program) != 0;
    if (other && !*said)
        cli_say("what trm-router %s made here is kept, though this is %s; --force makes all again",
                stamp->program, pipeline->program);
    *said = *said || other;
}

static enum trm_status run_task(const struct pipeline *pipeline, const struct pipeline_task *task, bool force,
                                bool *skipped, bool *said, struct trm_error *error) {
    struct pipeline_stamp stamp;
    enum trm_status status = pipeline_stamp_look(pipeline, task, &stamp, error);
    const enum pipeline_state state = stamp.state;
    *skipped = status == TRM_OK && state == STAMP_COMPLETE && !force;
    if (*skipped)
        say_other_version(pipeline, &stamp, said);
    if (status != TRM_OK || *skipped)
        return status;
    if (state == STAMP_CHANGED && !force)
        cli_say("%s: made again: %s", task->name, stamp.changed);
    const enum pipeline_mode mode = force                       ? PIPELINE_AGAIN
                                    : state == STAMP_UNFINISHED ? PIPELINE_RESUME
                                    : state == STAMP_ABSENT     ? PIPELINE_NEW
                                                                : PIPELINE_AGAIN;
    if (mode == PIPELINE_NEW)
        status = pipeline_stamp_check_free(task, error);
    if (status == TRM_OK)
        status = pipeline_stamp_write(pipeline, task, false, error);
    if (status == TRM_OK)
        status = work(pipeline, task, mode, error);
    if (status == TRM_OK)
        status = pipeline_stamp_write(pipeline, task, true, error);
    return status;
}

/* What `sweep status` will say of it. */
static void record_end(const struct pipeline *pipeline, const char *until, enum trm_status status,
                       const struct trm_error *error, double began, struct lock *lock) {
    struct run_record record = {.state = status == TRM_OK        ? RUN_DONE
                                         : status == TRM_STOPPED ? RUN_STOPPED
                                                                 : RUN_FAILED,
                                .seconds = clock_seconds() - began};
    snprintf(record.until, sizeof record.until, "%s", until != NULL ? until : "");
    if (record.state == RUN_FAILED)
        snprintf(record.reason, sizeof record.reason, "%s", error->text);
    run_record_end(pipeline->folder, &record, lock);
}

static enum trm_status do_all(const struct pipeline *pipeline, const struct pipeline_tasks *tasks, bool force,
                              struct trm_error *error) {
    bool said = false;
    char duration[16];
    enum trm_status status = write_configuration(pipeline, error);
    for (size_t i = 0; i < tasks->count && status == TRM_OK; i++) {
        const char *const name = tasks->at[i].name;
        const double began = clock_seconds();
        bool skipped;
        cli_say("[%zu/%zu] %s", i + 1, tasks->count, name);
        status = run_task(pipeline, &tasks->at[i], force, &skipped, &said, error);
        if (status == TRM_OK && stop_signal() != 0)
            status = TRM_STOPPED;
        if (status == TRM_OK && skipped)
            cli_say("[%zu/%zu] %s: complete and unchanged, skipped", i + 1, tasks->count, name);
        else if (status == TRM_OK)
            cli_say("[%zu/%zu] %s: done in %s", i + 1, tasks->count, name,
                    progress_duration(clock_seconds() - began, duration));
    }
    return status;
}

enum trm_status pipeline_do(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                            const char *until, bool force, struct trm_error *error) {
    struct lock lock;
    const double began = clock_seconds();
    enum trm_status status = check_all(pipeline, tasks, force, error);
    if (status == TRM_OK)
        status = run_record_begin(pipeline->folder, until, &lock, error);
    if (status != TRM_OK)
        return status;
    status = do_all(pipeline, tasks, force, error);
    record_end(pipeline, until, status, error, began, &lock);
    return status;
}

/* The first of the task's inputs that a task before it, of those to be made, writes; NULL: none. */
static const char *made_before(const struct pipeline_tasks *tasks, size_t index, const bool *to_make) {
    const struct pipeline_files *const inputs = &tasks->at[index].inputs;
    for (size_t i = 0; i < index; i++)
        for (size_t o = 0; to_make[i] && o < tasks->at[i].outputs.count; o++)
            for (size_t k = 0; k < inputs->count; k++)
                if (strcmp(inputs->at[k], tasks->at[i].outputs.at[o]) == 0)
                    return inputs->at[k];
    return NULL;
}

enum trm_status pipeline_foretell(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                                  bool force, struct trm_error *error) {
    bool *const to_make = calloc(tasks->count, sizeof *to_make);
    enum trm_status status = to_make != NULL ? check_all(pipeline, tasks, force, error)
                                             : trm_fail(error, TRM_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < tasks->count && status == TRM_OK; i++) {
        struct pipeline_stamp stamp = {.state = STAMP_ABSENT};
        const char *const input = made_before(tasks, i, to_make);
        const bool known = pipeline_stamp_look(pipeline, &tasks->at[i], &stamp, NULL) == TRM_OK;
        printf("[%zu/%zu] %s: ", i + 1, tasks->count, tasks->at[i].name);
        to_make[i] = force || input != NULL || !known || stamp.state != STAMP_COMPLETE;
        if (!to_make[i])
            printf("complete and unchanged, to be skipped\n");
        else if (force)
            printf("to be made again: --force\n");
        else if (known && stamp.state == STAMP_CHANGED)
            printf("to be made again: %s\n", stamp.changed);
        else if (known && stamp.state == STAMP_ABSENT)
            printf("to be made\n");
        else if (input != NULL)
            printf("to be made again unless %s comes out as it was\n", pipeline_name(pipeline, input));
        else
            printf("%s\n", known ? "to go on where it was interrupted" : "to be made again");
    }
    free(to_make);
    return status;
}
