/* bench scaling: what a solve costs as n grows, on generated problems, beside the machine's rate of products. */
#include "cli/bench/product_rate.h"
#include "cli/bench/random_problem.h"
#include "cli/bench/request.h"
#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/progress.h"
#include "cli/views/threading.h"

#include "dynamics/settings.h"
#include "report/plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    struct gap_request gap;
    const char *n_text;
    double aspect;
    size_t n[BENCH_LIST_MAX], n_count, seed;
};

struct figures {
    struct bench_scale row[BENCH_LIST_MAX * BENCH_LIST_MAX]; /* a tolerance's together */
    double exponent[BENCH_LIST_MAX];          /* by tolerance; NAN where two sizes are not reached */
    struct product_rate rate[BENCH_LIST_MAX]; /* by n */
};

static enum trm_status time_size(const struct request *r, size_t at, struct figures *f,
                                 struct trm_error *error) {
    const size_t n = r->n[at], m = (size_t)(r->aspect * (double)n + 0.5);
    struct bench_time times[BENCH_LIST_MAX];
    double *W, *G;
    enum trm_status status = product_rate_measure(n, &f->rate[at], error);
    if (status == TRM_OK)
        status = random_problem(m, n, r->seed, &W, &G, error);
    if (status != TRM_OK)
        return status;
    double *const A = calloc(m * n, sizeof *A);
    const struct bench_problem problem = {.name = "a generated problem",
                                          .W = {W, MUON_F64, m, n, 1, m},
                                          .G = {G, MUON_F64, m, n, 1, m},
                                          .A = {A, MUON_F64, m, n, 1, m}};
    status = A == NULL ? trm_fail(error, TRM_NO_MEMORY, "no memory for an answer of %zu x %zu", m, n)
                       : bench_time_solver(&problem, muon_solver_find(r->gap.solver), &r->gap.limits,
                                           r->gap.tol, r->gap.tol_count, times, error);
    for (size_t t = 0; t < r->gap.tol_count && status == TRM_OK; t++)
        f->row[t * r->n_count + at] = (struct bench_scale){.m = m,
                                                           .n = n,
                                                           .tol = r->gap.tol[t],
                                                           .ms = times[t].ms,
                                                           .gap = times[t].gap,
                                                           .product_ms = f->rate[at].ms_f64,
                                                           .iterations = times[t].iterations,
                                                           .reached = times[t].reached};
    free(W);
    free(G);
    free(A);
    return status;
}

/* Slope of the least-squares line of log ms on log n, over the sizes that reached the gap. */
static double fit_exponent(const struct bench_scale *row, size_t count) {
    double points = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 0; i < count; i++) {
        if (!row[i].reached)
            continue;
        const double u = log((double)row[i].n), v = log(row[i].ms);
        points += 1, x += u, y += v, xx += u * u, xy += u * v;
    }
    return points < 2 ? NAN : (points * xy - x * y) / (points * xx - x * x);
}

static enum trm_status time_all(const struct request *r, struct figures *f, struct trm_error *error) {
    struct progress progress;
    enum trm_status status = TRM_OK;
    progress_begin(&progress, "scaling", "size", 0, r->n_count, false);
    for (size_t i = 0; i < r->n_count && status == TRM_OK; i++) {
        progress_update(&progress, i, "");
        status = time_size(r, i, f, error);
    }
    progress_clear(&progress);
    for (size_t t = 0; t < r->gap.tol_count && status == TRM_OK; t++)
        f->exponent[t] = fit_exponent(f->row + t * r->n_count, r->n_count);
    return status;
}

static int print_table(const struct request *r, const struct figures *f) {
    char gap[32];
    printf("one n x n x n product\n%6s %12s %10s %12s %10s\n", "n", "double, ms", "GFLOP/s", "float, ms",
           "GFLOP/s");
    for (size_t i = 0; i < r->n_count; i++)
        printf("%6zu %12.4f %10.1f %12.4f %10.1f\n", r->n[i], f->rate[i].ms_f64, f->rate[i].gflops_f64,
               f->rate[i].ms_f32, f->rate[i].gflops_f32);
    for (size_t t = 0; t < r->gap.tol_count; t++) {
        printf("\n%s to a certified gap of %s\n%6s %6s %12s %10s %12s %10s %10s\n", r->gap.solver,
               bench_gap_text(r->gap.tol[t], gap), "n", "m", "ms", "iterations", "in products", "in float",
               "gap");
        for (size_t i = 0; i < r->n_count; i++) {
            const struct bench_scale *const row = &f->row[t * r->n_count + i];
            printf("%6zu %6zu %12.2f %10zu %12.1f %10.1f %10.1e%s\n", row->n, row->m, row->ms,
                   row->iterations, row->ms / row->product_ms, row->ms / f->rate[i].ms_f32, row->gap,
                   row->reached ? "" : "  not reached");
        }
        if (isfinite(f->exponent[t]))
            printf("grows as n^%.2f\n", f->exponent[t]);
    }
    return cli_flush_output(CLI_DONE);
}

