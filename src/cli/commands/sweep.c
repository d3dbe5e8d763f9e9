/* sweep: many runs, by an engine that exists. */
#include "base/threads.h"
#include "cli/diagnostics.h"
#include "cli/options/help.h"
#include "cli/options/options.h"
#include "cli/sweep/account.h"
#include "cli/sweep/engine.h"
#include "cli/sweep/gather.h"
#include "cli/views/stop.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request {
    const char *plan, *engine, *output, *hosts, *options;
    size_t jobs, tries;
    bool dry_run;
};

/* The cores there are, shared out. */
static size_t threads_of(const struct request *r) {
    const size_t cores = threads_available(), jobs = r->jobs > 0 ? r->jobs : cores;
    return cores > jobs ? cores / jobs : 1;
}

static void say_plan(const struct request *r, const struct sweep_plan *plan) {
    printf("%zu run%s, until %s:\n", plan->count, plan->count == 1 ? "" : "s", plan->until);
    for (size_t i = 0; i < plan->count; i++) {
        printf("    ");
        cli_put(r->output);
        printf("/%s\n", plan->runs[i].name);
    }
}

/* On other hosts runs that were asked to stop outlive the engine by what saving takes. others: at work before. */
static void await_stops(const struct sweep_folder *folder, size_t others) {
    for (int tenths = 0; tenths < 600 && sweep_account_count(folder, RUN_RUNNING) > others; tenths++)
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

/* The account of what has ended; 1 where not all is done. */
static int finish(const struct sweep_folder *folder, bool ended) {
    const int printed = sweep_account_print(folder, false, ended);
    const size_t done = sweep_account_count(folder, RUN_DONE);
    if (printed == CLI_DONE && done < folder->count)
        return cli_fail("%zu of %zu runs are not done; the same command goes on with them",
                        folder->count - done, folder->count);
    if (printed == CLI_DONE)
        cli_say("next: `trm-router sweep gather %s`, then `trm-router report --results %s`", folder->path,
                folder->path);
    return printed;
}

static enum trm_status start(const struct request *r, const struct sweep_folder *folder,
                             struct trm_error *error) {
    size_t *const todo = malloc(folder->count * sizeof *todo);
    if (todo == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its runs", folder->path);
    const struct sweep_start what = {.folder = folder,
                                     .todo = todo,
                                     .todo_count = sweep_account_todo(folder, todo),
                                     .jobs = r->jobs,
                                     .threads = threads_of(r),
                                     .tries = r->tries,
                                     .hosts = r->hosts,
                                     .options = r->options};
    if (what.todo_count < folder->count)
        cli_say("%zu of %zu runs are done or at work", folder->count - what.todo_count, folder->count);
    const enum trm_status status = what.todo_count > 0 ? sweep_engine_start(r->engine, &what, error) : TRM_OK;
    free(todo);
    return status;
}

static int sweep(const struct request *r, const struct sweep_plan *plan) {
    struct sweep_folder folder;
    struct trm_error error = {0};
    size_t changed;
    enum trm_status status = sweep_folder_write(r->output, plan, &changed, &error);
    if (status == TRM_OK)
        status = sweep_folder_read(&folder, r->output, &error);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    if (changed > 0)
        cli_say("%zu run%s other settings than before, and begin%s again", changed,
                changed == 1 ? " has" : "s have", changed == 1 ? "s" : "");
    const bool waits = strcmp(r->engine, "local") == 0 || strcmp(r->engine, "ssh") == 0;
    const size_t at_work = sweep_account_count(&folder, RUN_RUNNING);
    stop_catch(waits ? STOP_LATER : STOP_AT_ONCE);
    status = start(r, &folder, &error);
    int result = CLI_DONE;
    if (waits && (status == TRM_OK || status == TRM_STOPPED)) {
        if (status == TRM_STOPPED)
            await_stops(&folder, at_work);
        result = finish(&folder, status == TRM_OK);
    } else if (status != TRM_OK)
        result = cli_fail("%s", error.text);
    sweep_folder_free(&folder);
    return result;
}

static int run_sweep(const struct command *self, int argc, char **argv) {
    struct request r = {.dry_run = false};
    const struct setting table[] = {
        {"PLAN.yaml", NULL, SETTING_ARGUMENT, offsetof(struct request, plan), NULL, NULL,
         "a configuration of run, with lists of alternatives"},
        {"output", "DIR", SETTING_TEXT, offsetof(struct request, output), NULL, NULL,
         "folder of the sweep, with one below it for each run"},
        {"engine", "NAME", SETTING_CHOICE | SETTING_IN(common), offsetof(struct request, engine), "local",
         SWEEP_ENGINES,
         "what starts the runs: GNU parallel here or on hosts, Slurm, or a list for any other"},
        {"jobs", "N", SETTING_COUNT | SETTING_IN(common), offsetof(struct request, jobs), "(one a core)",
         "[1, 10000]", "runs at a time (ssh: on each host); the cores are shared out"},
        {"tries", "N", SETTING_COUNT | SETTING_IN(common), offsetof(struct request, tries), "2", "[1, 100]",
         "local and ssh: start a run that fails up to N times"},
        {"hosts", "FILE", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, hosts), "(none)", NULL,
         "ssh: a line for each host, [cores/]host; they see the same folders"},
        {"engine-options", "WORDS", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, options),
         "(none)", NULL, "given to parallel or sbatch as well: \"--partition=long --time=60\""},
        {"dry-run", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, dry_run), "", NULL,
         "say which runs there would be, and write nothing"},
    };
    struct sweep_plan plan;
    struct trm_error error = {0};
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    for (const char *c = r.output; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            return cli_misuse("--output: the name holds a control character; choose another");
    if (r.output[0] == '+')
        return cli_misuse("--output %s: GNU parallel reads the '+' otherwise; write ./%s", r.output,
                          r.output);
    if (sweep_plan_read(&plan, r.plan, threads_of(&r), &error) != TRM_OK)
        return cli_misuse("%s", error.text);
    int result = CLI_DONE;
    if (sweep_engine_check(r.engine, r.output, r.hosts, &error) != TRM_OK)
        result = cli_misuse("%s", error.text);
    else if (r.dry_run) {
        say_plan(&r, &plan);
        result = cli_flush_output(CLI_DONE);
    } else
        result = sweep(&r, &plan);
    sweep_plan_free(&plan);
    return result;
}

