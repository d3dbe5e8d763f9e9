/* evaluate: how good a router's choices are on the steps that it was not trained on. */
#include "cli/views/evaluate.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/stop.h"

#include "cli/views/progress.h"
#include "evaluation/evaluation.h"
#include "report/plots.h"
#include "router/router.h"
#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *model, *data, *output, *plot;
    struct trm_evaluation_options options;
    size_t seed, threads;
    bool json, force;
    struct progress progress;
    const char *what; /* that the bar shows */
};

static void progress(void *context, const char *what, size_t done, size_t total) {
    struct request *const r = context;
    if (r->what == NULL || strcmp(r->what, what) != 0) {
        if (r->what != NULL)
            progress_clear(&r->progress);
        progress_begin(&r->progress, what, strcmp(what, "metrics") == 0 ? "policy" : "epoch", done, total,
                       false);
        r->what = what;
    }
    progress_update(&r->progress, done, "");
}

static bool stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

/* STEM of STEM.png; false where it does not end so. */
static bool plot_stem(const char *path, char stem[1024]) {
    const size_t length = strlen(path);
    if (length < 5 || length >= 1024 || strcmp(path + length - 4, ".png") != 0)
        return false;
    memcpy(stem, path, length - 4);
    stem[length - 4] = '\0';
    return true;
}

static enum trm_status write_text(const char *path, bool overwrite, const char *text,
                                  struct trm_error *error) {
    struct file_writer w;
    const enum trm_status status = file_begin(&w, path, error);
    if (status != TRM_OK)
        return status;
    if (fputs(text, w.stream) < 0) {
        file_abandon(&w);
        return trm_fail(error, TRM_IO, "%s: cannot be written; is the disk full?", path);
    }
    return file_commit(&w, overwrite, error);
}

/* The outputs that were asked for, before anything is computed. */
static enum trm_status check_outputs(const struct request *r, struct trm_error *error) {
    char stem[1024], svg[1040];
    enum trm_status status = TRM_OK;
    if (r->output != NULL && (file_same(r->output, r->data) || file_same(r->output, r->model)))
        return trm_fail(error, TRM_INVALID, "%s: is both input and output; write to another file", r->output);
    if (r->output != NULL)
        status = file_check_output(r->output, r->force, true, error);
    if (status == TRM_OK && r->plot != NULL && !plot_stem(r->plot, stem))
        status = trm_fail(error, TRM_INVALID,
                          "--plot %s: give a name that ends in .png; FILE.svg is made beside it", r->plot);
    if (status == TRM_OK && r->plot != NULL)
        status = file_check_output(r->plot, r->force, true, error);
    if (status == TRM_OK && r->plot != NULL) {
        snprintf(svg, sizeof svg, "%s.svg", stem);
        status = file_check_output(svg, r->force, true, error);
    }
    return status == TRM_OK && r->plot != NULL ? gnuplot_check("gnuplot", error) : status;
}

static enum trm_status draw(const struct request *r, const struct trm_evaluation *e,
                            struct trm_error *error) {
    struct plot plot = {0};
    char stem[1024];
    plot_stem(r->plot, stem);
    draw_confusion_matrix(&plot, (const size_t(*)[TRM_ARMS])e->scores[0].confusion, e->arms);
    const enum trm_status status = gnuplot_draw("gnuplot", &plot, stem, error);
    plot_free(&plot);
    return status;
}

static int publish(const struct request *r, const struct trm_evaluation *e) {
    struct trm_error error = {0};
    enum trm_status status = TRM_OK;
    char *const json = trm_evaluation_json(e);
    if (json == NULL)
        return cli_fail("no memory for the evaluation as JSON");
    if (r->output != NULL)
        status = write_text(r->output, r->force, json, &error);
    if (status == TRM_OK && r->plot != NULL)
        status = draw(r, e, &error);
    if (status == TRM_OK && r->json)
        fputs(json, stdout);
    else if (status == TRM_OK)
        evaluate_view_print(e);
    free(json);
    return status == TRM_OK ? cli_flush_output(CLI_DONE) : cli_fail("%s", error.text);
}

static int go(struct request *r) {
    struct trm_error error = {0};
    struct trm_router *router = NULL;
    struct trm_dataset *dataset = NULL;
    struct trm_evaluation evaluation = {.score_count = 0};
    r->options.context = r;
    r->options.progress = progress;
    r->options.stop = stop;
    r->options.seed = r->seed;
    machine_use_threads(r->threads);
    enum trm_status status = check_outputs(r, &error);
    if (status == TRM_OK)
        status = trm_router_load(r->model, &router, &error);
    if (status == TRM_OK)
        status = trm_dataset_open(r->data, &dataset, &error);
    stop_catch(STOP_LATER);
    if (status == TRM_OK)
        status = trm_evaluate(router, dataset, &r->options, &evaluation, &error);
    if (r->what != NULL)
        progress_clear(&r->progress);
    const int exit_status = status == TRM_OK ? publish(r, &evaluation) : cli_fail("%s", error.text);
    trm_evaluation_free(&evaluation);
    trm_dataset_free(dataset);
    trm_router_destroy(router);
    return exit_status;
}

int cmd_evaluate(const struct command *self, int argc, char **argv) {
    struct request r = {.options = trm_evaluation_defaults()};
    const struct option table[] = {
        {"model", "FILE.safetensors", OPTION_TEXT, &r.model, NULL, NULL, "the router, made by train"},
        {"data", "FILE.db", OPTION_TEXT, &r.data, NULL, NULL, "the data set that it was trained on"},
        {"test-split", "SHARE", OPTION_REAL, &r.options.test_split, "(as trained)", "(0, 1)",
         "must be the share that the router was trained with"},
        {"resamples", "N", OPTION_COUNT, &r.options.resamples, "1000", "[0, 100000]",
         "of the bootstrap over groups; 0: no intervals"},
        {"baseline-epochs", "N", OPTION_COUNT, &r.options.baseline_epochs, "100", "[0, 10000]",
         "of the two networks beside; 0 leaves them out"},
        {"seed", "N", OPTION_COUNT, &r.seed, "42", "[0, 9007199254740992]",
         "of the bootstrap and the baselines"},
        {"threads", "N", OPTION_COUNT, &r.threads, "0", "[0, 1024]", "0: as many as OpenMP takes"},
        {"output", "FILE.json", OPTION_TEXT, &r.output, "", NULL, "write the JSON document there too"},
        {"plot", "FILE.png", OPTION_TEXT, &r.plot, "", NULL, "draw the confusion matrix, as PNG and SVG"},
        {"force", NULL, OPTION_FLAG, &r.force, "", NULL, "replace outputs that are there"},
        {"json", NULL, OPTION_FLAG, &r.json, "", NULL, "print one JSON document instead of tables"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    return parsed != OPTIONS_GO_ON ? parsed : go(&r);
}