static json_t *rows_of(const struct request *r, const struct figures *f) {
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < r->gap.tol_count * r->n_count; i++) {
        const struct bench_scale *const row = &f->row[i];
        json_append(&rows, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "m", json_count(row->m),
                                     "n", json_count(row->n), "tol", json_number(row->tol), "ms",
                                     json_number(row->ms), "iterations", json_count(row->iterations), "gap",
                                     json_number(row->gap), "reached", (int)row->reached, "products",
                                     json_number(row->ms / row->product_ms), "products_f32",
                                     json_number(row->ms / f->rate[i % r->n_count].ms_f32)));
    }
    return rows;
}

static json_t *document_of(const struct request *r, const struct figures *f, size_t threads) {
    json_t *fits = json_array(), *products = json_array();
    for (size_t t = 0; t < r->gap.tol_count && fits != NULL; t++)
        json_append(&fits, json_pack("{s:o, s:o}", "tol", json_number(r->gap.tol[t]), "exponent",
                                     json_number(f->exponent[t])));
    for (size_t i = 0; i < r->n_count && products != NULL; i++) {
        const struct product_rate *const rate = &f->rate[i];
        json_append(&products, json_pack("{s:o, s:o, s:o, s:o, s:o}", "n", json_count(r->n[i]), "ms_f64",
                                         json_number(rate->ms_f64), "gflops_f64",
                                         json_number(rate->gflops_f64), "ms_f32", json_number(rate->ms_f32),
                                         "gflops_f32", json_number(rate->gflops_f32)));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "solver", json_text(r->gap.solver), "aspect",
                     json_number(r->aspect), "seed", json_count(r->seed), "threads", json_count(threads),
                     "fits", fits, "rows", rows_of(r, f), "products", products);
}

static int run(const struct request *r) {
    struct trm_error error = {.text = ""};
    struct figures f = {.exponent = {0}};
    struct plot plot = {.script = NULL};
    json_t *document = NULL;
    enum trm_status status = bench_output_check(&r->gap.output, &error);
    if (status == TRM_OK) {
        const size_t threads = threading_use_idle(r->gap.threads);
        threading_announce(threads);
        status = time_all(r, &f, &error);
        document = document_of(r, &f, threads);
    }
    if (status == TRM_OK) {
        draw_scaling(&plot, r->gap.solver, f.row, r->gap.tol_count * r->n_count, f.exponent);
        status = bench_output_write(&r->gap.output, &plot, document, &error);
    }
    plot_free(&plot);
    if (status == TRM_OK && r->gap.json)
        return print_json(document);
    json_decref(document);
    return status == TRM_OK ? print_table(r, &f) : cli_fail("%s", error.text);
}

int bench_scaling(const struct command *self, int argc, char **argv) {
    struct request r = {.gap.output = {.stem = "scaling"}};
    const struct setting table[] = {
        {"solver", "NAME", SETTING_CHOICE, offsetof(struct request, gap.solver), "quasi_newton", RUN_SOLVERS,
         "which solver"},
        {"n", "LIST", SETTING_TEXT, offsetof(struct request, n_text), "64,128,256,512,1024", NULL,
         "columns, 2 to 8192, rising"},
        {"aspect", "A", SETTING_REAL, offsetof(struct request, aspect), "4.5", "[1, 64]", "m = A n rows"},
        {"seed", "N", SETTING_COUNT, offsetof(struct request, seed), "42", "[0, 9007199254740992]",
         "of the problems"},
        GAP_OPTIONS(gap., "1e-2,1e-4", "10"),
        {"output", "DIR", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, gap.output.folder),
         "(none)", NULL, "draw the curves: DIR/scaling.png and .svg, the figures beside them as .json"},
        {"json", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, gap.json), "", NULL,
         "print one JSON object instead of tables"},
    };
    const int parsed = gap_parse(self, SETTINGS(table), &r, argc, argv, &r.gap);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    r.n_count = bench_list_counts(r.n_text, "[2, 8192]", r.n);
    if (r.n_count == 0)
        return cli_misuse("--n '%s' is not allowed: give 1 to %d whole numbers in [2, 8192] with commas "
                          "between, each above the one before",
                          r.n_text, BENCH_LIST_MAX);
    return run(&r);
}
