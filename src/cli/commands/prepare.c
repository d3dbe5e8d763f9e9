/* prepare: compare fixed-solver runs step by step and write a data set with the best solver of each. */
#include "cli/commands/commands.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "oracle/dataset.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
    const char *first; /* file after --inputs */
    struct setting_arguments rest;
    const char *output;
    bool force, json;
};

static double per_cent(size_t part, size_t whole) {
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* What a reader of the labels must know. */
static const char *const caution =
    "each solver is compared in its own run with its own weights, and the best is chosen and valued on one "
    "batch: labels are noisy, and the oracle's value is optimistic";

static int print_document(const struct request *r, const struct trm_statistics *s) {
    json_t *o = json_object(), *arms = json_array();
    for (size_t arm = 0; arm < s->arms.count; arm++) {
        json_t *a = json_object();
        json_put(&a, "solver", json_text(s->arms.name[arm]));
        json_put(&a, "present", json_boolean(s->present >> arm & 1));
        json_put(&a, "samples", json_count(s->counts[arm]));
        json_put(&a, "percent", json_number(per_cent(s->counts[arm], s->samples)));
        json_put(&a, "steps", json_count(s->steps_best[arm]));
        json_put(&a, "ms_per_solve", json_number(1e3 * s->seconds[arm]));
        json_append(&arms, a);
    }
    json_put(&o, "oracle", json_text("merge"));
    json_put(&o, "samples", json_count(s->samples));
    json_put(&o, "feature_dim", json_count(s->feature_dim));
    json_put(&o, "runs", json_count(s->runs));
    json_put(&o, "seeds", json_count(s->seeds));
    json_put(&o, "steps", json_count(s->steps));
    json_put(&o, "groups", json_count(s->groups));
    json_put(&o, "block", json_count(s->block));
    json_put(&o, "guard", json_count(s->guard));
    json_put(&o, "tied_steps", json_count(s->tied_steps));
    json_put(&o, "solvers", arms);
    json_put(&o, "note", json_text(caution));
    json_put(&o, "output", json_text(r->output));
    return print_json(o);
}

static int print_table(const struct request *r, const struct trm_statistics *s) {
    printf("%-18s %zu (%zu run%s, %zu seed%s, %zu shared steps)\n", "samples", s->samples, s->runs,
           s->runs == 1 ? "" : "s", s->seeds, s->seeds == 1 ? "" : "s", s->steps);
    printf("%-18s %zu\n", "feature dimension", s->feature_dim);
    printf("%-18s %zu blocks of %zu steps, the same in every run; guard %zu\n", "groups", s->groups, s->block,
           s->guard);
    printf("%-18s %zu\n", "tied steps", s->tied_steps);
    printf("solver distribution (best at a step):\n");
    for (size_t arm = 0; arm < s->arms.count; arm++)
        if (s->present >> arm & 1)
            printf("  %-16s %8zu  %5.1f %%   %.2f ms a step\n", s->arms.name[arm], s->counts[arm],
                   per_cent(s->counts[arm], s->samples), 1e3 * s->seconds[arm]);
    printf("%-18s", "missing solvers");
    bool missing = false;
    for (size_t arm = 0; arm < s->arms.count; arm++)
        if (!(s->present >> arm & 1)) {
            printf("%s%s", missing ? ", " : " ", s->arms.name[arm]);
            missing = true;
        }
    printf("%s\n%-18s %s\n%-18s merge: %s\n", missing ? "" : " none", "data set", r->output, "oracle",
           caution);
    return cli_flush_output(CLI_DONE);
}

/* A class that no step has cannot be learnt: worth a line of its own. */
static void say_never_best(const struct trm_statistics *s) {
    for (size_t arm = 0; arm < s->arms.count; arm++)
        if ((s->present >> arm & 1) && s->counts[arm] == 0)
            cli_say("%s is best at no step: a router trained on these labels will never choose it",
                    s->arms.name[arm]);
}

enum trm_status prepare_do(const struct prepare_request *r, struct trm_statistics *statistics,
                           struct trm_error *error) {
    const enum trm_status status =
        trm_merge_runs(r->inputs, r->input_count, r->output, r->force, statistics, error);
    if (status == TRM_OK)
        say_never_best(statistics);
    return status;
}

static int go(const struct request *r) {
    struct trm_statistics statistics;
    struct trm_error error = {0};
    const size_t count = r->rest.count + 1;
    const char **const inputs = malloc(count * sizeof *inputs);
    if (inputs == NULL)
        return cli_fail("no memory for %zu inputs", count);
    inputs[0] = r->first;
    for (size_t i = 1; i < count; i++)
        inputs[i] = r->rest.at[i - 1];
    const struct prepare_request request = {inputs, count, r->output, r->force};
    const enum trm_status status = prepare_do(&request, &statistics, &error);
    free(inputs);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    return r->json ? print_document(r, &statistics) : print_table(r, &statistics);
}

int cmd_prepare(const struct command *self, int argc, char **argv) {
    struct request r = {.first = NULL};
    const struct setting table[] = {
        {"inputs", "FILE.db...", SETTING_TEXT, offsetof(struct request, first), NULL, NULL,
         "stores made by collect, one after the other: at least two solvers"},
        {"FILE.db", NULL, SETTING_ARGUMENTS, offsetof(struct request, rest), "", NULL, "further inputs"},
        {"output", "FILE.db", SETTING_TEXT, offsetof(struct request, output), NULL, NULL, "the data set"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, force), "", NULL,
         "replace a data set that is there"},
        OPTION_JSON(offsetof(struct request, json), "object instead of a table"),
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    stop_catch(STOP_AT_ONCE);
    return go(&r);
}
