/* report: pictures and one HTML page from a folder of results. */
#include "cli/commands/commands.h"
#include "cli/diagnostics.h"
#include "cli/options/options.h"
#include "cli/views/stop.h"
#include "cli/views/table.h"
#include "cli/views/threading.h"

#include "cli/views/progress.h"
#include "evaluation/settings.h"
#include "report/report.h"
#include "storage/json.h"

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

enum trm_status report_do(const char *results, const struct report_options *options,
                          struct report_summary *summary, struct trm_error *error) {
    struct report_view view = {.what = ""};
    struct report_options watched = *options;
    watched.context = &view, watched.progress = progress, watched.stop = stop_asked;
    const enum trm_status status = report_write(results, &watched, summary, error);
    if (view.what[0] != '\0')
        progress_clear(&view.progress);
    return status;
}

static const struct view_line lines[] = {
    {"report", "{page}"},
    {"pictures", "{drawn} (each as PNG and SVG)"},
    {"", "{missing}: data not in the folder; the page says which command makes it"},
    {"runs", "{runs} with one solver, {online_runs} online"},
    {"read", "{data_sets} data set{data_sets:s}, {routers} router{routers:s}"},
    {"files not used", "{unused}: the page says why"},
};

static int print(const struct report_summary *s, bool json) {
    json_t *object = json_object(), *pictures = json_object(), *missing = json_array();
    size_t drawn = 0;
    for (int i = 0; i < REPORT_PICTURES; i++) {
        const char *const name = report_picture_name((enum report_picture)i);
        json_put(&pictures, name, json_count(s->made[i]));
        if (s->made[i] == 0)
            json_append(&missing, json_text(name));
        drawn += s->made[i];
    }
    json_put(&object, "page", json_text(s->page));
    json_put(&object, "pictures", pictures);
    json_put(&object, "runs", json_count(s->runs));
    json_put(&object, "online_runs", json_count(s->online_runs));
    json_put(&object, "data_sets", json_count(s->data_sets));
    json_put(&object, "routers", json_count(s->routers));
    json_put(&object, "files_not_used", json_count(s->problems));
    if (!json) {
        json_put(&object, "drawn", json_count(drawn));
        json_put(&object, "missing", json_array_size(missing) > 0 ? json_incref(missing) : json_null());
        json_put(&object, "unused", s->problems > 0 ? json_count(s->problems) : json_null());
    }
    json_decref(missing);
    return view_print(object, json, VIEW(lines));
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
        OPTION_FORCE(offsetof(struct request, options.force), "a report"),
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
    threading_use(r.output.threads);
    stop_catch(STOP_LATER);
    if (report_do(r.results, &r.options, &summary, &error) != TRM_OK)
        return cli_fail("%s", error.text);
    return print(&summary, r.output.json);
}
