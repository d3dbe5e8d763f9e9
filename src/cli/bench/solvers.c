/* bench solvers: how long each solver takes to each certified gap, on problems from files. */
#include "cli/bench/request.h"
#include "cli/commands/problem_file.h"
#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/progress.h"
#include "cli/views/threading.h"

#include "dynamics/settings.h"
#include "report/plots.h"

#include "cli/views/table.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
    struct problem_choice problem;
    struct setting_arguments files;
    struct gap_request gap; /* solver NULL: the five labels */
};

/* All figures, in the order files, solvers, tolerances. */
struct table {
    int solver[MUON_LABEL_COUNT];
    size_t solver_count, per_file; /* points of a file */
    struct bench_point *points;
    struct progress progress;
    size_t done; /* solvers, over all files */
};

static enum trm_status table_make(const struct request *r, struct table *t, struct trm_error *error) {
    *t = (struct table){.solver_count = 0};
    if (r->gap.solver != NULL)
        t->solver[t->solver_count++] = muon_solver_find(r->gap.solver);
    else
        for (int id = 0; id < MUON_LABEL_COUNT; id++)
            t->solver[t->solver_count++] = id;
    t->per_file = t->solver_count * r->gap.tol_count;
    t->points = calloc(r->files.count * t->per_file, sizeof *t->points);
    return t->points == NULL ? trm_fail(error, TRM_NO_MEMORY, "no memory for the figures") : TRM_OK;
}

static enum trm_status time_file(const struct request *r, size_t file, struct table *t,
                                 struct trm_error *error) {
    struct problem_file p;
    struct bench_time times[BENCH_LIST_MAX];
    const char *const path = r->files.at[file];
    enum trm_status status = problem_file_open(path, &r->problem, &p, error);
    if (status != TRM_OK)
        return status;
    void *const A = calloc(p.g->count, st_dtype_size(p.answer));
    if (A == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for an answer of %zu x %zu", path, p.m, p.n);
    const struct bench_problem problem = {
        .name = path,
        .W = p.W,
        .G = p.G,
        .A = muon_matrix_transposed_if_wide(A, p.G.dtype, p.out, p.in),
    };
    struct bench_point *at = t->points + file * t->per_file;
    for (size_t s = 0; s < t->solver_count && status == TRM_OK; s++) {
        progress_update(&t->progress, t->done, path);
        status = bench_time_solver(&problem, t->solver[s], &r->gap.limits, r->gap.tol, r->gap.tol_count,
                                   times, error);
        for (size_t i = 0; i < r->gap.tol_count && status == TRM_OK; i++)
            *at++ = (struct bench_point){.file = path,
                                         .m = p.m,
                                         .n = p.n,
                                         .solver = t->solver[s],
                                         .tol = r->gap.tol[i],
                                         .ms = times[i].ms,
                                         .gap = times[i].gap,
                                         .iterations = times[i].iterations,
                                         .reached = times[i].reached};
        t->done++;
    }
    free(A);
    problem_file_close(&p);
    return status;
}

/* "0.35 (16)"; "-" where no solver reached the gap, so that its column stays. */
static json_t *cell(const struct bench_point *at, bool any) {
    char text[64] = "-";
    if (at->reached)
        snprintf(text, sizeof text, "%.2f (%zu)", at->ms, at->iterations);
    return at->reached || !any ? json_text(text) : json_null();
}

/* A line a solver: milliseconds and iterations to each gap, and the gap that it ended at. */
static void print_file(const struct request *r, const struct bench_point *at, size_t solvers) {
    struct view_column columns[BENCH_LIST_MAX + 2] = {{"solver", "{solver}"}};
    char titles[BENCH_LIST_MAX][32], places[BENCH_LIST_MAX][16];
    const size_t count = r->gap.tol_count;
    bool any[BENCH_LIST_MAX] = {false};
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        for (size_t s = 0; s < solvers; s++)
            any[i] = any[i] || at[s * count + i].reached;
        snprintf(places[i], sizeof places[i], "{t.%zu}", i);
        columns[i + 1] = (struct view_column){bench_gap_text(r->gap.tol[i], titles[i]), places[i]};
    }
    columns[count + 1] = (struct view_column){"ended at", "{gap:.1e}"};
    cli_put(at->file);
    printf(", %zu x %zu: milliseconds (iterations) to a certified gap\n", at->m, at->n);
    for (size_t s = 0; s < solvers; s++, at += count) {
        json_t *row = json_object(), *t = json_array();
        for (size_t i = 0; i < count; i++)
            json_append(&t, cell(&at[i], any[i]));
        json_put(&row, "solver", json_text(muon_solver_name(at->solver)));
        json_put(&row, "t", t);
        json_put(&row, "gap", json_number(at[count - 1].gap));
        json_append(&rows, row);
    }
    view_table(rows, columns, count + 2);
    json_decref(rows);
    printf("\n");
}

