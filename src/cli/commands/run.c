/* run: the whole experiment, stage by stage; what is complete and unchanged is skipped. */
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/pipeline/record.h"
#include "cli/pipeline/stages.h"
#include "cli/pipeline/stamp.h"
#include "cli/pipeline/table.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include "base/clock.h"
#include "cli/views/progress.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *config, *output, *until;
    struct setting_arguments words;
    bool force;
    char folder[PIPELINE_PATH]; /* the default */
    char stages[PIPELINE_STAGE_NAMES];
};

/* results/NAME, with the name of the configuration file. */
static const char *default_folder(struct request *r) {
    const char *const slash = strrchr(r->config, '/'), *const name = slash != NULL ? slash + 1 : r->config;
    const char *const dot = strrchr(name, '.');
    const int length = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
    snprintf(r->folder, sizeof r->folder, "results/%.*s", length < 200 ? length : 200, name);
    return r->folder;
}

/* The effective configuration, which --config takes again, beside the results. */
static enum trm_status write_configuration(const struct pipeline *pipeline, struct trm_error *error) {
    char path[PIPELINE_PATH];
    struct file_writer writer;
    enum trm_status status = pipeline_path(pipeline, "run.yaml", path, error);
    if (status == TRM_OK)
        status = file_check_output(path, true, true, error);
    char *const text = status == TRM_OK ? config_yaml(pipeline->config) : NULL;
    if (status == TRM_OK && text == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory");
    if (status == TRM_OK)
        status = file_begin(&writer, path, error);
    if (status == TRM_OK) {
        fprintf(writer.stream, "# The configuration in force, of trm-router %s with %zu thread%s.\n%s",
                pipeline->program, pipeline->threads, pipeline->threads == 1 ? "" : "s", text);
        status = file_commit(&writer, true, error);
    }
    free(text);
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
static enum trm_status check_all(const struct pipeline *pipeline, const struct pipeline_task *tasks,
                                 size_t count, bool force, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; i < count && status == TRM_OK; i++) {
        struct pipeline_stamp stamp;
        if (tasks[i].stage->check == NULL)
            continue;
        if (force || pipeline_stamp_look(pipeline, &tasks[i], &stamp, NULL) != TRM_OK ||
            stamp.state != STAMP_COMPLETE)
            status = tasks[i].stage->check(pipeline, &tasks[i], error);
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
    const enum pipeline_mode mode = force                       ? PIPELINE_AGAIN
                                    : state == STAMP_UNFINISHED ? PIPELINE_RESUME
                                    : state == STAMP_ABSENT     ? PIPELINE_NEW
                                                                : PIPELINE_AGAIN;
    if (mode == PIPELINE_NEW)
        status = pipeline_stamp_check_free(pipeline, task, error);
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

static int go_on_line(const struct trm_error *error, enum trm_status status) {
    if (status == TRM_STOPPED)
        return cli_fail("stopped; the same command goes on where it stopped");
    return cli_fail("%s", error->text);
}

static int run_all(const struct pipeline *pipeline, const struct request *r) {
    struct pipeline_task *tasks;
    size_t count;
    struct trm_error error = {0};
    char duration[16];
    if (!pipeline_tasks(pipeline, r->until, &tasks, &count))
        return cli_fail("out of memory");
    bool said = false;
    struct lock lock;
    const double began = clock_seconds();
    enum trm_status status = check_all(pipeline, tasks, count, r->force, &error);
    if (status == TRM_OK)
        status = run_record_begin(pipeline->folder, r->until, &lock, &error);
    const bool recorded = status == TRM_OK;
    if (status == TRM_OK)
        status = write_configuration(pipeline, &error);
    for (size_t i = 0; i < count && status == TRM_OK; i++) {
        bool skipped;
        const double task_began = clock_seconds();
        cli_say("[%zu/%zu] %s", i + 1, count, tasks[i].name);
        status = run_task(pipeline, &tasks[i], r->force, &skipped, &said, &error);
        if (status == TRM_OK && stop_signal() != 0)
            status = TRM_STOPPED;
        if (status == TRM_OK && skipped)
            cli_say("[%zu/%zu] %s: complete and unchanged, skipped", i + 1, count, tasks[i].name);
        else if (status == TRM_OK)
            cli_say("[%zu/%zu] %s: done in %s", i + 1, count, tasks[i].name,
                    progress_duration(clock_seconds() - task_began, duration));
    }
    if (recorded)
        record_end(pipeline, r->until, status, &error, began, &lock);
    const int result =
        status == TRM_OK ? pipeline_table_print(pipeline, tasks, count) : go_on_line(&error, status);
    free(tasks);
    return result;
}

static int configure(struct request *r, struct pipeline *pipeline) {
    struct trm_error error = {0};
    struct settings parts[PIPELINE_PARTS];
    const size_t count = pipeline_setup_parts(&pipeline->setup, parts);
    if (config_read(&pipeline->config, r->config, parts, count, (const char *const *)r->words.at,
                    r->words.count, &error) != TRM_OK)
        return cli_misuse("%s", error.text);
    const char *const wrong = pipeline_setup_check(&pipeline->setup, r->until);
    if (wrong != NULL)
        return cli_misuse("%s: %s", r->config, wrong);
    pipeline->folder = r->output != NULL ? r->output : default_folder(r);
    return CLI_DONE;
}

/* Of the data as they are now; complete stages need none, so that it is no error where there are none. */
static void take_fingerprint(struct pipeline *pipeline) {
    struct data_set *set;
    if (data_load(&pipeline->setup.collect.settings.data, &set, NULL) != TRM_OK)
        return;
    memcpy(pipeline->fingerprint, set->fingerprint, sizeof pipeline->fingerprint);
    data_free(set);
}

int cmd_run(const struct command *self, int argc, char **argv) {
    struct request r = {.force = false};
    struct pipeline pipeline = {.program = TRM_VERSION};
    const struct setting table[] = {
        {"config", "FILE.yaml", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, config),
         "configs/default.yaml", NULL, "the experiment; keys left out have their defaults"},
        {"output", "DIR", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, output),
         "(results/ and the name of FILE)", NULL, "folder of the results"},
        {"until", "STAGE", SETTING_CHOICE | SETTING_IN(common), offsetof(struct request, until), "(the last)",
         pipeline_stage_names(r.stages), "end after this stage"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, force), "", NULL,
         "make every stage again"},
        {"KEY=VALUE", NULL, SETTING_ARGUMENTS, offsetof(struct request, words), "", NULL,
         "override keys of FILE: collect.epochs=3 collect.solvers=admm,dual_ascent"},
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    int result = configure(&r, &pipeline);
    if (result == CLI_DONE) {
        pipeline.threads = machine_use_threads(pipeline.setup.threads);
        machine_announce(pipeline.threads);
        machine_announce_precision(run_settings_precision(&pipeline.setup.collect.settings));
        take_fingerprint(&pipeline);
        stop_catch(STOP_LATER);
        result = run_all(&pipeline, &r);
    }
    config_free(pipeline.config);
    return result;
}
