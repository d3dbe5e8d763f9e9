/* collect: train with one solver and record the dynamics of every step. */
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/branch.h"
#include "cli/views/table.h"
#include "cli/views/training.h"
#include "storage/json.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct collect_request, field)

static const struct setting table[] = {
    {"output", "FILE.db", SETTING_TEXT | SETTING_LINE | SETTING_IN(common), AT(output),
     "(results/SOLVER-SEED.db)", NULL, "the store; the final weights go beside it"},
    {"checkpoint-every", "K", SETTING_COUNT | SETTING_IN(output), AT(checkpoint_every), "200", "[1, 1e12]",
     "steps between checkpoints"},
    {"tensorboard", "DIR", SETTING_TEXT | SETTING_LINE | SETTING_IN(output), AT(events), "(none)", NULL,
     "also write events for TensorBoard, below DIR"},
    OPTION_RESUME(AT(resume), "from the last checkpoint"),
    OPTION_FORCE(AT(force), "a run"),
};

struct settings collect_table(struct collect_request *target) {
    return (struct settings){SETTINGS(table), target, "collect", 0};
}

enum trm_status collect_do(const struct collect_request *request, struct collect_summary *summary,
                           struct trm_error *error) {
    struct training_view view;
    struct collect_watch watch;
    enum trm_status status = training_view_collect(&view, request, &watch, error);
    if (status == TRM_OK)
        status = collect_run(request, &watch, summary, error);
    training_view_end(&view);
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
        {"certify", "manifold_muon", 1u << RUN_manifold_muon},
        {"spectral-budget", "manifold_muon, muon and spel; the rate of the others is --lr",
         1u << RUN_manifold_muon | 1u << RUN_muon | 1u << RUN_spel},
        {"pull", "muon", 1u << RUN_muon},
        {"pull-to", "muon", 1u << RUN_muon},
        {"nesterov", "manifold_muon, sgd, muon and spel", ~(1u << RUN_adamw)},
    };
    if (settings->sgd.momentum == 0.0 && settings->sgd.nesterov &&
        options_given(parts, part_count, given, "nesterov"))
        return "--nesterov needs momentum: give --momentum more than 0, or leave it out";
    for (size_t i = 0; i < sizeof belongs / sizeof *belongs; i++)
        if (!(belongs[i].optimizers >> settings->optimizer & 1u) &&
            options_given(parts, part_count, given, belongs[i].option)) {
            snprintf(words, 256, "--%s goes with --optimizer %s", belongs[i].option, belongs[i].with);
            return words;
        }
    if (settings->optimizer == RUN_manifold_muon && !options_given(parts, part_count, given, "solver") &&
        !options_given(parts, part_count, given, "router"))
        return "--solver is missing: give the name of a solver; `trm-router collect --help` lists them";
    return NULL;
}

/* What belongs to branch states is given with them only; a router takes the solver's place. NULL, or what is wrong. */
static const char *check_branch(struct collect_request *request, const struct settings *parts,
                                size_t part_count, uint64_t given, char words[256]) {
    static const char *const names[] = {"branch-every", "arms",   "probes",       "match",      "look-every",
                                        "hold",         "anneal", "look-repeats", "look-check", "router"};
    struct branch_settings *const branch = &request->branch;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const bool look = i >= 5 && i <= 8;
        if (!options_given(parts, part_count, given, names[i]) ||
            (branch->oracle == BRANCH_ORACLE_BRANCH && !(look && branch->look_every == 0)))
            continue;
        snprintf(words, 256, "--%s has a meaning with --%s only", names[i],
                 look ? "look-every" : "oracle branch");
        return words;
    }
    if (branch->oracle == BRANCH_ORACLE_BRANCH && request->settings.optimizer != RUN_manifold_muon)
        return "--oracle branch goes with --optimizer manifold_muon";
    if (branch->oracle == BRANCH_ORACLE_BRANCH && request->settings.certify == RUN_certify_never)
        return "--oracle branch keeps the gap of every arm: it does not go with --certify never";
    if (branch->router != NULL && options_given(parts, part_count, given, "solver"))
        return "--solver and --router both say what the run goes on with: give one of them";
    if (branch->router != NULL)
        request->settings.solver = "router";
    else if (branch->oracle == BRANCH_ORACLE_NONE && strcmp(request->settings.solver, "random") == 0)
        return "--solver random goes with --oracle branch only";
    return branch_settings_complete(branch, &request->settings, words);
}

