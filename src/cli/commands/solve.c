/* solve: one inner problem from a file, the answer with its certificate into another. */
#include "cli/commands/problem_file.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"
#include "cli/views/threading.h"

#include "dynamics/settings.h"
#include "storage/file.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *input, *output;
    struct problem_choice problem;
    struct run_settings run; /* solver and budget of it */
    double radius;
    bool force;
    struct output_options shown;
};

struct answer {
    struct st_tensor tensors[2]; /* A in the shape of G, X (n x n) */
    void *A;
    double *X;
    struct muon_info info;
};

static enum trm_status answer_allocate(struct answer *a, const struct problem_file *p,
                                       struct trm_error *error) {
    const struct st_tensor *g = p->g;
    a->A = calloc(g->count, st_dtype_size(p->answer));
    a->X = p->n <= SIZE_MAX / sizeof *a->X / p->n ? calloc(p->n * p->n, sizeof *a->X) : NULL;
    if (a->A == NULL || a->X == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for an answer of %zu x %zu", st_path(p->file),
                        p->m, p->n);
    a->tensors[0] = *g;
    a->tensors[0].name = "A";
    a->tensors[0].dtype = p->answer;
    a->tensors[0].data = a->A;
    a->tensors[1] = (struct st_tensor){
        .name = "X", .dtype = ST_F64, .rank = 2, .shape = {p->n, p->n}, .count = p->n * p->n, .data = a->X};
    return TRM_OK;
}

/* The solver's reason, with this program's way out in place of the library's. */
static enum trm_status fail_solve(const struct request *r, const struct muon_info *info,
                                  enum trm_status status, struct trm_error *error) {
    const char *const why = info->reason[0] != '\0' ? info->reason : trm_status_text(status);
    const char *const library = strstr(why, "project it (muon_project)");
    if (status != TRM_NOT_ORTHONORMAL || library == NULL)
        return trm_fail(error, status, "%s: %s", r->input, why);
    return trm_fail(error, status, "%s: %.*s--project takes its polar factor", r->input, (int)(library - why),
                    why);
}

static enum trm_status compute(const struct request *r, const struct problem_file *p,
                               struct muon_solver *solver, struct answer *a, struct trm_error *error) {
    struct muon_matrix A = muon_matrix_transposed_if_wide(a->A, p->G.dtype, p->out, p->in);
    const enum trm_status status =
        muon_solver_solve(solver, &p->W, &p->G, r->radius, NULL, &A, a->X, &a->info);
    if (status != TRM_OK)
        return fail_solve(r, &a->info, status, error);
    return TRM_OK;
}

/* What was found. */
static json_t *document_of(const struct request *r, const struct problem_file *p,
                           const struct muon_info *info) {
    json_t *o = json_object();
    json_put(&o, "solver", json_text(r->run.solver));
    json_put(&o, "m", json_count(p->m));
    json_put(&o, "n", json_count(p->n));
    json_put(&o, "radius", json_number(r->radius));
    json_put(&o, "status", json_text(muon_outcome_name(info->outcome)));
    json_put(&o, "iterations", json_count(info->iterations));
    json_put(&o, "primal", json_number(info->primal));
    json_put(&o, "dual", json_number(info->dual));
    json_put(&o, "gap", json_number(info->gap));
    if (muon_solver_find(r->run.solver) == MUON_SOLVER_frank_wolfe)
        json_put(&o, "gap_full", json_number(info->gap_full));
    json_put(&o, "tangency", json_number(info->tangency));
    json_put(&o, "norm", json_number(info->norm));
    json_put(&o, "frobenius", json_number(info->frobenius));
    json_put(&o, "nuclear", json_number(info->nuclear));
    json_put(&o, "rank", json_count(info->rank));
    json_put(&o, "seconds", json_number(info->seconds));
    if (r->problem.project) /* how far W was from its polar factor, ||W - polar(W)||_F / sqrt(n) */
        json_put(&o, "projected", json_number(p->distance));
    return o;
}

static void spell(const json_t *value, int digits, char text[32]) {
    if (json_is_string(value))
        snprintf(text, 32, "%s", json_string_value(value));
    else if (json_is_integer(value))
        snprintf(text, 32, "%lld", (long long)json_integer_value(value));
    else
        snprintf(text, 32, "%.*g", digits, json_is_real(value) ? json_real_value(value) : (double)NAN);
}

