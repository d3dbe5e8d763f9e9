/* evaluate: how good a router's choices are on the steps that it was not trained on. */
#include "cli/views/evaluate.h"
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/stop.h"
#include "cli/views/threading.h"

#include "cli/views/progress.h"
#include "evaluation/settings.h"
#include "report/plots.h"
#include "router/router.h"
#include "storage/file.h"
#include "storage/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view {
    struct progress progress;
    const char *what; /* that the bar shows */
};

static void progress(void *context, const char *what, size_t done, size_t total) {
    struct view *const view = context;
    if (view->what == NULL || strcmp(view->what, what) != 0) {
        if (view->what != NULL)
            progress_clear(&view->progress);
        progress_begin(&view->progress, what, strcmp(what, "metrics") == 0 ? "policy" : "epoch", done, total,
                       false);
        view->what = what;
    }
    progress_update(&view->progress, done, "");
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

/* One would take the place of the other. */
static bool collide(const char *a, const char *b) {
    return strcmp(a, b) == 0 || file_same(a, b);
}

/* The outputs that were asked for, before anything is computed. */
static enum trm_status check_outputs(const struct evaluate_request *r, struct trm_error *error) {
    char stem[1024], svg[1040];
    if (r->plot != NULL && !plot_stem(r->plot, stem))
        return trm_fail(error, TRM_INVALID,
                        "--plot %s: give a name that ends in .png; FILE.svg is made beside it", r->plot);
    snprintf(svg, sizeof svg, "%s.svg", r->plot != NULL ? stem : "");
    const char *const outputs[] = {r->output, r->plot, r->plot != NULL ? svg : NULL};
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < sizeof outputs / sizeof *outputs; i++) {
        if (outputs[i] == NULL)
            continue;
        if (collide(outputs[i], r->data) || collide(outputs[i], r->model) ||
            (r->test_data != NULL && collide(outputs[i], r->test_data)))
            return trm_fail(error, TRM_INVALID, "%s: is both input and output; write to another file",
                            outputs[i]);
        for (size_t other = 0; other < i; other++)
            if (outputs[other] != NULL && collide(outputs[i], outputs[other]))
                return trm_fail(error, TRM_INVALID,
                                "%s: the JSON document and a picture would both go there; give two names",
                                outputs[i]);
        status = file_check_output(outputs[i], r->force, true, error);
    }
    return status == TRM_OK && r->plot != NULL ? gnuplot_check("gnuplot", error) : status;
}

static enum trm_status draw(const struct evaluate_request *r, const struct trm_evaluation *e,
                            struct trm_error *error) {
    struct plot plot = {0};
    char stem[1024];
    plot_stem(r->plot, stem);
    draw_confusion_matrix(&plot, &e->names, (const size_t(*)[TRM_ARMS_MOST])e->scores[0].confusion, e->arms);
    const enum trm_status status = gnuplot_draw("gnuplot", &plot, stem, error);
    plot_free(&plot);
    return status;
}

static enum trm_status publish(const struct evaluate_request *r, const struct trm_evaluation *e,
                               struct trm_error *error) {
    enum trm_status status = TRM_OK;
    char *const json = r->output != NULL ? trm_evaluation_json(e) : NULL;
    if (r->output != NULL && json == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "no memory for the evaluation as JSON");
    if (json != NULL)
        status = file_write(r->output, json, strlen(json), r->force, error);
    free(json);
    return status == TRM_OK && r->plot != NULL ? draw(r, e, error) : status;
}

enum trm_status evaluate_do(const struct evaluate_request *r, struct trm_evaluation *evaluation,
                            struct trm_error *error) {
    struct trm_router *router = NULL;
    struct trm_dataset *dataset = NULL, *test = NULL;
    struct view view = {.what = NULL};
    struct trm_evaluation_options options = r->options;
    options.context = &view, options.progress = progress, options.stop = stop_asked;
    *evaluation = (struct trm_evaluation){.score_count = 0};
    enum trm_status status = check_outputs(r, error);
    if (status == TRM_OK)
        status = trm_router_load(r->model, &router, error);
    if (status == TRM_OK)
        status = trm_dataset_open(r->data, &dataset, error);
    if (status == TRM_OK && r->test_data != NULL)
        status = trm_dataset_open(r->test_data, &test, error);
    options.test_data = test;
    if (status == TRM_OK)
        status = trm_evaluate(router, dataset, &options, evaluation, error);
    if (view.what != NULL)
        progress_clear(&view.progress);
    if (status == TRM_OK && (status = publish(r, evaluation, error)) != TRM_OK)
        trm_evaluation_free(evaluation);
    trm_dataset_free(dataset);
    trm_dataset_free(test);
    trm_router_destroy(router);
    return status;
}

/* With the times, which the document leaves out. */
static void print_tables(const struct trm_evaluation *evaluation, const char *text) {
    json_t *const document = json_loads(text, 0, NULL);
    for (size_t i = 0; i < evaluation->score_count; i++)
        json_object_set_new(json_array_get(json_object_get(document, "policies"), i), "us",
                            json_number(evaluation->scores[i].microseconds));
    evaluate_view(document);
    json_decref(document);
}

static int print(const struct trm_evaluation *evaluation, bool json) {
    char *const text = trm_evaluation_json(evaluation);
    if (text == NULL)
        return cli_fail("no memory for the evaluation as JSON");
    if (json)
        fputs(text, stdout);
    else
        print_tables(evaluation, text);
    free(text);
    return cli_flush_output(CLI_DONE);
}

struct request {
    struct evaluate_request evaluate;
    struct output_options output;
};

#define AT(field) offsetof(struct request, field)

int cmd_evaluate(const struct command *self, int argc, char **argv) {
    static const struct setting files[] = {
        {"model", "FILE.safetensors", SETTING_TEXT, AT(evaluate.model), NULL, NULL,
         "the router, made by train"},
        {"data", "FILE.db", SETTING_TEXT, AT(evaluate.data), NULL, NULL,
         "the data set that it was trained on"},
        {"test-data", "FILE.db", SETTING_TEXT | SETTING_IN(evaluation), AT(evaluate.test_data), "", NULL,
         "test on all of this data set, of the same arms and other runs"},
        {"output", "FILE.json", SETTING_TEXT | SETTING_IN(common), AT(evaluate.output), "", NULL,
         "write the JSON document there too"},
        {"plot", "FILE.png", SETTING_TEXT | SETTING_IN(common), AT(evaluate.plot), "", NULL,
         "draw the confusion matrix, as PNG and SVG"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), AT(evaluate.force), "", NULL,
         "replace outputs that are there"},
    };
    struct request r = {.evaluate.options = trm_evaluation_defaults()};
    struct trm_error error = {0};
    struct trm_evaluation evaluation;
    const struct settings parts[] = {{SETTINGS(files), &r, NULL, 0},
                                     evaluation_settings_table(&r.evaluate.options),
                                     options_output(&r.output)};
    const int parsed = options_parse(self, parts, sizeof parts / sizeof *parts, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    threading_use(r.output.threads);
    stop_catch(STOP_LATER);
    if (evaluate_do(&r.evaluate, &evaluation, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    const int printed = print(&evaluation, r.output.json);
    trm_evaluation_free(&evaluation);
    return printed;
}
