/* collect: train with one solver and record the dynamics of every step. */
#include "cli/views/collect.h"
#include "cli/commands/commands.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include <stdio.h>

#define AT(field) offsetof(struct collect_request, field)

static const struct setting table[] = {
    {"output", "FILE.db", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(output),
     "(results/SOLVER-SEED.db)", NULL, "the store; the final weights go beside it"},
    {"checkpoint-every", "K", SETTING_COUNT | SETTING_IN(output), AT(checkpoint_every), "200", "[1, 1e12]",
     "steps between checkpoints"},
    {"resume", NULL, SETTING_FLAG | SETTING_LINE | SETTING_IN(common), AT(resume), "", NULL,
     "go on from the last checkpoint, to the same bits"},
    {"force", NULL, SETTING_FLAG | SETTING_LINE | SETTING_IN(common), AT(force), "", NULL,
     "replace a run that is there"},
};

struct settings collect_table(struct collect_request *target) {
    return (struct settings){SETTINGS(table), target, "collect", 0};
}

enum trm_status collect_do(const struct collect_request *request, struct collect_summary *summary,
                           struct trm_error *error) {
    struct data_info data;
    struct collect_view view;
    enum trm_status status = data_check(&request->settings.data, &data, error);
    if (status != TRM_OK)
        return status;
    const struct collect_watch watch = collect_view_begin(&view, request, &data);
    status = collect_run(request, &watch, summary, error);
    collect_view_end(&view);
    return status;
}

/* What belongs to one optimizer is given with it only. NULL, or what is wrong. */
static const char *check_optimizer(const struct run_settings *settings, const struct settings *parts,
                                   size_t part_count, uint64_t given, char words[256]) {
    static const struct {
        const char *option, *with;
        unsigned optimizers; /* bit mask */
    } belongs[] = {
        {"solver", "manifold_muon", 1u << RUN_manifold_muon},
        {"tol", "manifold_muon", 1u << RUN_manifold_muon},
        {"max-iter", "manifold_muon", 1u << RUN_manifold_muon},
        {"rank", "manifold_muon", 1u << RUN_manifold_muon},
        {"warm-start", "manifold_muon", 1u << RUN_manifold_muon},
        {"spectral-budget", "manifold_muon, muon and spel; the rate of the others is --lr",
         1u << RUN_manifold_muon | 1u << RUN_muon | 1u << RUN_spel},
        {"nesterov", "manifold_muon, sgd, muon and spel", ~(1u << RUN_adamw)},
    };
    for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
        if (!(belongs[i].optimizers >> settings->optimizer & 1u) &&
            options_given(parts, part_count, given, belongs[i].option)) {
            snprintf(words, 256, "--%s goes with --optimizer %s", belongs[i].option, belongs[i].with);
            return words;
        }
    if (settings->optimizer == RUN_manifold_muon && !options_given(parts, part_count, given, "solver"))
        return "--solver is missing: give the name of a solver; `trm-router collect --help` lists them";
    return NULL;
}

static int go(struct collect_request *request, const struct output_options *shown) {
    struct trm_error error = {0};
    struct collect_summary summary = {0};
    struct run_settings *const settings = &request->settings;
    char output[128];
    settings->threads = machine_use_threads(shown->threads);
    run_settings_complete(settings);
    const char *const wrong = run_settings_check(settings);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    if (request->output == NULL) {
        snprintf(output, sizeof output, "results/%s-%llu.db", settings->solver,
                 (unsigned long long)settings->seed);
        request->output = output;
    }
    machine_announce(settings->threads);
    machine_announce_precision(run_settings_precision(settings));
    stop_catch(STOP_LATER);
    if (collect_do(request, &summary, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    return collect_view_print(request, &summary, shown->json);
}

int cmd_collect(const struct command *self, int argc, char **argv) {
    struct collect_request request = {.settings = run_settings_open(), .program = TRM_VERSION};
    struct output_options output = {.json = false};
    const struct settings parts[] = {run_settings_table(&request.settings), collect_table(&request),
                                     options_output(&output)};
    const size_t part_count = sizeof parts / sizeof *parts;
    uint64_t given;
    char words[256];
    const int parsed = options_parse(self, parts, part_count, argc, argv, &given);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    const char *const wrong = check_optimizer(&request.settings, parts, part_count, given, words);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    if (request.resume && request.force)
        return cli_misuse("--resume goes on with a run and --force replaces it: give one of them");
    return go(&request, &output);
}
