#include "report/page/page.h"

#include "storage/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SVG_LIMIT = 64 * 1024 * 1024 };

static const char *const head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>trm-router: report</title>\n<style>\n"
    "body{font:16px/1.5 'Liberation "
    "Sans',Arial,Helvetica,sans-serif;color:#1a1a1a;background:#fff;max-width:1200px;"
    "margin:0 auto;padding:1.5rem}\n"
    "h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.3rem;margin:2.6rem 0 .6rem;border-bottom:2px solid "
    "#ddd}\n"
    "h3{font-size:1.1rem;margin:1.6rem 0 .4rem}h4{margin:1.2rem 0 .3rem}p{max-width:52rem}\n"
    "code{background:#f2f2f2;padding:.1em .3em;border-radius:3px}nav a{margin-right:1em}\n"
    "figure{margin:1rem 0}figure "
    "img{max-width:100%;height:auto}figcaption,.note{color:#555;font-size:.88rem}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-"
    "nums}\n"
    "th,td{padding:.28rem .6rem;text-align:right;vertical-align:top;border-bottom:1px solid #e4e4e4}\n"
    "th{font-weight:600;vertical-align:bottom}th:first-child,.text{text-align:left}td.text{white-space:"
    "nowrap}"
    "\n"
    "th[scope=row]{white-space:nowrap;vertical-align:top}small{display:block;color:#666;white-space:nowrap}"
    "tr.own{background:#"
    "fff6da}\n"
    ".dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.4em}\n"
    ".fact{border-left:4px solid #0072b2;padding:.4rem .9rem;background:#f3f8fc}\n"
    ".warning{border-left:4px solid #d55e00;padding:.4rem .9rem;background:#fdf4ee}\n"
    ".missing{border:1px dashed #999;padding:.6rem .9rem;color:#444}\n"
    "@media print{body{max-width:none}.scroll{overflow:visible}}\n"
    "</style>\n</head>\n<body>\n";

/* What makes the data of a picture. */
static const char *command_of(enum report_picture picture) {
    static const char *const commands[] = {
#define X(name, file, text, command) command,
        REPORT_PICTURE_LIST(X)
#undef X
    };
    return commands[picture];
}

static const char *caption_of(enum report_picture picture) {
    static const char *const captions[] = {
#define X(name, file, text, command) text,
        REPORT_PICTURE_LIST(X)
#undef X
    };
    return captions[picture];
}

struct page {
    struct strbuf text;
    const char *results, *output;
    const struct contents *contents;
    const struct page_figure *figures;
    size_t figure_count;
};

/* The picture inside the page, as an image so that names within one SVG do not meet those of another; a reader
   without the font gets one of the same widths. */
static enum trm_status embed(struct page *p, const struct page_figure *figure, struct trm_error *error) {
    static const char font[] = "font-family=\"Liberation Sans\"";
    struct strbuf svg = {.bytes = NULL}, path = {.bytes = NULL};
    void *data = NULL;
    size_t size;
    strbuf_addf(&path, "%s/%s.svg", p->output, figure->name);
    enum trm_status status = path.failed ? trm_fail(error, TRM_NO_MEMORY, "no memory for the page")
                                         : file_read(path.bytes, SVG_LIMIT, &data, &size, error);
    if (status == TRM_OK && data != NULL) {
        const char *at = data;
        for (const char *hit; (hit = strstr(at, font)) != NULL; at = hit + strlen(font)) {
            strbuf_add(&svg, at, (size_t)(hit - at));
            strbuf_addf(&svg, "font-family=\"Liberation Sans, Arial, Helvetica, sans-serif\"");
        }
        strbuf_add(&svg, at, strlen(at));
        p->text.failed = p->text.failed || svg.failed;
        strbuf_addf(&p->text, "<figure><img alt=\"%s\" src=\"data:image/svg+xml;base64,",
                    caption_of(figure->kind));
        strbuf_add_base64(&p->text, svg.bytes, svg.size);
        strbuf_addf(&p->text, "\">\n<figcaption>%s", caption_of(figure->kind));
        if (figure->source != NULL) {
            strbuf_addf(&p->text, ", ");
            strbuf_add_html(&p->text, figure->source);
        }
        strbuf_addf(&p->text, " (<code>%s.png</code>, <code>%s.svg</code>)</figcaption></figure>\n",
                    figure->name, figure->name);
    }
    free(data);
    strbuf_release(&svg);
    strbuf_release(&path);
    return status;
}