static const struct view_line lines[] = {
    {"solver", "{solver}"},
    {"precision", "{precision}"},
    {"steps recorded", "{steps}"},
    {"training loss", "{train_loss:.4f}"},
    {"test loss", "{test_loss:.4f}"},
    {"test accuracy", "{test_accuracy:.2%} %"},
    {"held-out loss", "{held_loss:.4f}"},
    {"held-out accuracy", "{held_accuracy:.2%} %"},
    {"ms a step", "{ms_per_step:.2f} (median; inner solves {ms_per_solve:.2f})"},
    {"certified gap", "{median_gap:.2e} (median, tracked matrix, {median_iterations:.0f} iterations)"},
    {"orthonormality error", "{orthonormality_error:.1e} (largest ||W'W - I||_F / sqrt(n))"},
    {"hash of the dynamics", "{hash}"},
    {"store", "{store}"},
    {"weights", "{weights}"},
};

static int print(const struct collect_request *request, const struct collect_summary *s, bool json) {
    struct data_info data;
    json_t *o = json_object();
    if (s->finished_before)
        cli_say("%s: this run is done already; nothing was left to do", request->output);
    json_put(&o, "solver", json_text(request->settings.solver));
    json_put(&o, "seed", json_count(request->settings.seed));
    json_put(&o, "data",
             json_text(data_check(&request->settings.data, &data, NULL) == TRM_OK ? data.name : ""));
    json_put(&o, "radius", json_number(request->settings.sgd.spectral_budget));
    json_put(&o, "precision", json_text(run_settings_precision(&request->settings)));
    json_put(&o, "steps", json_count(s->steps));
    json_put(&o, "train_loss", json_number(s->train_loss));
    json_put(&o, "test_loss", json_number(s->test_loss));
    json_put(&o, "test_accuracy", json_number(s->test_accuracy));
    json_put(&o, "held_loss", json_number(s->held_loss));
    json_put(&o, "held_accuracy", json_number(s->held_accuracy));
    json_put(&o, "ms_per_step", json_number(s->ms_per_step));
    json_put(&o, "ms_per_solve", json_number(s->ms_per_solve));
    json_put(&o, "median_gap", json_number(s->median_gap));
    json_put(&o, "median_iterations", json_number(s->median_iterations));
    json_put(&o, "orthonormality_error", json_number(s->drift));
    json_put(&o, "hash", json_text(s->hash));
    json_put(&o, "store", json_text(request->output));
    json_put(&o, "weights", json_text(s->weights));
    if (s->branch.states == 0)
        return view_print(o, json, VIEW(lines));
    json_t *const branch = branch_view_json(&s->branch);
    json_put(&o, "branch", json_incref(branch));
    const int printed = view_print(o, json, VIEW(lines));
    if (printed == CLI_DONE && !json)
        branch_view_print(branch);
    json_decref(branch);
    return printed == CLI_DONE ? cli_flush_output(CLI_DONE) : printed;
}

static int go(struct collect_request *request, const struct output_options *shown) {
    struct trm_error error = {0};
    struct collect_summary summary = {0};
    char output[128];
    snprintf(output, sizeof output, "results/%s-%llu.db", request->settings.solver,
             (unsigned long long)request->settings.seed);
    const struct output_ways ways = {true, request->resume, request->force};
    const int ready = training_settle(&request->settings, shown->threads, &request->output, output, ways);
    if (ready != OPTIONS_GO_ON)
        return ready;
    if (collect_do(request, &summary, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    return print(request, &summary, shown->json);
}

int cmd_collect(const struct command *self, int argc, char **argv) {
    struct collect_request request = {.settings = run_settings_open(), .program = TRM_VERSION};
    struct output_options output = {.json = false};
    const struct settings parts[] = {run_settings_table(&request.settings),
                                     branch_settings_table(&request.branch), collect_table(&request),
                                     options_output(&output)};
    const size_t part_count = sizeof parts / sizeof *parts;
    uint64_t given;
    char words[256];
    const int parsed = options_parse(self, parts, part_count, argc, argv, &given);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    const char *wrong = check_optimizer(&request.settings, parts, part_count, given, words);
    if (wrong == NULL)
        wrong = check_branch(&request, parts, part_count, given, words);
    if (wrong != NULL)
        return cli_misuse("%s", wrong);
    return go(&request, &output);
}
