/* solve: one inner problem from a file, the answer with its certificate into another. */
#include "cli/commands/problem_file.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/solve_report.h"
#include "cli/views/stop.h"

#include "dynamics/settings.h"
#include "storage/file.h"

#include <stdint.h>
#include <stdlib.h>

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

static enum trm_status compute(const struct request *r, const struct problem_file *p,
                               struct muon_solver *solver, struct answer *a, struct trm_error *error) {
    struct muon_matrix A = muon_matrix_transposed_if_wide(a->A, p->G.dtype, p->out, p->in);
    const enum trm_status status =
        muon_solver_solve(solver, &p->W, &p->G, r->radius, NULL, &A, a->X, &a->info);
    if (status != TRM_OK)
        return trm_fail(error, status, "%s: %s%s", r->input,
                        a->info.reason[0] != '\0' ? a->info.reason : trm_status_text(status),
                        status == TRM_NOT_ORTHONORMAL ? "; --project takes its polar factor instead" : "");
    return TRM_OK;
}

static enum trm_status write_answer(const struct request *r, const struct answer *a,
                                    const struct solve_report *report, struct trm_error *error) {
    struct st_meta metadata[SOLVE_FIELDS];
    const size_t count = solve_report_metadata(report, metadata);
    stop_catch(STOP_LATER); /* a signal must not leave half a file behind */
    return st_write(r->output, a->tensors, 2, metadata, count, r->force, error);
}

/* Everything after the options, with what must be freed. */
static int run(const struct request *r) {
    struct trm_error error = {0};
    struct problem_file problem;
    struct answer answer = {0};
    struct muon_solver *solver = NULL;
    struct solve_report report;
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
    const size_t threads = machine_use_threads(r->shown.threads);
    if (answer_allocate(&answer, &problem, &error) != TRM_OK ||
        muon_solver_create(&solver, r->run.solver, problem.m, problem.n, &r->run.budget, &error) != TRM_OK)
        goto fail;
    machine_announce(threads);
    if (compute(r, &problem, solver, &answer, &error) != TRM_OK)
        goto fail;
    solve_report_fill(&report, r->run.solver, problem.m, problem.n, r->radius, &answer.info);
    if (r->problem.project)
        solve_report_add_projection(&report, problem.distance);
    if (write_answer(r, &answer, &report, &error) != TRM_OK)
        goto fail;
    exit_status = solve_report_print(&report, r->shown.json);
    goto done;
fail:
    exit_status = cli_fail("%s", error.text);
done:
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
