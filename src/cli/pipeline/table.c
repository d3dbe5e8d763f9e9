#include "cli/pipeline/table.h"

#include "cli/diagnostics.h"
#include "cli/views/evaluate.h"
#include "cli/views/online.h"
#include "cli/views/print_json.h"
#include "cli/views/table.h"
#include "experiment/summary.h"
#include "storage/file.h"
#include "storage/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVALUATION_LIMIT = 1 << 24 };

static const struct view_column of_runs[] = {
    {"solver", "{solver}"},
    {"seed", "{seed}"},
    {"train loss", "{train_loss:.4f}"},
    {"test loss", "{test_loss:.4f}"},
    {"accuracy, %", "{test_accuracy:.2%}"},
    {"ms a step", "{ms_per_step:.1f}"},
    {"median gap", "{median_gap:.1e}"},
};

static enum trm_status read_run(const char *path, json_t **rows, struct trm_error *error) {
    struct trm_store *store;
    struct trm_run *runs = NULL;
    struct collect_summary s = {0};
    size_t count = 0;
    enum trm_status status = trm_store_open(path, TRM_STORE_READ, &store, error);
    if (status != TRM_OK)
        return status;
    status = trm_store_runs(store, &runs, &count, error);
    if (status == TRM_OK && count != 1)
        status = trm_fail(error, TRM_FORMAT, "%s: holds %zu runs, not one", path, count);
    if (status == TRM_OK)
        status = summary_read(store, runs[0].id, &s, error);
    if (status == TRM_OK) {
        json_t *row = json_object();
        json_put(&row, "solver", json_text(runs[0].settings.solver));
        json_put(&row, "seed", json_count(runs[0].settings.seed));
        json_put(&row, "train_loss", json_number(s.train_loss));
        json_put(&row, "test_loss", json_number(s.test_loss));
        json_put(&row, "test_accuracy", json_number(s.test_accuracy));
        json_put(&row, "ms_per_step", json_number(s.ms_per_step));
        json_put(&row, "median_gap", json_number(s.median_gap));
        json_append(rows, row);
    }
    free(runs);
    trm_store_close(store, NULL);
    return status;
}

/* A document of the runs of collect, in their order. */
static enum trm_status add_runs(const struct pipeline_tasks *tasks, json_t **document,
                                struct trm_error *error) {
    enum trm_status status = TRM_OK;
    json_t *rows = json_array();
    for (size_t i = 0; i < tasks->count && status == TRM_OK; i++)
        if (tasks->at[i].stage->work == stage_collect)
            status = read_run(tasks->at[i].outputs.at[0], &rows, error);
    json_put(document, "runs", rows);
    return status;
}

/* path: of the JSON document that evaluate wrote. */
static enum trm_status add_evaluation(const char *path, json_t **document, struct trm_error *error) {
    void *text;
    size_t size;
    const enum trm_status status = file_read(path, EVALUATION_LIMIT, &text, &size, error);
    if (status != TRM_OK)
        return status;
    json_t *const evaluation = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    if (evaluation == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: is no JSON; remove it and run again", path);
    json_put(document, "evaluation", evaluation);
    return TRM_OK;
}

static enum trm_status add_online(const struct pipeline *pipeline, const char *path, json_t **document,
                                  struct trm_error *error) {
    struct online_summary summary;
    struct online_request request = {
        .settings = pipeline->setup.collect.settings, .output = path, .router = ""};
    const enum trm_status status = online_summary_read(path, NAN, &summary, error);
    if (status != TRM_OK)
        return status;
    json_put(document, "online", online_document(&request, &summary));
    online_summary_free(&summary);
    return TRM_OK;
}

static enum trm_status read_all(const struct pipeline *pipeline, const struct pipeline_tasks *tasks,
                                json_t **document, struct trm_error *error) {
    json_put(document, "results", json_text(pipeline->folder));
    enum trm_status status = add_runs(tasks, document, error);
    for (size_t i = 0; i < tasks->count && status == TRM_OK; i++) {
        const struct pipeline_task *const task = &tasks->at[i];
        if (task->stage->work == stage_evaluate)
            status = add_evaluation(task->outputs.at[0], document, error);
        else if (task->stage->work == stage_online)
            status = add_online(pipeline, task->outputs.at[0], document, error);
        else if (task->stage->work == stage_report)
            json_put(document, "report", json_text(task->outputs.at[0]));
    }
    if (status == TRM_OK && *document == NULL)
        status = trm_fail(error, TRM_NO_MEMORY, "out of memory for the tables");
    return status;
}

static void print_all(const json_t *document) {
    json_t *const evaluation = json_object_get(document, "evaluation");
    const json_t *const online = json_object_get(document, "online"), *const report =
                                                                          json_object_get(document, "report");
    view_table(json_object_get(document, "runs"), VIEW(of_runs));
    if (evaluation != NULL) {
        printf("\n");
        evaluate_view(evaluation);
    }
    if (online != NULL) {
        const long long epochs = json_integer_value(json_object_get(online, "epochs"));
        printf("\nOnline, %lld epoch%s\n", epochs, epochs == 1 ? "" : "s");
        online_view(online);
    }
    if (report != NULL)
        printf("\nReport: %s\n", json_string_value(report));
}

int pipeline_table_print(const struct pipeline *pipeline, const struct pipeline_tasks *tasks, bool json) {
    struct trm_error error = {0};
    json_t *document = json_object();
    const enum trm_status status = read_all(pipeline, tasks, &document, &error);
    int result = CLI_DONE;
    if (status != TRM_OK)
        result = cli_fail("%s", error.text);
    else if (json)
        return print_json(document);
    else
        print_all(document);
    json_decref(document);
    return status == TRM_OK ? cli_flush_output(result) : result;
}
