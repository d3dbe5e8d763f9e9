#include "report/report.h"

#include "report/assets.h"
#include "report/draw/draw.h"
#include "report/page/page.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define X(name, file, text, command) #file,
    REPORT_PICTURE_LIST(X)
#undef X
};

const char *report_picture_name(enum report_picture picture) {
    return (size_t)picture < REPORT_PICTURES ? names[picture] : NULL;
}

struct report_options report_defaults(void) {
    const struct trm_evaluation_options e = trm_evaluation_defaults();
    return (struct report_options){
        .gnuplot = "gnuplot", .resamples = e.resamples, .baseline_epochs = e.baseline_epochs, .seed = e.seed};
}

/* ---- pictures */

enum { FIGURES_MAX = 3 + 5 * RESULTS_MAX };

struct gallery {
    const struct report_options *options;
    const struct results *found;
    const char *output;
    struct page_figure figure[FIGURES_MAX];
    size_t count, made[REPORT_PICTURES];
};

/* NAME, NAME-2, NAME-3 ... */
static void picture_name(enum report_picture kind, size_t number, char name[64]) {
    if (number > 1)
        snprintf(name, 64, "%s-%zu", names[kind], number);
    else
        snprintf(name, 64, "%s", names[kind]);
}

/* Draw the plot and free it. data: what the page's script draws it from, which becomes the gallery's, or NULL. */
static enum trm_status add_figure(struct gallery *g, struct plot *plot, char *data, enum report_picture kind,
                                  const char *source, struct trm_error *error) {
    struct page_figure *const figure = &g->figure[g->count];
    struct strbuf stem = {.bytes = NULL};
    *figure = (struct page_figure){.kind = kind, .source = source, .data = data};
    picture_name(kind, g->made[kind] + 1, figure->name);
    strbuf_addf(&stem, "%s/%s", g->output, figure->name);
    enum trm_status status = TRM_OK;
    if (stem.failed)
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a picture", g->output);
    if (status == TRM_OK && g->options->progress != NULL)
        g->options->progress(g->options->context, "drawing", g->count, g->count + 1);
    if (status == TRM_OK)
        status = gnuplot_draw(g->options->gnuplot, plot, stem.bytes, error);
    if (g->options->stop != NULL &&
        g->options->stop(g->options->context)) /* gnuplot may have been stopped too */
        status = trm_fail(error, TRM_STOPPED, "stopped; run the report again to make it");
    if (status == TRM_OK) {
        g->count++;
        g->made[kind]++;
    } else
        free(data);
    strbuf_release(&stem);
    plot_free(plot);
    return status;
}

/* By the script of the picture's name, trainings all by one; a chart without a point is none. */
static enum trm_status add_chart(struct gallery *g, struct chart *chart, enum report_picture kind,
                                 const char *source, struct trm_error *error) {
    char script[64];
    struct plot plot = {.script = NULL};
    if (chart_is_empty(chart) && !chart->failed) {
        chart_free(chart);
        return TRM_OK;
    }
    snprintf(script, sizeof script, "%s.gp",
             names[kind == REPORT_ONLINE_COMPARISON ? REPORT_SOLVER_COMPARISON : kind]);
    plot.script = asset(script);
    chart_plot(chart, &plot);
    char *const data = chart_text(chart);
    plot.data.failed = plot.data.failed || data == NULL;
    chart_free(chart);
    return add_figure(g, &plot, data, kind, source, error);
}

static enum trm_status draw_offline(struct gallery *g, struct trm_error *error) {
    static const struct {
        void (*draw)(struct chart *, const struct report_groups *);
        enum report_picture kind;
    } of_groups[] = {{draw_solver_comparison, REPORT_SOLVER_COMPARISON},
                     {draw_effects, REPORT_EFFECTS},
                     {draw_gap_by_step, REPORT_GAP_BY_STEP}};
    const struct results *const c = g->found;
    struct chart chart;
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < sizeof of_groups / sizeof *of_groups; i++) {
        of_groups[i].draw(&chart, &c->groups);
        status = add_chart(g, &chart, of_groups[i].kind, NULL, error);
    }
    for (size_t i = 0; status == TRM_OK && i < c->data_sets; i++) {
        size_t count;
        const struct trm_sample *const samples = trm_dataset_samples(c->data_set[i].set, &count);
        draw_oracle_by_epoch(&chart, &c->data_set[i].statistics.arms, samples, count);
        status = add_chart(g, &chart, REPORT_ORACLE_BY_EPOCH, c->data_set[i].name, error);
    }
    for (size_t i = 0; status == TRM_OK && i < c->histories; i++) {
        draw_trm_training(&chart, &c->history[i].history);
        status = add_chart(g, &chart, REPORT_TRM_TRAINING, c->history[i].name, error);
    }
    for (size_t i = 0; status == TRM_OK && i < c->routers; i++) {
        if (c->router[i].data_set == NULL)
            continue;
        const struct trm_evaluation *const e = &c->router[i].evaluation;
        struct plot plot = {.script = NULL};
        draw_confusion_matrix(&plot, &e->names, (const size_t(*)[TRM_ARMS_MOST])e->scores[0].confusion,
                              e->arms);
        status = add_figure(g, &plot, NULL, REPORT_CONFUSION_MATRIX, c->router[i].name, error);
    }
    return status;
}

