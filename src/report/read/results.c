#include "report/read/results.h"

#include "storage/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void results_free(struct results *c) {
    report_runs_free(&c->runs);
    report_groups_free(&c->groups);
    for (size_t i = 0; i < c->data_sets; i++)
        trm_dataset_free(c->data_set[i].set);
    for (size_t i = 0; i < c->routers; i++) {
        trm_router_destroy(c->router[i].router);
        trm_evaluation_free(&c->router[i].evaluation);
    }
    for (size_t i = 0; i < c->histories; i++)
        history_free(&c->history[i].history);
    for (size_t i = 0; i < c->onlines; i++) {
        online_summary_free(&c->online[i].summary);
        report_runs_free(&c->online[i].runs);
        report_groups_free(&c->online[i].groups);
    }
    free(c->problem);
    folder_free(&c->folder);
    *c = (struct results){.problems = 0};
}

/* Remember why a file is not used. The reason goes without the path that it begins with. */
static void add_problem(struct results *c, const struct folder_file *file, const char *text) {
    struct results_problem *const p = &c->problem[c->problems++];
    const size_t length = strlen(file->path);
    if (strncmp(text, file->path, length) == 0 && strncmp(text + length, ": ", 2) == 0)
        text += length + 2;
    p->name = file->name;
    snprintf(p->text, sizeof p->text, "%s", text);
}

/* ---- one file of each kind */

/* Did online make it? Its runs choose among solvers, or chance does. */
static enum trm_status is_online(struct trm_store *store, const char *path, bool *online,
                                 struct trm_error *error) {
    struct trm_run *runs;
    size_t count;
    enum trm_status status = trm_store_runs(store, &runs, &count, error);
    if (status == TRM_OK && count == 0)
        status = trm_fail(
            error, TRM_INVALID,
            "holds no run; where its writer was killed, copy also %s-wal, which holds its last rows", path);
    *online = false;
    for (size_t i = 0; status == TRM_OK && i < count; i++) {
        const int policy = report_policy_find(runs[i].settings.solver);
        *online = *online || policy == REPORT_POLICY_ROUTER || policy == REPORT_POLICY_RANDOM;
    }
    free(runs);
    return status;
}

/* Pictures have one place an epoch; a damaged file may name any number of them. */
static enum trm_status check_epochs(size_t epochs, struct trm_error *error) {
    enum { EPOCHS_MAX = 1000000 };
    if (epochs <= EPOCHS_MAX)
        return TRM_OK;
    return trm_fail(error, TRM_FORMAT, "has %zu epochs, more than the %d that a report takes", epochs,
                    EPOCHS_MAX);
}

static enum trm_status read_online(struct results *c, const struct folder_file *file, struct trm_store *store,
                                   struct trm_error *error) {
    struct results_online *const o = &c->online[c->onlines];
    *o = (struct results_online){.name = file->name};
    enum trm_status status = report_runs_read(&o->runs, store, file->name, error);
    for (size_t i = 0; status == TRM_OK && i < o->runs.count; i++)
        status = check_epochs(o->runs.at[i].epochs, error);
    if (status == TRM_OK)
        status = online_summary_read(file->path, NAN, &o->summary, error);
    if (status == TRM_OK)
        c->onlines++;
    else
        report_runs_free(&o->runs);
    return status;
}

static enum trm_status read_store(struct results *c, const struct folder_file *file,
                                  struct trm_error *error) {
    struct trm_store *store;
    bool online;
    enum trm_status status = trm_store_open(file->path, TRM_STORE_READ, &store, error);
    if (status != TRM_OK)
        return status;
    status = is_online(store, file->name, &online, error);
    if (status == TRM_OK && online && c->onlines == RESULTS_MAX)
        status = trm_fail(error, TRM_INVALID, "left out: a report has at most %d online stores", RESULTS_MAX);
    else if (status == TRM_OK)
        status = online ? read_online(c, file, store, error)
                        : report_runs_read(&c->runs, store, file->name, error);
    (void)trm_store_close(store, NULL); /* it was only read */
    return status;
}

static enum trm_status read_data_set(struct results *c, const struct folder_file *file,
                                     struct trm_error *error) {
    struct results_data_set *const d = &c->data_set[c->data_sets];
    *d = (struct results_data_set){.name = file->name};
    enum trm_status status = trm_dataset_open(file->path, &d->set, error);
    size_t count = 0;
    const struct trm_sample *const samples = status == TRM_OK ? trm_dataset_samples(d->set, &count) : NULL;
    for (size_t i = 0; status == TRM_OK && i < count; i++)
        status = check_epochs(samples[i].epochs, error);
    if (status != TRM_OK) {
        trm_dataset_free(d->set);
        return status;
    }
    trm_dataset_statistics(d->set, &d->statistics);
    c->data_sets++;
    return TRM_OK;
}

static enum trm_status read_router(struct results *c, const struct folder_file *file,
                                   struct trm_error *error) {
    struct results_router *const r = &c->router[c->routers];
    *r = (struct results_router){.name = file->name};
    const enum trm_status status = trm_router_load(file->path, &r->router, error);
    if (status == TRM_OK)
        c->routers++;
    return status;
}

