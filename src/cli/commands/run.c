/* run: the whole experiment, stage by stage; what is complete and unchanged is skipped. */
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/pipeline/stages.h"
#include "cli/pipeline/table.h"
#include "cli/pipeline/tasks.h"
#include "cli/views/stop.h"
#include "cli/views/threading.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

struct request {
    const char *config, *output, *until;
    struct setting_arguments words;
    bool force, dry, print, json;
    char found[PATH_ROOM]; /* path of the configuration */
    char folder[256];      /* the default */
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

static int go_on_line(const struct trm_error *error, enum trm_status status) {
    if (status == TRM_STOPPED)
        return cli_fail("stopped; the same command goes on where it stopped");
    return cli_fail("%s", error->text);
}

static int run_all(const struct pipeline *pipeline, const struct request *r) {
    struct pipeline_tasks tasks;
    struct trm_error error = {0};
    enum trm_status status = pipeline_tasks_make(pipeline, r->until, &tasks)
                                 ? TRM_OK
                                 : trm_fail(&error, TRM_NO_MEMORY, "out of memory");
    if (status == TRM_OK)
        status = r->dry ? pipeline_foretell(pipeline, &tasks, r->force, &error)
                        : pipeline_do(pipeline, &tasks, r->until, r->force, &error);
    const int result = status != TRM_OK ? go_on_line(&error, status)
                       : r->dry         ? cli_flush_output(CLI_DONE)
                                        : pipeline_table_print(pipeline, &tasks, r->json);
    pipeline_tasks_free(&tasks);
    return result;
}

static bool is_there(struct request *r, const char *folder, const char *ending) {
    const int length = snprintf(r->found, sizeof r->found, "%s%s%s", folder, r->config, ending);
    return length > 0 && (size_t)length < sizeof r->found && file_exists(r->found);
}

/* As it is named; else by its name in configs/, and beside the program, as it is installed and as it is built. */
static bool find_configuration(struct request *r) {
    static const char *const below[] = {"/../share/trm-router/configs/", "/../../configs/"};
    static const char *const endings[] = {".yaml", ""};
    char program[PATH_ROOM], folder[PATH_ROOM + 64];
    if (is_there(r, "", ""))
        return true;
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *const slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    for (size_t e = 0; e < 2 && strchr(r->config, '/') == NULL; e++) {
        if (is_there(r, "configs/", endings[e]))
            return true;
        for (size_t i = 0; i < 2 && slash != NULL; i++) {
            snprintf(folder, sizeof folder, "%s%s", program, below[i]);
            if (is_there(r, folder, endings[e]))
                return true;
        }
    }
    return false;
}

static int configure(struct request *r, struct pipeline *pipeline) {
    struct trm_error error = {0};
    struct settings parts[PIPELINE_PARTS];
    const size_t count = pipeline_setup_parts(&pipeline->setup, parts);
    if (!find_configuration(r))
        return cli_misuse("%s: no such file, and no configuration of that name is installed; default and "
                          "demo come with the "
                          "program",
                          r->config);
    if (config_read(&pipeline->config, r->found, parts, count, (const char *const *)r->words.at,
                    r->words.count, &error) != TRM_OK)
        return cli_misuse("%s", error.text);
    const char *const wrong = pipeline_setup_check(&pipeline->setup, r->until);
    if (wrong != NULL)
        return cli_misuse("%s: %s", r->found, wrong);
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
        {"config", "FILE", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, config), "default",
         NULL,
         "the experiment: a file, or the name of one in configs/ or of those that are installed (default, "
         "demo)"},
        {"output", "DIR", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, output),
         "(results/ and the name of FILE)", NULL, "folder of the results"},
        {"until", "STAGE", SETTING_CHOICE | SETTING_IN(common), offsetof(struct request, until), "(the last)",
         pipeline_stage_names(r.stages), "end after this stage"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, force), "", NULL,
         "make every stage again"},
        {"dry-run", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, dry), "", NULL,
         "say what would be done and why, and do nothing"},
        {"print-config", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, print), "", NULL,
         "print the configuration in force, as YAML, and do nothing"},
        OPTION_JSON(offsetof(struct request, json), "object of what the stages came to"),
        {"KEY=VALUE", NULL, SETTING_ARGUMENTS, offsetof(struct request, words), "", NULL,
         "override keys of FILE: collect.epochs=3 collect.solvers=admm,dual_ascent"},
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.json && (r.dry || r.print))
        return cli_misuse("--json prints what came out, --%s what would: give one of them",
                          r.dry ? "dry-run" : "print-config");
    int result = configure(&r, &pipeline);
    if (result == CLI_DONE && r.print) {
        char *const text = config_yaml(pipeline.config);
        result = text != NULL ? CLI_DONE : cli_fail("out of memory for the configuration");
        printf("%s", text != NULL ? text : "");
        free(text);
        result = cli_flush_output(result);
    } else if (result == CLI_DONE) {
        pipeline.threads = threading_use(pipeline.setup.threads);
        threading_announce(pipeline.threads);
        threading_announce_precision(run_settings_precision(&pipeline.setup.collect.settings));
        take_fingerprint(&pipeline);
        stop_catch(STOP_LATER);
        result = run_all(&pipeline, &r);
    }
    config_free(pipeline.config);
    return result;
}
