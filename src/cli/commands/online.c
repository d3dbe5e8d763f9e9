/* online: train with a router that picks the solver of every step. */
#include "cli/views/online.h"
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/print_json.h"
#include "cli/views/training.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct online_request, field)

static const struct setting table[] = {
    {"router", "FILE", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(router), NULL, NULL,
     "the router: a file made by train"},
    {"arms", "LIST", SETTING_TEXT | SETTING_IN(router), AT(arms), "(those of the router)", NULL,
     "what is chosen among, and with --baselines fixed: SOLVER[@ITERATIONS][:MULTIPLIER], with commas "
     "between"},
    {"interval", "K", SETTING_COUNT | SETTING_IN(router), AT(interval), "1", "[1, 1e9]",
     "choose at every K-th step; between them the last choice stands"},
    {"halt", NULL, SETTING_FLAG | SETTING_IN(router), AT(halt), "", NULL,
     "the router ends its cycles early where its halting head says so"},
    {"baselines", NULL, SETTING_FLAG | SETTING_IN(common), AT(baselines), "", NULL,
     "also random choice and every solver that the router knows, on the same seeds"},
    {"opponents", "LIST", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(opponents), "(none)", NULL,
     "also these, on the same seeds: best_fixed, schedule, two_phase, fitted on --data; exp3, linucb, "
     "discounted_ucb, "
     "which learn as they go; random"},
    {"data", "FILE.db", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(fitted_on), "(none)", NULL,
     "the data set that the router was trained on"},
    {"target-loss", "L", SETTING_REAL | SETTING_LINE | SETTING_IN(output), AT(target),
     "(the largest final one)", "(0, 1e9]", "training loss for the time that it takes to reach it"},
    {"output", "FILE.db", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(output),
     "(results/online-SEED.db)", NULL, "the store, of all runs"},
    {"checkpoint-every", "K", SETTING_COUNT | SETTING_LINE | SETTING_IN(output), AT(checkpoint_every), "200",
     "[1, 1e12]", "steps between checkpoints"},
    {"tensorboard", "DIR", SETTING_TEXT | SETTING_LINE | SETTING_IN(output), AT(events), "(none)", NULL,
     "also write events for TensorBoard, below DIR"},
    OPTION_RESUME(AT(resume), "from the last checkpoint"),
    OPTION_FORCE(AT(force), "a store"),
};

struct settings online_table(struct online_request *target) {
    return (struct settings){SETTINGS(table), target, "online", 0};
}

enum trm_status online_do(const struct online_request *request, struct online_summary *summary,
                          struct trm_error *error) {
    struct training_view view;
    struct online_watch watch;
    enum trm_status status = training_view_online(&view, request, &watch, error);
    if (status == TRM_OK)
        status = online_run(request, &watch, summary, error);
    training_view_end(&view);
    return status;
}

static int go(struct online_request *request, const struct output_options *shown) {
    struct trm_error error = {0};
    struct online_summary summary;
    char output[128];
    snprintf(output, sizeof output, "results/online-%llu.db", (unsigned long long)request->seeds[0]);
    const struct output_ways ways = {true, request->resume, request->force};
    const int ready = training_settle(&request->settings, shown->threads, &request->output, output, ways);
    if (ready != OPTIONS_GO_ON)
        return ready;
    if (online_do(request, &summary, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    json_t *const document = online_document(request, &summary);
    size_t diverged = 0;
    for (size_t i = 0; i < summary.policy_count; i++)
        diverged += summary.policy[i].diverged;
    if (diverged > 0)
        cli_say("%zu diverged: --resume with a smaller --spectral-budget, --lr or --lr-rest goes on from "
                "their last good "
                "checkpoints; the others keep their steps",
                diverged);
    online_summary_free(&summary);
    if (shown->json || document == NULL)
        return print_json(document);
    online_view(document);
    json_decref(document);
    return cli_flush_output(CLI_DONE);
}

/* Opponents and their data set, in words where they are wrong. */
static enum trm_status read_opponents(struct online_request *r, struct trm_error *error) {
    if (r->opponents != NULL && online_opponents(r->opponents, r->opponent, error) != TRM_OK)
        return TRM_INVALID;
    bool fitted = false;
    for (int policy = POLICY_PLANS; policy < POLICY_LEARNERS; policy++)
        fitted = fitted || r->opponent[policy];
    return fitted == (r->fitted_on != NULL)
               ? TRM_OK
               : trm_fail(error, TRM_INVALID,
                          "best_fixed, schedule and two_phase, and no others, are fitted on --data, the "
                          "router's data set: give %s",
                          fitted ? "it" : "one of them, or leave it out");
}

int cmd_online(const struct command *self, int argc, char **argv) {
    static const struct setting of_seeds[] = {
        {"seeds", "WHICH", SETTING_TEXT | SETTING_IN(common), 0, "1", NULL,
         "how many seeds, counted up from --seed, or a list: 42,43,44"}};
    struct online_request request = {.settings = run_settings_open(), .program = TRM_VERSION, .target = NAN};
    const char *seeds = NULL;
    struct output_options output = {.json = false};
    uint64_t given;
    struct settings parts[] = {online_table(&request),
                               {SETTINGS(of_seeds), &seeds, NULL, 0},
                               run_settings_table(&request.settings),
                               options_output(&output)};
    const size_t part_count = sizeof parts / sizeof *parts;
    parts[2].without = SETTING_SOLVER;
    const int parsed = options_parse(self, parts, part_count, argc, argv, &given);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    struct trm_error error = {0};
    if (request.arms != NULL && trm_arms_parse(request.arms, &request.settings.arms, &error) != TRM_OK)
        return cli_misuse("--arms: %s", error.text);
    if (request.settings.optimizer != RUN_manifold_muon)
        return cli_misuse(
            "--optimizer: a router chooses among the solvers of manifold_muon; train others with collect");
    if (read_opponents(&request, &error) != TRM_OK)
        return cli_misuse("--opponents: %s", error.text);
    if (!online_seeds(seeds, request.settings.seed, request.seeds, &request.seed_count))
        return cli_misuse("--seeds '%s' is not allowed: give how many, 1 to %d, or a list of different seeds "
                          "like 42,43,44",
                          seeds, ONLINE_MAX_SEEDS);
    if (strchr(seeds, ',') != NULL && options_given(parts, part_count, given, "seed"))
        return cli_misuse("--seeds is a list, so --seed has no meaning: give one of them");
    return go(&request, &output);
}
