/* bench collect-step, and bench update for the optimiser's part of it: forward, backward, the inner solves, retraction,
   and the loss after the step, on one batch of random images again and again. Data loading, features and the store are
   left out. */
#include "cli/bench/step.h"
#include "cli/diagnostics.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "base/clock.h"
#include "experiment/matrices.h"
#include "muon/muon.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    struct run_settings run; /* solver and budget of it */
    const char *manifold;
    double radius;
    size_t certify_every;
    struct step_request step;
};

struct bench {
    struct nn_model *model;
    struct muon_sgd *sgd;
    float *x;
    int32_t *labels;
};

static enum trm_status set_up(const struct request *r, struct bench *b, struct trm_error *error) {
    enum trm_status status = nn_model_create("small_cnn", 1.0, r->step.batch, NN_CIFAR10,
                                             step_precision(&r->step), STEP_SEED, &b->model, error);
    if (status != TRM_OK)
        return status;
    const size_t count = nn_param_count(b->model);
    struct muon_parameter *const parameters = calloc(count, sizeof *parameters);
    if (parameters == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for the optimiser");
    struct muon_sgd_options options = muon_sgd_options_default();
    options.spectral_budget = r->radius;
    options.schedule = MUON_SCHEDULE_constant;
    options.arms[0] = (struct muon_arm){muon_solver_find(r->run.solver), r->run.budget};
    options.arms[0].options.uncertified =
        r->certify_every > 0 ? (double)(r->certify_every - 1) : (double)INFINITY;
    status = manifold_choose(b->model, r->manifold, parameters, error);
    if (status == TRM_OK)
        status = muon_sgd_create(&b->sgd, parameters, count, &options, error);
    if (status == TRM_OK)
        status = muon_sgd_project(b->sgd, error);
    free(parameters);
    return status == TRM_OK ? step_batch(r->step.batch, &b->x, &b->labels, error) : status;
}

static void tear_down(struct bench *b) {
    muon_sgd_destroy(b->sgd);
    nn_model_destroy(b->model);
    free(b->x);
    free(b->labels);
}

/* Milliseconds, the fastest of the repeats, each for itself. */
struct figures {
    double step, network, update; /* all of it; forward and backward; momentum, inner solves and retraction */
    double gap;                   /* the largest certified gap met */
    size_t certified;             /* solves that had one */
};

/* One part of a step, and how long it took. */
static double since(double *clock) {
    const double before = *clock;
    *clock = clock_seconds();
    return 1e3 * (*clock - before);
}

static enum trm_status one_step(const struct request *r, struct bench *b, struct figures *ms,
                                struct trm_error *error) {
    double loss, clock = clock_seconds();
    const double began = clock;
    enum trm_status status = nn_forward_backward(b->model, b->x, b->labels, r->step.batch, &loss, error);
    ms->network = since(&clock);
    if (status == TRM_OK)
        status = muon_sgd_accumulate(b->sgd, error);
    if (status == TRM_OK)
        status = muon_sgd_update(b->sgd, 0, error);
    ms->update = since(&clock);
    if (status == TRM_OK)
        status = nn_forward(b->model, NN_TRAIN_STATS, b->x, b->labels, r->step.batch, &loss, NULL, error);
    ms->step = 1e3 * (clock_seconds() - began);
    return status;
}

static void note_gaps(const struct bench *b, struct figures *f) {
    for (size_t p = 0; p < nn_param_count(b->model); p++) {
        const struct muon_sgd_report *const report = muon_sgd_report(b->sgd, p);
        if (report == NULL || isnan(report->info.gap))
            continue;
        f->gap = fmax(f->gap, report->info.gap);
        f->certified++;
    }
}

static enum trm_status time_steps(const struct request *r, struct bench *b, struct figures *f,
                                  struct trm_error *error) {
    *f = (struct figures){INFINITY, INFINITY, INFINITY, 0.0, 0};
    for (size_t i = 0; i < STEP_WARM_UP + r->step.repeats; i++) {
        struct figures now;
        const enum trm_status status = one_step(r, b, &now, error);
        if (status != TRM_OK)
            return status;
        if (i < STEP_WARM_UP)
            continue;
        f->step = fmin(f->step, now.step);
        f->network = fmin(f->network, now.network);
        f->update = fmin(f->update, now.update);
        note_gaps(b, f);
    }
    return TRM_OK;
}

static int print(const struct request *r, size_t threads, const struct figures *f, bool whole) {
    const char *const precision = nn_precision_used("small_cnn", step_precision(&r->step));
    if (!r->step.json) {
        printf(
            "%.2f ms %s: small_cnn, batch %zu, %s at tol %g, manifold %s, %s, %zu thread%s, the fastest of "
            "%zu; ",
            whole ? f->step : f->update, whole ? "a step" : "an update", r->step.batch, r->run.solver,
            r->run.budget.tol, r->manifold, precision, threads, threads == 1 ? "" : "s", r->step.repeats);
        if (f->certified > 0)
            printf("largest gap %.1e\n", f->gap);
        else
            printf("without certificates\n");
        if (whole)
            printf("%.2f ms forward and backward alone, the step is %.2f times that; %.2f ms the update\n",
                   f->network, f->step / f->network, f->update);
        return cli_flush_output(CLI_DONE);
    }
    return print_json(json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "ms_per_step", json_number(f->step),
        "network_ms", json_number(f->network), "update_ms", json_number(f->update), "threads",
        json_count(threads), "precision", json_text(precision), "solver", json_text(r->run.solver), "tol",
        json_number(r->run.budget.tol), "manifold", json_text(r->manifold), "batch",
        json_count(r->step.batch), "repeats", json_count(r->step.repeats), "largest_gap",
        json_number(f->certified > 0 ? f->gap : NAN), "certify_every", json_count(r->certify_every)));
}