/* DIR in a command is the results folder. */
static void put_command(struct page *p, const char *command) {
    strbuf_addf(&p->text, "<code>trm-router ");
    for (const char *at = command; *at != '\0';)
        if (strncmp(at, "DIR", 3) == 0) {
            strbuf_add_html(&p->text, p->results);
            at += 3;
        } else
            strbuf_add(&p->text, at++, 1);
    strbuf_addf(&p->text, "</code>");
}

/* All pictures of a kind (of one source, where it is not NULL); where there is none, which command makes it. */
static enum trm_status put_figures(struct page *p, enum report_picture kind, const char *source,
                                   struct trm_error *error) {
    enum trm_status status = TRM_OK;
    size_t found = 0;
    for (size_t i = 0; status == TRM_OK && i < p->figure_count; i++) {
        const struct page_figure *const f = &p->figures[i];
        if (f->kind != kind || (source != NULL && (f->source == NULL || strcmp(f->source, source) != 0)))
            continue;
        status = embed(p, f, error);
        found++;
    }
    if (status == TRM_OK && found == 0 && source == NULL) {
        strbuf_addf(
            &p->text,
            "<p class=\"missing\">No picture <em>%s</em>: its data is not in the folder. Make it with ",
            report_picture_name(kind));
        put_command(p, command_of(kind));
        strbuf_addf(&p->text, "</p>\n");
    }
    return status;
}

static enum trm_status put_runs(struct page *p, struct trm_error *error) {
    strbuf_addf(&p->text, "<h2 id=\"runs\">Runs with one solver</h2>\n");
    const enum trm_status status = put_figures(p, REPORT_SOLVER_COMPARISON, NULL, error);
    if (status == TRM_OK && p->contents->runs.count > 0) {
        strbuf_addf(
            &p->text,
            "<p class=\"fact\">These are real trainings, one a row, each with one solver from the first step "
            "to the last. With one seed a solver, differences of the size that another seed makes mean "
            "nothing.</p>\n");
        page_runs(&p->text, p->contents);
    }
    return status;
}

static enum trm_status put_oracle(struct page *p, struct trm_error *error) {
    strbuf_addf(&p->text, "<h2 id=\"oracle\">The oracle: which solver was best at a step</h2>\n");
    enum trm_status status = TRM_OK;
    if (p->contents->data_sets == 0)
        return put_figures(p, REPORT_ORACLE_BY_EPOCH, NULL, error);
    strbuf_addf(
        &p->text,
        "<p class=\"warning\"><strong>No counterfactual.</strong> This oracle compares separate trainings at "
        "the same step number: the label is the solver in whose own run the loss of the batch fell most. "
        "By then each run has weights of its own, so it does not say what another solver would have done "
        "from the same weights.</p>\n");
    for (size_t i = 0; status == TRM_OK && i < p->contents->data_sets; i++) {
        page_oracle(&p->text, &p->contents->data_set[i]);
        status = put_figures(p, REPORT_ORACLE_BY_EPOCH, p->contents->data_set[i].name, error);
    }
    return status;
}

