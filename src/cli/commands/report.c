/* report: pictures and one HTML page from a folder of results. */
#include "cli/commands/commands.h"
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "cli/views/progress.h"
#include "evaluation/settings.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

struct report_view {
    struct progress progress;
    char what[64]; /* of the bar that is shown; "" for none */
};

static void progress(void *context, const char *what, size_t done, size_t total) {
    struct report_view *const view = context;
    if (strcmp(view->what, what) != 0) {
        if (view->what[0] != '\0')
            progress_clear(&view->progress);
        snprintf(view->what, sizeof view->what, "%s", what);
        progress_begin(&view->progress, view->what, "part", done, total, false);
    }
    view->progress.total = total;
    progress_update(&view->progress, done, "");
}

static bool stop(void *context) {
    (void)context;
    return stop_signal() != 0;
}

enum trm_status report_do(const char *results, const struct report_options *options,
                          struct report_summary *summary, struct trm_error *error) {
    struct report_view view = {.what = ""};
    struct report_options watched = *options;
    watched.context = &view, watched.progress = progress, watched.stop = stop;
    const enum trm_status status = report_write(results, &watched, summary, error);
    if (view.what[0] != '\0')
        progress_clear(&view.progress);
    return status;
}

static int print_table(const struct report_summary *s) {
    size_t pictures = 0;
    for (int i = 0; i < REPORT_PICTURES; i++)
        pictures += s->made[i];
    printf("%-22s %s\n", "report", s->page);
    printf("%-22s %zu (each as PNG and SVG)\n", "pictures", pictures);
    for (int i = 0; i < REPORT_PICTURES; i++)
        if (s->made[i] == 0)
            printf("%-22s %s: its data is not in the folder; the page says which command makes it\n", "",
                   report_picture_name((enum report_picture)i));
    printf("%-22s %zu with one solver, %zu online\n", "runs", s->runs, s->online_runs);
    printf("%-22s %zu data sets, %zu routers\n", "read", s->data_sets, s->routers);
    if (s->problems > 0)
        printf("%-22s %zu: the page says why\n", "files not used", s->problems);
    return cli_flush_output(CLI_DONE);
}

static int print_document(const struct report_summary *s) {
    json_t *object = json_object(), *pictures = json_object();
    for (int i = 0; i < REPORT_PICTURES; i++)
        json_put(&pictures, report_picture_name((enum report_picture)i), json_count(s->made[i]));
    json_put(&object, "page", json_text(s->page));
    json_put(&object, "pictures", pictures);
    json_put(&object, "runs", json_count(s->runs));
    json_put(&object, "online_runs", json_count(s->online_runs));
    json_put(&object, "data_sets", json_count(s->data_sets));
    json_put(&object, "routers", json_count(s->routers));
    json_put(&object, "files_not_used", json_count(s->problems));
    return print_json(object);
}

struct request {
    const char *results;
    struct report_options options;
    struct trm_evaluation_options evaluation;
    struct output_options output;
};

int cmd_report(const struct command *self, int argc, char **argv) {
    struct request r = {.options = report_defaults()};
    struct report_summary summary;
    struct trm_error error = {.text = ""};
    const struct setting table[] = {
        {"results", "DIR", SETTING_TEXT, offsetof(struct request, results), NULL, NULL,
         "the folder of stores, data set and router"},
        {"output", "DIR", SETTING_TEXT | SETTING_IN(common), offsetof(struct request, options.output),
         "(RESULTS/report)", NULL, "folder of the page and the pictures"},
        {"gnuplot", "PROGRAM", SETTING_TEXT | SETTING_IN(output), offsetof(struct request, options.gnuplot),
         "gnuplot", NULL, "what draws the pictures"},
        {"force", NULL, SETTING_FLAG | SETTING_IN(common), offsetof(struct request, options.force), "", NULL,
         "replace a report that is there"},
    };
    struct settings parts[] = {
        {SETTINGS(table), &r, NULL, 0}, evaluation_settings_table(&r.evaluation), options_output(&r.output)};
    parts[1].without = SETTING_LINE;
    const int parsed = options_parse(self, parts, sizeof parts / sizeof *parts, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    r.options.resamples = r.evaluation.resamples;
    r.options.baseline_epochs = r.evaluation.baseline_epochs;
    r.options.seed = r.evaluation.seed;
    machine_use_threads(r.output.threads);
    stop_catch(STOP_LATER);
    if (report_do(r.results, &r.options, &summary, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    return r.output.json ? print_document(&summary) : print_table(&summary);
}
