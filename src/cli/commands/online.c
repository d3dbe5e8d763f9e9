/* online: train with a router that picks the solver of every step. */
#include "cli/views/online.h"
#include "cli/message.h"
#include "cli/options/run_options.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { OWN_OPTIONS = 11, ONLINE_OPTIONS = RUN_OPTION_COUNT - RUN_SOLVER_OPTIONS + OWN_OPTIONS };

struct request {
    struct run_options run;
    struct online_request online;
    const char *seeds;
    char output[128]; /* the default */
    bool json;
};

static void own_options(struct request *r, struct option rows[OWN_OPTIONS]) {
    const struct option own[OWN_OPTIONS] = {
        {"router", "FILE", OPTION_TEXT, &r->online.router, NULL, NULL, "the router: a file made by train"},
        {"interval", "K", OPTION_COUNT, &r->online.interval, "1", "[1, 1e9]",
         "choose at every K-th step; between them the last choice stands"},
        {"halt", NULL, OPTION_FLAG, &r->online.halt, "", NULL,
         "the router ends its cycles early where its halting head says so"},
        {"baselines", NULL, OPTION_FLAG, &r->online.baselines, "", NULL,
         "also random choice and every solver that the router knows, on the same seeds"},
        {"seeds", "WHICH", OPTION_TEXT, &r->seeds, "1", NULL,
         "how many seeds, counted up from --seed, or a list: 42,43,44"},
        {"target-loss", "L", OPTION_REAL, &r->online.target, "(the largest final one)", "(0, 1e9]",
         "training loss for the time that it takes to reach it"},
        {"output", "FILE.db", OPTION_TEXT, &r->online.output, "(results/online-SEED.db)", NULL,
         "the store, of all runs"},
        {"checkpoint-every", "K", OPTION_COUNT, &r->online.checkpoint_every, "200", "[1, 1e12]",
         "steps between checkpoints"},
        {"resume", NULL, OPTION_FLAG, &r->online.resume, "", NULL,
         "go on from the last checkpoint, to the same bits; runs that are done are kept"},
        {"force", NULL, OPTION_FLAG, &r->online.force, "", NULL, "replace a store that is there"},
        {"json", NULL, OPTION_FLAG, &r->json, "", NULL, "print one JSON object instead of a table"},
    };
    memcpy(rows, own, sizeof own);
}

static int go(struct request *r) {
    struct data_info data;
    struct trm_error error = {0};
    struct online_summary summary;
    struct online_view view;
    const size_t threads = machine_use_threads(r->run.settings.threads);
    const char *const wrong = run_options_settings(&r->run, threads, &r->online.settings);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    if (r->online.output == NULL) {
        snprintf(r->output, sizeof r->output, "results/online-%llu.db",
                 (unsigned long long)r->online.seeds[0]);
        r->online.output = r->output;
    }
    if (data_check(&r->online.settings.data, &data, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    machine_announce(threads);
    machine_announce_precision(run_settings_precision(&r->online.settings));
    const struct online_watch watch = online_view_begin(&view, &r->online, &data);
    stop_catch(STOP_LATER);
    const enum trm_status status = online_run(&r->online, &watch, &summary, &error);
    online_view_end(&view);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    const int printed = online_view_print(&r->online, &summary, r->json);
    online_summary_free(&summary);
    return printed;
}

int cmd_online(const struct command *self, int argc, char **argv) {
    struct request r = {.online = {.program = TRM_VERSION, .target = NAN}};
    struct option all[RUN_OPTION_COUNT + OWN_OPTIONS];
    struct option *const table = all + RUN_SOLVER_OPTIONS;
    uint64_t given;
    r.run.settings = run_settings_default("quasi_newton");
    r.run.settings.every_solver = true;
    r.run.settings.threads = 0;
    run_options_table(&r.run, all);
    own_options(&r, all + RUN_OPTION_COUNT);
    const int parsed = options_parse(self, table, ONLINE_OPTIONS, argc, argv, &given);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.online.resume && r.online.force)
        return cli_misuse("--resume goes on with a store and --force replaces it: give one of them");
    if (!online_seeds(r.seeds, r.run.seed, r.online.seeds, &r.online.seed_count))
        return cli_misuse("--seeds '%s' is not allowed: give how many, 1 to %d, or a list of different seeds "
                          "like 42,43,44",
                          r.seeds, ONLINE_MAX_SEEDS);
    if (strchr(r.seeds, ',') != NULL && options_given(table, ONLINE_OPTIONS, given, "seed"))
        return cli_misuse("--seeds is a list, so --seed has no meaning: give one of them");
    return go(&r);
}