static enum trm_status put_router(struct page *p, struct trm_error *error) {
    const struct contents *const c = p->contents;
    strbuf_addf(&p->text, "<h2 id=\"router\">The router, offline</h2>\n");
    enum trm_status status = put_figures(p, REPORT_TRM_TRAINING, NULL, error);
    size_t evaluated = 0;
    for (size_t i = 0; i < c->routers; i++)
        evaluated += c->router[i].data_set != NULL;
    if (status == TRM_OK && evaluated == 0)
        status = put_figures(p, REPORT_CONFUSION_MATRIX, NULL, error);
    else if (status == TRM_OK)
        strbuf_addf(
            &p->text,
            "<p class=\"warning\"><strong>No counterfactual.</strong> A choice is credited with what the "
            "chosen solver's own run did at that step. In none of these figures did the router train "
            "anything; for that see the online runs.</p>\n");
    for (size_t i = 0; status == TRM_OK && i < c->routers; i++) {
        page_router(&p->text, &c->router[i]);
        if (c->router[i].data_set == NULL)
            continue;
        status = put_figures(p, REPORT_CONFUSION_MATRIX, c->router[i].name, error);
        page_evaluation(&p->text, &c->router[i].evaluation);
    }
    return status;
}

static enum trm_status put_online(struct page *p, struct trm_error *error) {
    const struct contents *const c = p->contents;
    strbuf_addf(&p->text, "<h2 id=\"online\">The router, online</h2>\n");
    if (c->onlines == 0) {
        const enum trm_status status = put_figures(p, REPORT_ROUTING_BY_EPOCH, NULL, error);
        return status != TRM_OK ? status : put_figures(p, REPORT_ONLINE_COMPARISON, NULL, error);
    }
    strbuf_addf(
        &p->text,
        "<p class=\"fact\"><strong>A real experiment.</strong> Every row is a training of its own; the runs "
        "of "
        "one seed begin with the same weights and see the same batches in the same order, and differ only "
        "in who chooses the solver. What the final figures differ by was caused by the choices, up to what "
        "another seed would change. The shares of the solvers only describe what was chosen.</p>\n");
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < c->onlines; i++) {
        page_online(&p->text, &c->online[i]);
        status = put_figures(p, REPORT_ONLINE_COMPARISON, c->online[i].name, error);
        if (status == TRM_OK)
            status = put_figures(p, REPORT_ROUTING_BY_EPOCH, c->online[i].name, error);
    }
    return status;
}

static void put_head(struct page *p) {
    strbuf_addf(&p->text, "%s<h1>Which solver, when?</h1>\n<p>Report of trm-router on <code>", head);
    strbuf_add_html(&p->text, p->results);
    strbuf_addf(&p->text,
                "</code>. All figures are computed from the stored runs, data set and router.</p>\n"
                "<nav><a href=\"#runs\">Runs</a><a href=\"#oracle\">Oracle</a><a href=\"#router\">Router</a>"
                "<a href=\"#online\">Online</a></nav>\n");
    page_short(&p->text, p->contents);
}

static enum trm_status write_page(const struct page *p, bool overwrite, struct trm_error *error) {
    struct strbuf path = {.bytes = NULL};
    strbuf_addf(&path, "%s/report.html", p->output);
    const enum trm_status status =
        path.failed || p->text.failed
            ? trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the page", p->output)
            : file_write(path.bytes, p->text.bytes, p->text.size, overwrite, error);
    strbuf_release(&path);
    return status;
}

enum trm_status page_write(const char *results, const char *output, const struct contents *contents,
                           const struct page_figure *figures, size_t figure_count, bool overwrite,
                           struct trm_error *error) {
    struct page p = {.results = results,
                     .output = output,
                     .contents = contents,
                     .figures = figures,
                     .figure_count = figure_count};
    put_head(&p);
    enum trm_status status = put_runs(&p, error);
    if (status == TRM_OK)
        status = put_oracle(&p, error);
    if (status == TRM_OK)
        status = put_router(&p, error);
    if (status == TRM_OK)
        status = put_online(&p, error);
    if (status == TRM_OK && contents->problems > 0) {
        strbuf_addf(&p.text, "<h2 id=\"problems\">Files that are not used</h2>\n");
        page_problems(&p.text, contents);
    }
    strbuf_addf(&p.text, "</body>\n</html>\n");
    if (status == TRM_OK)
        status = write_page(&p, overwrite, error);
    strbuf_release(&p.text);
    return status;
}