/* With all of it but the seconds as metadata, so that the same solve gives the same file. */
static enum trm_status write_answer(const struct request *r, const struct answer *a, json_t *document,
                                    struct trm_error *error) {
    enum { FIELDS_MAX = 20 };
    struct st_meta metadata[FIELDS_MAX];
    char texts[FIELDS_MAX][32];
    size_t count = 0;
    const char *key;
    json_t *value;
    if (document == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for what was found");
    json_object_foreach(document, key, value) if (strcmp(key, "seconds") != 0 && count < FIELDS_MAX) {
        spell(value, 17, texts[count]);
        metadata[count] = (struct st_meta){key, texts[count]};
        count++;
    }
    stop_catch(STOP_LATER); /* a signal must not leave half a file behind */
    return st_write(r->output, a->tensors, 2, metadata, count, r->force, error);
}

static int print(json_t *document, bool json) {
    const char *key;
    json_t *value;
    char text[32];
    if (json)
        return print_json(document);
    json_object_foreach(document, key, value) {
        spell(value, 6, text);
        printf("%-12s%s\n", key, cli_clean(text));
    }
    json_decref(document);
    return cli_flush_output(CLI_DONE);
}

/* Everything after the options, with what must be freed. */
static int run(const struct request *r) {
    struct trm_error error = {0};
    struct problem_file problem;
    struct answer answer = {0};
    struct muon_solver *solver = NULL;
    json_t *document = NULL;
    int exit_status = CLI_FAILED;

    if (r->force && file_same(r->output, r->input))
        return cli_fail("%s: is both input and output; write to another file", r->output);
    if (file_check_output(r->output, r->force, false, &error) != TRM_OK ||
        problem_file_open(r->input, &r->problem, &problem, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    const char *const wrong = muon_options_check(&r->run.budget, problem.n);
    if (wrong != NULL) {
        exit_status = cli_misuse("%s: n is %zu: %s", r->input, problem.n, wrong);
        goto done;
    }
    const size_t threads = threading_use_idle(r->shown.threads);
    if (answer_allocate(&answer, &problem, &error) != TRM_OK ||
        muon_solver_create(&solver, r->run.solver, problem.m, problem.n, &r->run.budget, &error) != TRM_OK)
        goto fail;
    threading_announce(threads);
    if (compute(r, &problem, solver, &answer, &error) != TRM_OK)
        goto fail;
    document = document_of(r, &problem, &answer.info);
    if (write_answer(r, &answer, document, &error) != TRM_OK)
        goto fail;
    exit_status = print(json_incref(document), r->shown.json);
    goto done;
fail:
    exit_status = cli_fail("%s", error.text);
done:
    json_decref(document);
    muon_solver_destroy(solver);
    free(answer.A);
    free(answer.X);
    problem_file_close(&problem);
    return exit_status;
}

int cmd_solve(const struct command *self, int argc, char **argv) {
    struct request r = {.run = run_settings_open()};
    const struct setting table[] = {
        {"INPUT.safetensors", NULL, SETTING_ARGUMENT, offsetof(struct request, input), NULL, NULL,
         "holds W (orthonormal columns, or rows where it is wide) and G, of one shape, F64, F32, BF16 or "
         "F16; more "
         "than 2 dimensions are the first by the others"},
        PROBLEM_OPTIONS(struct request, problem),
        {"solver", "NAME", SETTING_CHOICE, offsetof(struct request, run.solver), NULL, RUN_SOLVERS,
         "which solver"},
        {"radius", "B", SETTING_REAL, offsetof(struct request, radius), NULL, "(0, 1e100]",
         "spectral norm of the step at most B"},
        {"output", "OUT.safetensors", SETTING_TEXT, offsetof(struct request, output), NULL, NULL,
         "where A (shape of G; F64 where G is, else F32) and X (n x n, F64) go"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, force), "", NULL,
         "overwrite an output that exists"},
        {"lr", "L", SETTING_REAL | SETTING_IN(solver), offsetof(struct request, run.budget.lr), "0.1",
         "(0, 1e100]", "spectral_clip: factor of the gradient before clipping"},
    };
    const struct settings parts[] = {
        {SETTINGS(table), &r, NULL, 0}, run_budget_table(&r.run), options_output(&r.shown)};
    const int parsed = options_parse(self, parts, sizeof parts / sizeof *parts, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    run_settings_complete(&r.run);
    stop_catch(STOP_AT_ONCE);
    return run(&r);
}