static json_t *document_of(const struct table *t, size_t count) {
    json_t *rows = json_array();
    for (const struct bench_point *p = t->points; rows != NULL && p < t->points + count; p++) {
        json_t *const row = json_pack(
            "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "file", json_text(p->file), "m",
            json_count(p->m), "n", json_count(p->n), "solver", json_text(muon_solver_name(p->solver)), "tol",
            json_number(p->tol), "ms", json_number(p->ms), "iterations", json_count(p->iterations), "gap",
            json_number(p->gap), "reached", (int)p->reached);
        json_append(&rows, row);
    }
    return rows;
}

/* A bad name is said before minutes of work on the others. */
static enum trm_status check_files(const struct request *r, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; i < r->files.count && status == TRM_OK; i++) {
        struct problem_file p;
        status = problem_file_open(r->files.at[i], &r->problem, &p, error);
        if (status == TRM_OK)
            problem_file_close(&p);
    }
    return status;
}

static enum trm_status time_all(const struct request *r, struct table *t, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    progress_begin(&t->progress, "bench", "solver", 0, r->files.count * t->solver_count, false);
    for (size_t i = 0; i < r->files.count && status == TRM_OK; i++) {
        status = time_file(r, i, t, error);
        progress_clear(&t->progress);
        if (status == TRM_OK && !r->gap.json) {
            print_file(r, t->points + i * t->per_file, t->solver_count);
            fflush(stdout);
        }
    }
    return status;
}

static int run(const struct request *r) {
    struct trm_error error = {.text = ""};
    struct table t = {.points = NULL};
    struct plot plot = {.script = NULL};
    json_t *document = NULL;
    enum trm_status status = check_files(r, &error);
    if (status == TRM_OK)
        status = bench_output_check(&r->gap.output, &error);
    if (status == TRM_OK)
        status = table_make(r, &t, &error);
    if (status == TRM_OK) {
        threading_announce(threading_use_idle(r->gap.threads));
        status = time_all(r, &t, &error);
    }
    if (status == TRM_OK) {
        const size_t count = r->files.count * t.per_file;
        document = document_of(&t, count);
        draw_time_to_gap(&plot, t.points, count);
        status = bench_output_write(&r->gap.output, &plot, document, &error);
    }
    plot_free(&plot);
    free(t.points);
    if (status == TRM_OK && r->gap.json)
        return print_json(document);
    json_decref(document);
    return status == TRM_OK ? cli_flush_output(CLI_DONE) : cli_fail("%s", error.text);
}

int bench_solvers(const struct command *self, int argc, char **argv) {
    struct request r = {.gap.output = {.stem = "time_to_gap"}};
    const struct setting table[] = {
        {"FILE", NULL, SETTING_ARGUMENTS, offsetof(struct request, files), NULL, NULL,
         "safetensors files with W and G, as for solve"},
        PROBLEM_OPTIONS(struct request, problem),
        {"solver", "NAME", SETTING_CHOICE, offsetof(struct request, gap.solver), "(the five labels)",
         RUN_SOLVERS, "only this one"},
        GAP_OPTIONS(gap., "1e-1,1e-2,1e-3,1e-4,1e-5,1e-6", "5"),
        {"output", "DIR", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, gap.output.folder),
         "(none)", NULL, "draw the curves: DIR/time_to_gap.png and .svg, the figures beside them as .json"},
        {"json", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, gap.json), "", NULL,
         "print one JSON array of {file, m, n, solver, tol, ms, iterations, gap, reached}"},
    };
    const int parsed = gap_parse(self, SETTINGS(table), &r, argc, argv, &r.gap);
    return parsed == OPTIONS_GO_ON ? run(&r) : parsed;
}
