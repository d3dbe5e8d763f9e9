#include "cli/pipeline/table.h"

#include "cli/message.h"
#include "cli/pipeline/evaluation.h"
#include "cli/views/online.h"
#include "experiment/summary.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "12.34" or "-" where there is no such number, right-aligned. */
static void print_number(int width, int digits, double value) {
    if (isfinite(value))
        printf(" %*.*f", width, digits, value);
    else
        printf(" %*s", width, "-");
}

static enum trm_status print_run(const char *path, struct trm_error *error) {
    struct trm_store *store;
    struct trm_run *runs = NULL;
    struct collect_summary summary = {0};
    size_t count = 0;
    enum trm_status status = trm_store_open(path, TRM_STORE_READ, &store, error);
    if (status != TRM_OK)
        return status;
    status = trm_store_runs(store, &runs, &count, error);
    if (status == TRM_OK && count != 1)
        status = trm_fail(error, TRM_FORMAT, "%s: holds %zu runs, not one", path, count);
    if (status == TRM_OK)
        status = summary_read(store, runs[0].id, &summary, error);
    if (status == TRM_OK) {
        printf("%-14s %6llu", runs[0].settings.solver, (unsigned long long)runs[0].settings.seed);
        print_number(10, 4, summary.train_loss);
        print_number(10, 4, summary.test_loss);
        print_number(13, 2, 100.0 * summary.test_accuracy);
        print_number(10, 1, summary.ms_per_step);
        printf(" %10.1e\n", summary.median_gap);
    }
    free(runs);
    trm_store_close(store, NULL);
    return status;
}

static enum trm_status print_runs(const struct pipeline *pipeline, const struct pipeline_task *tasks,
                                  size_t count, struct trm_error *error) {
    enum trm_status status = TRM_OK;
    char name[128], path[PIPELINE_PATH];
    printf("Fixed solvers\n%-14s %6s %10s %10s %13s %10s %10s\n", "solver", "seed", "train loss", "test loss",
           "accuracy, %", "ms a step", "median gap");
    for (size_t i = 0; i < count && status == TRM_OK; i++)
        if (tasks[i].stage->work == stage_collect) {
            snprintf(name, sizeof name, "%s-%zu.db", tasks[i].solver, tasks[i].seed);
            status = pipeline_path(pipeline, name, path, error);
            if (status == TRM_OK)
                status = print_run(path, error);
        }
    return status;
}

static enum trm_status print_online(const struct pipeline *pipeline, struct trm_error *error) {
    char path[PIPELINE_PATH];
    struct online_summary summary;
    enum trm_status status = pipeline_path(pipeline, "online.db", path, error);
    if (status == TRM_OK)
        status = online_summary_read(path, NAN, &summary, error);
    if (status != TRM_OK)
        return status;
    const struct online_request request = {.output = path};
    printf("\nOnline, %zu epoch%s\n", summary.epochs, summary.epochs == 1 ? "" : "s");
    online_view_print(&request, &summary, false);
    online_summary_free(&summary);
    return TRM_OK;
}

/* The last task tells how far the experiment went. */
static bool reached(const struct pipeline_task *tasks, size_t count, const char *stage) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(tasks[i].stage->name, stage) == 0)
            return true;
    return false;
}

int pipeline_table_print(const struct pipeline *pipeline, const struct pipeline_task *tasks, size_t count) {
    struct trm_error error = {0};
    char path[PIPELINE_PATH];
    enum trm_status status = print_runs(pipeline, tasks, count, &error);
    if (status == TRM_OK && reached(tasks, count, "evaluate"))
        status = pipeline_evaluation_print(pipeline, &error);
    if (status == TRM_OK && reached(tasks, count, "online"))
        status = print_online(pipeline, &error);
    if (status == TRM_OK && reached(tasks, count, "report")) {
        status = pipeline_path(pipeline, "report/report.html", path, &error);
        if (status == TRM_OK)
            printf("\nReport: %s\n", path);
    }
    return status == TRM_OK ? cli_flush_output(CLI_DONE) : cli_fail("%s", error.text);
}
