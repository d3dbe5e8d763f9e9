/* prepare: compare fixed-solver runs step by step and write a data set with the best solver of each. */
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/options/output.h"
#include "cli/views/stop.h"
#include "cli/views/table.h"

#include "dynamics/outcome.h"
#include "oracle/ceiling.h"
#include "storage/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    const char *first; /* file after --inputs */
    struct setting_arguments rest;
    const char *output;
    struct trm_oracle_options oracle;
    bool force, json;
};

static double per_cent(size_t part, size_t whole) {
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* What a reader of the labels must know. */
static const char *caution(const struct trm_statistics *s) {
    return s->oracle == TRM_ORACLE_MERGE
               ? "each solver is compared in its own run with its own weights, and the best is chosen and "
                 "valued "
                 "on one batch: labels are noisy, and the oracle's value is optimistic"
           : s->oracle == TRM_ORACLE_SAME_BATCH
               ? "arms are compared on the batch just seen, which rewards long steps, by one value each: the "
                 "oracle's value is optimistic"
           : s->halves
               ? "arms are tried from the same weights; the ceiling's oracle is chosen on one half of the "
                 "values "
                 "and valued on the other, both ways"
               : "arms are tried from the same weights, by one value each: the oracle's value is optimistic";
}

static const struct view_line lines[] = {
    {"samples", "{samples} ({runs} run{runs:s}, {seeds} seed{seeds:s}, {shared})"},
    {"feature dimension", "{feature_dim}"},
    {"groups", "{groups} blocks of {block} {of_what}; guard {guard}"},
    {"tied steps", "{tied_steps}"},
    {"missing solvers", "{missing}"},
    {"noise ceiling",
     "{ceiling.oracle:.5f} chosen on one half and valued on the other, always {ceiling.best_single_arm} "
     "{ceiling.single:.5f}"},
    {"  gap", "{ceiling.gap:.5f} (noise {ceiling.gap_null:.5f}, p = {ceiling.gap_p:.3f})"},
    {"  halves agree",
     "{ceiling.agreement:.1%} % (noise {ceiling.agreement_null:.1%} %, p = {ceiling.agreement_p:.3f})"},
    {"phases",
     "{ceiling.phase_gain:.5f} gained by the best arm of each tenth (shifted runs {ceiling.phase_null:.5f}, "
     "p = {ceiling.phase_p:.3f})"},
    {"data set", "{output}"},
    {"oracle", "{oracle}: {note}"},
};
static const struct view_column of_solvers[] = {{"solver", "{solver}"},
                                                {"best at", "{samples}"},
                                                {"%", "{percent:.1f}"},
                                                {"ms a step", "{ms_per_solve:.2f}"}};

static json_t *ceiling_of(const struct trm_statistics *s, const struct trm_ceiling *c) {
    json_t *o = json_object();
    json_put(&o, "states", json_count(c->states));
    json_put(&o, "runs", json_count(c->runs));
    json_put(&o, "best_single_arm", c->states > 0 ? json_text(s->arms.name[c->best_single]) : json_null());
#define X(name, text) json_put(&o, #name, json_number(c->name));
    TRM_CEILING_LIST(X)
#undef X
    return o;
}

static json_t *document_of(const struct request *r, const struct trm_statistics *s,
                           const struct trm_ceiling *c, json_t *solvers) {
    json_t *o = json_object();
    json_put(&o, "oracle", json_text(trm_oracle_name((int)s->oracle)));
    if (s->oracle != TRM_ORACLE_MERGE) {
        json_put(&o, "match", json_text(trm_match_name((enum trm_match)s->match)));
        json_put(&o, "look", json_count(s->look));
        json_put(&o, "a_second", json_boolean(s->a_second));
    }
    json_put(&o, "samples", json_count(s->samples));
    json_put(&o, "feature_dim", json_count(s->feature_dim));
    json_put(&o, "runs", json_count(s->runs));
    json_put(&o, "seeds", json_count(s->seeds));
    json_put(&o, "steps", json_count(s->steps));
    json_put(&o, "groups", json_count(s->groups));
    json_put(&o, "block", json_count(s->block));
    json_put(&o, "guard", json_count(s->guard));
    json_put(&o, "tied_steps", json_count(s->tied_steps));
    json_put(&o, "solvers", solvers);
    json_put(&o, "ceiling", ceiling_of(s, c));
    json_put(&o, "note", json_text(caution(s)));
    json_put(&o, "output", json_text(r->output));
    return o;
}

static int print(const struct request *r, const struct trm_statistics *s, const struct trm_ceiling *c) {
    const bool merge = s->oracle == TRM_ORACLE_MERGE;
    json_t *solvers = json_array(), *present = json_array(), *missing = json_array();
    for (size_t arm = 0; arm < s->arms.count; arm++) {
        json_t *row = json_object();
        json_put(&row, "solver", json_text(s->arms.name[arm]));
        json_put(&row, "present", json_boolean(s->present >> arm & 1));
        json_put(&row, "samples", json_count(s->counts[arm]));
        json_put(&row, "percent", json_number(per_cent(s->counts[arm], s->samples)));
        json_put(&row, "steps", json_count(s->steps_best[arm]));
        json_put(&row, "ms_per_solve",
                 json_number(merge || s->seconds[arm] > 0 ? 1e3 * s->seconds[arm] : (double)NAN));
        if (s->present >> arm & 1)
            json_append(&present, json_incref(row));
        else
            json_append(&missing, json_text(s->arms.name[arm]));
        json_append(&solvers, row);
    }
    json_t *document = document_of(r, s, c, solvers);
    if (!r->json) { /* words of the lines */
        char shared[64];
        snprintf(shared, sizeof shared, merge ? "%zu shared steps" : "of %zu arms",
                 merge ? s->steps : s->arms.count);
        json_put(&document, "shared", json_text(shared));
        json_put(&document, "of_what",
                 json_text(merge ? "steps, the same in every run" : "states, each of one run"));
        if (merge)
            json_put(&document, "missing", json_incref(missing));
    }
    json_decref(missing);
    if (!r->json && document != NULL) {
        view_table(present, VIEW(of_solvers));
        printf("\n");
    }
    json_decref(present);
    return view_print(document, r->json, VIEW(lines));
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
        r->oracle.oracle == TRM_ORACLE_MERGE
            ? trm_merge_runs(r->inputs, r->input_count, r->output, r->force, statistics, error)
            : trm_prepare_branches(r->inputs, r->input_count, &r->oracle, r->output, r->force, statistics,
                                   error);
    if (status == TRM_OK)
        say_never_best(statistics);
    return status;
}

static enum trm_status measure_ceiling(const char *path, struct trm_ceiling *ceiling,
                                       struct trm_error *error) {
    struct trm_dataset *dataset;
    enum trm_status status = trm_dataset_open(path, &dataset, error);
    if (status != TRM_OK)
        return status;
    status = trm_dataset_ceiling(dataset, 42, ceiling, error);
    trm_dataset_free(dataset);
    return status;
}

static int go(const struct request *r) {
    struct trm_statistics statistics;
    struct trm_ceiling ceiling;
    struct trm_error error = {0};
    const size_t count = r->rest.count + 1;
    const char **const inputs = malloc(count * sizeof *inputs);
    if (inputs == NULL)
        return cli_fail("no memory for %zu inputs", count);
    inputs[0] = r->first;
    for (size_t i = 1; i < count; i++)
        inputs[i] = r->rest.at[i - 1];
    const struct prepare_request request = {inputs, count, r->output, r->force, r->oracle};
    enum trm_status status = prepare_do(&request, &statistics, &error);
    if (status == TRM_OK)
        status = measure_ceiling(r->output, &ceiling, &error);
    free(inputs);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    return print(r, &statistics, &ceiling);
}

#define ORACLE(name, word, text) #word "|"

int cmd_prepare(const struct command *self, int argc, char **argv) {
    struct request r = {.oracle = trm_oracle_defaults()};
    const struct setting table[] = {
        {"inputs", "FILE.db...", SETTING_TEXT, offsetof(struct request, first), NULL, NULL,
         "stores made by collect, one after the other: of merge at least two solvers"},
        {"FILE.db", NULL, SETTING_ARGUMENTS, offsetof(struct request, rest), "", NULL, "further inputs"},
        {"output", "FILE.db", SETTING_TEXT, offsetof(struct request, output), NULL, NULL, "the data set"},
        {"oracle", "NAME", SETTING_ENUM | SETTING_IN(oracle), offsetof(struct request, oracle.oracle),
         "merge", TRM_ORACLE_LIST(ORACLE),
         "runs of one solver each, or arms tried from one state (collect --oracle branch)"},
        {"cost", NULL, SETTING_FLAG | SETTING_IN(oracle), offsetof(struct request, oracle.a_second), "", NULL,
         "compare the decrease of the loss a second; not of merge or anneal"},
        {"seconds", "FILE.json", SETTING_TEXT | SETTING_IN(oracle), offsetof(struct request, oracle.seconds),
         "", NULL,
         "of a step with each arm, made by 'bench arms': what --cost divides by, and who wins a tie"},
        OPTION_FORCE(offsetof(struct request, force), "a data set"),
        OPTION_JSON(offsetof(struct request, json), "object instead of a table"),
    };
    const int parsed = options_parse_table(self, SETTINGS(table), &r, argc, argv);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    if (r.oracle.oracle == TRM_ORACLE_MERGE && (r.oracle.a_second || r.oracle.seconds != NULL))
        return cli_misuse(
            "%s: the oracle merge takes each solver's time from its runs; give --oracle same_batch or probe",
            r.oracle.a_second ? "--cost" : "--seconds");
    const int ready = output_settle(r.output, (struct output_ways){false, false, r.force});
    if (ready != OPTIONS_GO_ON)
        return ready;
    stop_catch(STOP_AT_ONCE);
    return go(&r);
}
