/* report: pictures and one HTML page from a folder of results. */
#include "cli/message.h"
#include "cli/options/options.h"
#include "cli/views/machine.h"
#include "cli/views/print_json.h"
#include "cli/views/stop.h"

#include "cli/views/progress.h"
#include "report/report.h"

#include <stdio.h>
#include <string.h>

struct view {
    struct progress progress;
    char what[64]; /* of the bar that is shown; "" for none */
};

static void progress(void *context, const char *what, size_t done, size_t total) {
    struct view *const view = context;
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
    json_t *const object = json_object(), *const pictures = json_object();
    for (int i = 0; i < REPORT_PICTURES; i++)
        json_object_set_new(pictures, report_picture_name((enum report_picture)i), json_count(s->made[i]));
    json_object_set_new(object, "page", json_text(s->page));
    json_object_set_new(object, "pictures", pictures);
    json_object_set_new(object, "runs", json_count(s->runs));
    json_object_set_new(object, "online_runs", json_count(s->online_runs));
    json_object_set_new(object, "data_sets", json_count(s->data_sets));
    json_object_set_new(object, "routers", json_count(s->routers));
    json_object_set_new(object, "files_not_used", json_count(s->problems));
    return print_json(object);
}

int cmd_report(const struct command *self, int argc, char **argv) {
    struct report_options options = report_defaults();
    struct report_summary summary;
    struct trm_error error = {.text = ""};
    struct view view = {.what = ""};
    const char *results = NULL;
    size_t threads = 0, seed = options.seed;
    bool json = false;
    const struct option table[] = {
        {"results", "DIR", OPTION_TEXT, &results, NULL, NULL, "the folder of stores, data set and router"},
        {"output", "DIR", OPTION_TEXT, &options.output, "(RESULTS/report)", NULL,
         "folder of the page and the pictures"},
        {"resamples", "N", OPTION_COUNT, &options.resamples, "1000", "[0, 100000]",
         "of the evaluation's bootstrap over groups; 0: no intervals"},
        {"baseline-epochs", "N", OPTION_COUNT, &options.baseline_epochs, "100", "[0, 10000]",
         "of the two networks that it trains beside; 0 leaves them out"},
        {"seed", "N", OPTION_COUNT, &seed, "42", "[0, 9007199254740992]",
         "of the bootstrap and the baselines"},
        {"threads", "N", OPTION_COUNT, &threads, "0", "[0, 1024]", "0: as many as OpenMP takes"},
        {"gnuplot", "PROGRAM", OPTION_TEXT, &options.gnuplot, "gnuplot", NULL, "what draws the pictures"},
        {"force", NULL, OPTION_FLAG, &options.force, "", NULL, "replace a report that is there"},
        {"json", NULL, OPTION_FLAG, &json, "", NULL, "print one JSON object instead of a table"},
    };
    const int parsed = options_parse(self, table, sizeof table / sizeof *table, argc, argv, NULL);
    if (parsed != OPTIONS_GO_ON)
        return parsed;
    options.seed = seed;
    options.context = &view;
    options.progress = progress;
    options.stop = stop;
    machine_use_threads(threads);
    stop_catch(STOP_LATER);
    const enum trm_status status = report_write(results, &options, &summary, &error);
    if (view.what[0] != '\0')
        progress_clear(&view.progress);
    if (status != TRM_OK)
        return cli_fail("%s", error.text);
    return json ? print_document(&summary) : print_table(&summary);
}
