/* bench solvers: milliseconds and certified gap of each solver on each problem. */
#include "cli/machine.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/print_json.h"
#include "cli/problem_file.h"
#include "cli/stop.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

struct request {
    struct words files;
    double radius;
    size_t repeats, threads;
    bool json;
};

/* The fastest of the repeats, in milliseconds, and the gap of the answer. */
static enum trm_status time_solver(const struct request *r, const struct problem_file *p, int id,
                                   void *A_data, double *ms, double *gap, struct trm_error *error) {
    struct muon_matrix A = muon_matrix_tall(A_data, p->G.dtype, p->g->shape[0], p->g->shape[1]);
    struct muon_solver *solver;
    struct muon_info info;
    enum trm_status status = muon_solver_create(&solver, muon_solver_name(id), p->m, p->n, NULL, error);
    for (size_t i = 0; i < r->repeats && status == TRM_OK; i++) {
        const double begin = clock_seconds();
        status = muon_solver_solve(solver, &p->W, &p->G, r->radius, NULL, &A, NULL, &info);
        const double elapsed = 1e3 * (clock_seconds() - begin);
        if (i == 0 || elapsed < *ms)
            *ms = elapsed;
        *gap = info.gap;
        if (status != TRM_OK)
            trm_fail(error, status, "%s: %s", st_path(p->file), info.reason);
    }
    muon_solver_destroy(solver);
    return status;
}

static json_t *row_of(const char *path, int id, double ms, double gap) {
    json_t *row = json_object();
    json_object_set_new(row, "file", json_text(path));
    json_object_set_new(row, "solver", json_text(muon_solver_name(id)));
    json_object_set_new(row, "ms", json_number(ms));
    json_object_set_new(row, "gap", json_number(gap));
    return row;
}

static enum trm_status bench_file(const struct request *r, const char *path, json_t *rows,
                                  struct trm_error *error) {
    struct problem_file p;
    enum trm_status status = problem_file_open(path, &p, error);
    if (status != TRM_OK)
        return status;
    void *A = calloc(p.g->count, st_dtype_size(p.g->dtype));
    if (A == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for an answer of %zu x %zu", path, p.m, p.n);
    for (int id = 0; id < MUON_LABEL_COUNT && status == TRM_OK; id++) {
        double ms = 0, gap = 0;
        status = time_solver(r, &p, id, A, &ms, &gap, error);
        if (status == TRM_OK && r->json)
            json_array_append_new(rows, row_of(path, id, ms, gap));
        else if (status == TRM_OK)
            printf("%-40s  %-14s %10.3f ms   gap %.2e\n", path, muon_solver_name(id), ms, gap);
    }
    free(A);
    problem_file_close(&p);
    return status;
}

int bench_solvers(const struct command *self, int argc, char **argv) {
    struct request r = {0};
    struct trm_error error = {0};
    const struct option table[] = {
        {"FILE", NULL, OPTION_ARGUMENTS, &r.files, NULL, NULL,
         "safetensors files with W and G, as for solve"},
        {"radius", "B", OPTION_REAL, &r.radius, "0.1", "(0, 1e100]", "radius of every problem"},
        {"repeats", "N", OPTION_COUNT, &r.repeats, "5", "[1, 1000000]", "solve N times, the fastest counts"},
        {"threads", "N", OPTION_COUNT, &r.threads, "(all cores)", "[1, 1024]", "use N threads"},
        {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON array of {file, solver, ms, gap}"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    stop_catch(STOP_AT_ONCE);
    for (size_t i = 0; i < r.files.count; i++) { /* a bad name is said before minutes of work on the others */
        struct problem_file p;
        if (problem_file_open(r.files.at[i], &p, &error) != TRM_OK)
            return cli_fail("%s", error.text);
        problem_file_close(&p);
    }
    machine_announce(machine_use_threads(r.threads));
    json_t *rows = r.json ? json_array() : NULL;
    for (size_t i = 0; i < r.files.count; i++)
        if (bench_file(&r, r.files.at[i], rows, &error) != TRM_OK) {
            json_decref(rows);
            return cli_fail("%s", error.text);
        }
    return r.json ? print_json(rows) : cli_flush_output(CLI_DONE);
}