static enum trm_status draw_online(struct gallery *g, const struct results_online *o,
                                   struct trm_error *error) {
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < o->summary.policy_count; i++) {
        if (report_policy_find(o->summary.policy[i].name) != REPORT_POLICY_ROUTER)
            continue;
        struct plot plot = {.script = NULL};
        draw_routing_by_epoch(&plot, &o->summary, &o->summary.policy[i]);
        status = add_figure(g, &plot, NULL, REPORT_ROUTING_BY_EPOCH, o->name, error);
    }
    if (status != TRM_OK)
        return status;
    struct chart chart;
    draw_solver_comparison(&chart, &o->groups);
    return add_chart(g, &chart, REPORT_ONLINE_COMPARISON, o->name, error);
}

/* Act on the path of each file of picture `kind`, from number `first` to RESULTS_MAX, until one fails. */
static enum trm_status each_file(const char *output, int kind, size_t first,
                                 enum trm_status (*act)(const char *path, struct trm_error *error),
                                 struct trm_error *error) {
    static const char *const endings[] = {"png", "svg"};
    enum trm_status status = TRM_OK;
    for (size_t number = first; number <= RESULTS_MAX; number++)
        for (int e = 0; e < 2 && status == TRM_OK; e++) {
            char name[64];
            struct strbuf path = {.bytes = NULL};
            picture_name((enum report_picture)kind, number, name);
            strbuf_addf(&path, "%s/%s.%s", output, name, endings[e]);
            status = path.failed ? trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a path", output)
                                 : act(path.bytes, error);
            strbuf_release(&path);
        }
    return status;
}

static enum trm_status remove_file(const char *path, struct trm_error *error) {
    (void)error;
    (void)remove(path);
    return TRM_OK;
}

static enum trm_status check_free(const char *path, struct trm_error *error) {
    return file_exists(path) ? trm_fail(error, TRM_EXISTS, "%s: exists already; --force replaces it", path)
                             : TRM_OK;
}

/* Without force nothing that a report may write is there: asked before the work, and before any is replaced. */
static enum trm_status check_outputs(const char *output, const char *page, struct trm_error *error) {
    enum trm_status status = check_free(page, error);
    for (int kind = 0; kind < REPORT_PICTURES && status == TRM_OK; kind++)
        status = each_file(output, kind, 1, check_free, error);
    return status;
}

/* Pictures of an earlier report that this one does not have. */
static void remove_stale(const struct gallery *g) {
    for (int kind = 0; kind < REPORT_PICTURES; kind++)
        each_file(g->output, kind, g->made[kind] + 1, remove_file, NULL);
}

/* Pictures of a report that came to nothing, where nothing had been there before. */
static void remove_made(const struct gallery *g) {
    for (int kind = 0; kind < REPORT_PICTURES; kind++)
        each_file(g->output, kind, 1, remove_file, NULL);
}

/* ---- the whole */

static void summarise(const struct gallery *g, const char *page, struct report_summary *summary) {
    const struct results *const c = g->found;
    *summary = (struct report_summary){
        .runs = c->runs.count, .data_sets = c->data_sets, .routers = c->routers, .problems = c->problems};
    snprintf(summary->page, sizeof summary->page, "%s", page);
    memcpy(summary->made, g->made, sizeof g->made);
    for (size_t i = 0; i < c->onlines; i++)
        summary->online_runs += c->online[i].runs.count;
}

static enum trm_status make(const char *results, struct gallery *g, const struct results *found,
                            struct trm_error *error) {
    g->found = found;
    enum trm_status status = draw_offline(g, error);
    for (size_t i = 0; status == TRM_OK && i < found->onlines; i++)
        status = draw_online(g, &found->online[i], error);
    if (status == TRM_OK)
        status = page_write(results, g->output, found, g->figure, g->count, g->options->force, error);
    if (status == TRM_OK)
        remove_stale(g);
    else if (!g->options->force)
        remove_made(g);
    return status;
}

/* The names of the output folder and of the page in it. */
static bool name_outputs(const char *results, const struct report_options *options, struct strbuf *output,
                         struct strbuf *page) {
    if (options->output != NULL)
        strbuf_addf(output, "%s", options->output);
    else
        strbuf_addf(output, "%s/report", results);
    if (!output->failed)
        strbuf_addf(page, "%s/report.html", output->bytes);
    return !output->failed && !page->failed;
}

enum trm_status report_write(const char *results, const struct report_options *options,
                             struct report_summary *summary, struct trm_error *error) {
    struct strbuf output = {.bytes = NULL}, page = {.bytes = NULL};
    struct results found = {.problems = 0};
    struct gallery *const g = calloc(1, sizeof *g);
    enum trm_status status = TRM_OK;
    *summary = (struct report_summary){.runs = 0};
    if (g == NULL || !name_outputs(results, options, &output, &page))
        status = trm_fail(error, TRM_NO_MEMORY, "%s: no memory for a report", results);
    if (status == TRM_OK && !options->force)
        status = check_outputs(output.bytes, page.bytes, error);
    if (status == TRM_OK)
        status = gnuplot_check(options->gnuplot, error);
    if (status == TRM_OK)
        status = results_read(results, options, &found, error);
    if (status == TRM_OK)
        status = file_check_output(page.bytes, options->force, true, error);
    if (status == TRM_OK) {
        g->options = options;
        g->output = output.bytes;
        status = make(results, g, &found, error);
    }
    if (status == TRM_OK)
        summarise(g, page.bytes, summary);
    results_free(&found);
    for (size_t i = 0; g != NULL && i < g->count; i++)
        free(g->figure[i].data);
    free(g);
    strbuf_release(&output);
    strbuf_release(&page);
    return status;
}