struct folder_request {
    const char *folder, *output;
    bool json, force;
};

static int run_status(const struct command *self, int argc, char **argv) {
    struct folder_request r = {.json = false};
    struct sweep_folder folder;
    struct trm_error error = {0};
    const struct setting table[] = {
        {"DIR", NULL, SETTING_ARGUMENT, offsetof(struct folder_request, folder), NULL, NULL,
         "the --output of a sweep"},
        {"json", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct folder_request, json), "", NULL,
         "print one JSON document"},
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (sweep_folder_read(&folder, r.folder, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    const int result = sweep_account_print(&folder, r.json, false);
    sweep_folder_free(&folder);
    return result;
}

static int run_gather(const struct command *self, int argc, char **argv) {
    struct folder_request r = {.force = false};
    char name[SWEEP_PATH];
    struct trm_error error = {0};
    struct sweep_gathered gathered;
    const struct setting table[] = {
        {"DIR", NULL, SETTING_ARGUMENT, offsetof(struct folder_request, folder), NULL, NULL,
         "the --output of a sweep"},
        {"output", "FILE.db", SETTING_TEXT | SETTING_IN(common), offsetof(struct folder_request, output),
         "(DIR/gathered.db)", NULL, "one store of all runs"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct folder_request, force), "", NULL,
         "overwrite FILE"},
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.output == NULL && snprintf(name, sizeof name, "%s/gathered.db", r.folder) >= SWEEP_PATH)
        return cli_fail("%.80s...: the path is too long", r.folder);
    const char *const output = r.output != NULL ? r.output : name;
    if (sweep_gather(r.folder, output, r.force, &gathered, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    if (gathered.left > 0)
        cli_say("%zu run%s not done and left out", gathered.left, gathered.left == 1 ? " is" : "s are");
    cli_put(output);
    printf(": %zu stores of %zu runs\n", gathered.stores, gathered.runs);
    return cli_flush_output(CLI_DONE);
}

static const struct command verbs[] = {
    {"sweep status", run_status, "how the runs of a sweep go", NULL, "sweep status results/radii"},
    {"sweep gather", run_gather, "one store of all the runs that are done", NULL,
     "sweep gather results/radii"},
};

int cmd_sweep(const struct command *self, int argc, char **argv) {
    if (argc > 0 && (strcmp(argv[0], "status") == 0 || strcmp(argv[0], "gather") == 0))
        return command_dispatch("trm-router sweep", verbs, sizeof verbs / sizeof *verbs, argc, argv);
    if (argc == 1 && help_is_format(argv[0])) {
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            verbs[i].run(&verbs[i], argc, argv);
        help_first_words(strchr(argv[0], '=') + 1, self->name, verbs, sizeof verbs / sizeof *verbs, true);
    }
    return run_sweep(self, argc, argv);
}