static enum trm_status read_history(struct results *c, const struct folder_file *file,
                                    struct trm_error *error) {
    struct results_history *const h = &c->history[c->histories];
    h->name = file->name;
    const enum trm_status status = history_read(file->path, &h->history, error);
    if (status == TRM_OK)
        c->histories++;
    return status;
}

static enum trm_status read_one(struct results *c, const struct folder_file *file, struct trm_error *error) {
    const bool full = (file->kind == FOLDER_DATA_SET && c->data_sets == RESULTS_MAX) ||
                      (file->kind == FOLDER_ROUTER && c->routers == RESULTS_MAX) ||
                      (file->kind == FOLDER_HISTORY && c->histories == RESULTS_MAX);
    if (full)
        return trm_fail(error, TRM_INVALID, "left out: a report has at most %d files of a kind", RESULTS_MAX);
    switch (file->kind) {
    case FOLDER_STORE:
        return read_store(c, file, error);
    case FOLDER_DATA_SET:
        return read_data_set(c, file, error);
    case FOLDER_ROUTER:
        return read_router(c, file, error);
    case FOLDER_HISTORY:
        return read_history(c, file, error);
    case FOLDER_OTHER:
        break;
    }
    return TRM_OK;
}

/* ---- evaluation */

/* The data set that a router was trained on; NULL where it is not in the folder. */
static const struct results_data_set *data_set_of(const struct results *c, const struct trm_router *router) {
    for (size_t i = 0; i < c->data_sets; i++)
        if (trm_router_check_data(router, c->data_set[i].set, NULL) == TRM_OK)
            return &c->data_set[i];
    return NULL;
}

static const struct folder_file *file_of(const struct results *c, const char *name) {
    size_t i = 0;
    while (c->folder.at[i].name != name)
        i++;
    return &c->folder.at[i];
}

static enum trm_status evaluate(struct results *c, struct results_router *r,
                                const struct report_options *options, struct trm_error *error) {
    struct trm_evaluation_options e = trm_evaluation_defaults();
    e.resamples = options->resamples;
    e.baseline_epochs = options->baseline_epochs;
    e.seed = options->seed;
    e.context = options->context;
    e.progress = options->progress;
    e.stop = options->stop;
    r->data_set = data_set_of(c, r->router);
    if (r->data_set == NULL) {
        char text[256];
        snprintf(text, sizeof text,
                 "not evaluated: the data set that it was trained on (%zu samples) is not in the folder",
                 trm_router_origin(r->router)->samples);
        add_problem(c, file_of(c, r->name), text);
        return TRM_OK;
    }
    struct trm_error why = {0};
    const enum trm_status status = trm_evaluate(r->router, r->data_set->set, &e, &r->evaluation, &why);
    if (status == TRM_OK)
        return TRM_OK;
    if (status == TRM_STOPPED || status == TRM_NO_MEMORY)
        return trm_fail(error, status, "%s", why.text);
    r->data_set = NULL;
    add_problem(c, file_of(c, r->name), why.text);
    return TRM_OK;
}

static bool is_sweep(const char *path) {
    char name[1024];
    return snprintf(name, sizeof name, "%s/sweep.json", path) < (int)sizeof name && file_exists(name);
}

enum trm_status results_read(const char *path, const struct report_options *options, struct results *c,
                             struct trm_error *error) {
    *c = (struct results){.problems = 0};
    enum trm_status status = folder_read(path, &c->folder, error);
    if (status != TRM_OK)
        return status;
    c->problem = calloc(2 * c->folder.count + 1, sizeof *c->problem);
    if (c->problem == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "%s: no memory for its files", path);
    for (size_t i = 0; i < c->folder.count; i++) {
        struct trm_error why = {0};
        if (options->progress != NULL)
            options->progress(options->context, "reading the folder", i, c->folder.count);
        status = read_one(c, &c->folder.at[i], &why);
        if (status == TRM_NO_MEMORY)
            return trm_fail(error, status, "%s", why.text);
        if (status != TRM_OK)
            add_problem(c, &c->folder.at[i], why.text);
    }
    if (c->runs.count + c->data_sets + c->routers + c->histories + c->onlines == 0 && is_sweep(path))
        return trm_fail(
            error, TRM_INVALID,
            "%s: is a sweep whose runs are not gathered; `trm-router sweep gather %s` makes one store "
            "of them, which can be reported",
            path, path);
    if (c->runs.count + c->data_sets + c->routers + c->histories + c->onlines == 0)
        return trm_fail(error, TRM_INVALID, "%s: holds no results that can be reported%s%s%s%s%s", path,
                        c->problems > 0 ? " (" : "; begin with collect --output ",
                        c->problems > 0 ? c->problem[0].name : path, c->problems > 0 ? ": " : "/SOLVER.db",
                        c->problems > 0 ? c->problem[0].text : "", c->problems > 0 ? ")" : "");
    status = report_groups_make(&c->groups, &c->runs, error);
    for (size_t i = 0; status == TRM_OK && i < c->onlines; i++)
        status = report_groups_make(&c->online[i].groups, &c->online[i].runs, error);
    for (size_t i = 0; status == TRM_OK && i < c->routers; i++)
        status = evaluate(c, &c->router[i], options, error);
    return status;
}