static int run(const struct command *self, struct request *r, bool whole, int argc, char **argv) {
    const struct setting table[] = {
        {"solver", "NAME", SETTING_CHOICE, offsetof(struct request, run.solver), "quasi_newton", RUN_SOLVERS,
         "inner solver"},
        {"manifold", "WHICH", SETTING_TEXT, offsetof(struct request, manifold), whole ? "hidden" : "all",
         NULL, "hidden, all, or names with commas between"},
        {"spectral-budget", "B", SETTING_REAL, offsetof(struct request, radius), "0.01", "(0, 1e100]",
         "spectral norm of a step"},
        {"certify-every", "K", SETTING_COUNT, offsetof(struct request, certify_every), "1", "[0, 1000000]",
         "only every K-th solve of a matrix is certified; 0: none"},
        STEP_OPTIONS(step., "30"),
    };
    const struct settings parts[] = {{SETTINGS(table), r, NULL, 0}, run_budget_table(&r->run)};
    const int parsed = options_parse(self, parts, sizeof parts / sizeof *parts, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    run_settings_complete(&r->run);
    stop_catch(STOP_AT_ONCE);
    struct bench b = {0};
    struct trm_error error = {0};
    struct figures figures;
    const size_t threads = step_begin(&r->step, "small_cnn");
    enum trm_status status = set_up(r, &b, &error);
    if (status == TRM_OK)
        status = time_steps(r, &b, &figures, &error);
    tear_down(&b);
    return status == TRM_OK ? print(r, threads, &figures, whole) : cli_fail("%s", error.text);
}

int bench_collect_step(const struct command *self, int argc, char **argv) {
    struct request r = {.run = run_settings_open()};
    return run(self, &r, true, argc, argv);
}

int bench_update(const struct command *self, int argc, char **argv) {
    struct request r = {.run = run_settings_open()};
    return run(self, &r, false, argc, argv);
}

enum trm_status step_time_arm(const struct step_request *step, const char *manifold, double radius,
                              const struct trm_arm *arm, double *seconds, struct trm_error *error) {
    struct request r = {.run = run_settings_open(),
                        .manifold = manifold,
                        .radius = radius * arm->radius_multiplier,
                        .certify_every = 1,
                        .step = *step};
    struct bench b = {0};
    struct figures f;
    r.run.solver = muon_solver_name(arm->solver);
    r.run.budget = muon_options_default(arm->solver);
    if (arm->budget > 0)
        r.run.budget.max_iter = arm->budget;
    enum trm_status status = set_up(&r, &b, error);
    if (status == TRM_OK)
        status = time_steps(&r, &b, &f, error);
    tear_down(&b);
    if (status == TRM_OK)
        *seconds = 1e-3 * (f.network + f.update);
    return status;
}
