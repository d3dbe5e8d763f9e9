/* collect: train with one solver and record the dynamics of every step. */
#include "cli/views/collect.h"
#include "cli/message.h"
#include "cli/options/run_options.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include "experiment/collect.h"

#include <stdio.h>
#include <string.h>

struct request {
    struct run_options run;
    struct collect_request collect;
    char output[128]; /* the default */
    bool json;
};

static int go(struct request *r) {
    struct data_info data;
    struct trm_error error = {0};
    struct collect_summary summary = {0};
    const size_t threads = machine_use_threads(r->run.settings.threads);
    const char *const wrong = run_options_settings(&r->run, threads, &r->collect.settings);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    if (r->collect.output == NULL) {
        snprintf(r->output, sizeof r->output, "results/%s-%zu.db", r->run.solver.name, r->run.seed);
        r->collect.output = r->output;
    }
    if (data_check(&r->collect.settings.data, &data, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    machine_announce(threads);
    machine_announce_precision(run_settings_precision(&r->collect.settings));
    struct collect_view view;
    const struct collect_watch watch = collect_view_begin(&view, &r->collect, &data);
    stop_catch(STOP_LATER);
    const enum trm_status status = collect_run(&r->collect, &watch, &summary, &error);
    collect_view_end(&view);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    return collect_view_print(&r->collect, &summary, r->json);
}

int cmd_collect(const struct command *self, int argc, char **argv) {
    struct request r = {.collect.program = TRM_VERSION};
    struct option table[RUN_OPTION_COUNT + 5];
    const struct option own[] = {
        {"output", "FILE.db", OPTION_TEXT, &r.collect.output, "(results/SOLVER-SEED.db)", NULL,
         "the store; the final weights go beside it"},
        {"checkpoint-every", "K", OPTION_COUNT, &r.collect.checkpoint_every, "200", "[1, 1e12]",
         "steps between checkpoints"},
        {"resume", NULL, OPTION_FLAG, &r.collect.resume, "", NULL,
         "go on from the last checkpoint, to the same bits"},
        {"force", NULL, OPTION_FLAG, &r.collect.force, "", NULL, "replace a run that is there"},
        {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON object instead of a table"},
    };
    r.run.settings = run_settings_default("quasi_newton");
    r.run.settings.threads = 0;
    run_options_table(&r.run, table);
    memcpy(table + RUN_OPTION_COUNT, own, sizeof own);
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.collect.resume && r.collect.force)
        return cli_misuse("--resume goes on with a run and --force replaces it: give one of them");
    return go(&r);
}
