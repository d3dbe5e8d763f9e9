/* run: the whole experiment, stage by stage; what is complete and unchanged is skipped. */
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/pipeline/plan.h"
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
    char folder[RUN_PATH]; /* the default */
    char stages[RUN_STAGE_NAMES];
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
static enum trm_status write_configuration(const struct run *run, struct trm_error *error) {
    char path[RUN_PATH];
    struct file_writer writer;
    enum trm_status status = run_path(run, "run.yaml", path, error);
    if (status == TRM_OK)
        status = file_check_output(path, true, true, error);
    char *const text = status == TRM_OK ? config_yaml(run->config) : NULL;
    if (status == TRM_OK && text == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory");
    if (status == TRM_OK)
        status = file_begin(&writer, path, error);
    if (status == TRM_OK) {
        fprintf(writer.stream, "# The configuration in force, of trm-router %s with %zu thread%s.\n%s",
                run->program, run->threads, run->threads == 1 ? "" : "s", text);
        status = file_commit(&writer, true, error);
    }
    free(text);
    return status;
}

/* What an interrupted task left may be damaged: then it is made again. Where it was begun with other settings
   (threads, say) it is kept, and the error says so. */
static enum trm_status work(const struct run *run, const struct run_task *task, enum run_mode mode,
                            struct trm_error *error) {
    const enum trm_status status = task->stage->work(run, task, mode, error);
    if (mode != RUN_RESUME || (status != TRM_FORMAT && status != TRM_NOT_FINITE))
        return status;
    cli_say("%s: cannot go on (%s); beginning again", task->name, error->text);
    return task->stage->work(run, task, RUN_AGAIN, error);
}

/* Refuse what can be refused before anything is written. A task that is complete needs no data: they may be gone. */
static enum trm_status check_all(const struct run *run, const struct run_task *tasks, size_t count,
                                 bool force, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; i < count && status == TRM_OK; i++) {
        struct run_stamp stamp;
        if (tasks[i].stage->check == NULL)
            continue;
        if (force || run_stamp_look(run, &tasks[i], &stamp, NULL) != TRM_OK || stamp.state != RUN_COMPLETE)
            status = tasks[i].stage->check(run, &tasks[i], error);
    }
    return status;
}

/* What another version made is kept, as it took long to make; that is said once. */
static void say_other_version(const struct run *run, const struct run_stamp *stamp, bool *said) {
    const bool other = stamp->program[0] != '\0' && strcmp(stamp->program, run->program) != 0;
    if (other && !*said)
        cli_say("what trm-router %s made here is kept, though this is %s; --force makes all again",
                stamp->program, run->program);
    *said = *said || other;
}

static enum trm_status run_task(const struct run *run, const struct run_task *task, bool force, bool *skipped,
                                bool *said, struct trm_error *error) {
    struct run_stamp stamp;
    enum trm_status status = run_stamp_look(run, task, &stamp, error);
    const enum run_state state = stamp.state;
    *skipped = status == TRM_OK && state == RUN_COMPLETE && !force;
    if (*skipped)
        say_other_version(run, &stamp, said);
    if (status != TRM_OK || *skipped)
        return status;
    const enum run_mode mode = force                     ? RUN_AGAIN
                               : state == RUN_UNFINISHED ? RUN_RESUME
                               : state == RUN_ABSENT     ? RUN_NEW
                                                         : RUN_AGAIN;
    if (mode == RUN_NEW)
        status = run_stamp_check_free(run, task, error);
    if (status == TRM_OK)
        status = run_stamp_write(run, task, false, error);
    if (status == TRM_OK)
        status = work(run, task, mode, error);
    if (status == TRM_OK)
        status = run_stamp_write(run, task, true, error);
    return status;
}

static int go_on_line(const struct trm_error *error, enum trm_status status) {
    if (status == TRM_STOPPED)
        return cli_fail("stopped; the same command goes on where it stopped");
    return cli_fail("%s", error->text);
}

static int run_all(const struct run *run, const struct request *r) {
    struct run_task *tasks;
    size_t count;
    struct trm_error error = {0};
    char duration[16];
    if (!run_plan(run, r->until, &tasks, &count))
        return cli_fail("out of memory");
    bool said = false;
    enum trm_status status = check_all(run, tasks, count, r->force, &error);
    if (status == TRM_OK)
        status = write_configuration(run, &error);
    for (size_t i = 0; i < count && status == TRM_OK; i++) {
        bool skipped;
        const double began = clock_seconds();
        cli_say("[%zu/%zu] %s", i + 1, count, tasks[i].name);
        status = run_task(run, &tasks[i], r->force, &skipped, &said, &error);
        if (status == TRM_OK && stop_signal() != 0)
            status = TRM_STOPPED;
        if (status == TRM_OK && skipped)
            cli_say("[%zu/%zu] %s: complete and unchanged, skipped", i + 1, count, tasks[i].name);
        else if (status == TRM_OK)
            cli_say("[%zu/%zu] %s: done in %s", i + 1, count, tasks[i].name,
                    progress_duration(clock_seconds() - began, duration));
    }
    const int result = status == TRM_OK ? run_table_print(run, tasks, count) : go_on_line(&error, status);
    free(tasks);
    return result;
}

static int configure(struct request *r, struct run *run) {
    struct trm_error error = {0};
    struct settings parts[RUN_PARTS];
    const size_t count = run_setup_parts(&run->setup, parts);
    if (config_read(&run->config, r->config, parts, count, (const char *const *)r->words.at, r->words.count,
                    &error) != TRM_OK)
        return cli_misuse("%s", error.text);
    const char *const wrong = run_setup_check(&run->setup);
    if (wrong != NULL)
        return cli_misuse("%s: %s", r->config, wrong);
    run->folder = r->output != NULL ? r->output : default_folder(r);
    return CLI_DONE;
}

int cmd_run(const struct command *self, int argc, char **argv) {
    struct request r = {.force = false};
    struct run run = {.program = TRM_VERSION};
    const struct setting table[] = {
        {"config", "FILE.yaml", SETTING_TEXT, offsetof(struct request, config), "configs/default.yaml", NULL,
         "the experiment; keys left out have their defaults"},
        {"output", "DIR", SETTING_TEXT, offsetof(struct request, output), "(results/ and the name of FILE)",
         NULL, "folder of the results"},
        {"until", "STAGE", SETTING_CHOICE, offsetof(struct request, until), "(the last)",
         run_stage_names(r.stages), "end after this stage"},
        {"force", NULL, SETTING_FLAG, offsetof(struct request, force), "", NULL, "make every stage again"},
        {"KEY=VALUE", NULL, SETTING_ARGUMENTS, offsetof(struct request, words), "", NULL,
         "override keys of FILE: collect.epochs=3 collect.solvers=admm,dual_ascent"},
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    int result = configure(&r, &run);
    if (result == CLI_DONE) {
        run.threads = machine_use_threads(run.setup.threads);
        machine_announce(run.threads);
        machine_announce_precision(run_settings_precision(&run.setup.collect.settings));
        stop_catch(STOP_LATER);
        result = run_all(&run, &r);
    }
    config_free(run.config);
    return result;
}
