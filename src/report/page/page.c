#include "report/page/page.h"

#include "muon/muon.h"
#include "report/assets.h"
#include "report/page/mustache.h"
#include "report/page/table.h"
#include "storage/file.h"

#include <math.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SVG_LIMIT = 64 * 1024 * 1024 };

/* ---- values */

static void set(struct page *p, json_t *object, const char *name, json_t *value) {
    if (json_object_set_new(object, name, value) != 0)
        p->failed = true;
}

void page_text(struct page *p, json_t *object, const char *name, const char *text) {
    set(p, object, name, json_string_nocheck(text));
}

void page_number(struct page *p, json_t *object, const char *name, double value) {
    set(p, object, name, isfinite(value) ? json_real(value) : json_null());
}

void page_count(struct page *p, json_t *object, const char *name, size_t value) {
    set(p, object, name, json_integer((json_int_t)value));
}

void page_flag(struct page *p, json_t *object, const char *name, bool value) {
    set(p, object, name, json_boolean(value));
}

json_t *page_object(struct page *p, json_t *object, const char *name) {
    set(p, object, name, json_object());
    return json_object_get(object, name);
}

json_t *page_array(struct page *p, json_t *object, const char *name) {
    set(p, object, name, json_array());
    return json_object_get(object, name);
}

json_t *page_entry(struct page *p, json_t *array) {
    if (json_array_append_new(array, json_object()) != 0)
        p->failed = true;
    json_t *const entry = json_array_get(array, json_array_size(array) - 1);
    page_flag(p, entry, "first", json_array_size(array) == 1);
    return entry;
}

/* ---- pictures */

/* What makes the data of a picture, with the results folder for DIR. */
static void command_of(struct strbuf *command, enum report_picture picture, const char *results) {
    static const char *const commands[] = {
#define X(name, file, text, command) command,
        REPORT_PICTURE_LIST(X)
#undef X
    };
    for (const char *at = commands[picture]; *at != '\0';)
        if (strncmp(at, "DIR", 3) == 0) {
            strbuf_addf(command, "%s", results);
            at += 3;
        } else
            strbuf_add(command, at++, 1);
}

static const char *caption_of(enum report_picture picture) {
    static const char *const captions[] = {
#define X(name, file, text, command) text,
        REPORT_PICTURE_LIST(X)
#undef X
    };
    return captions[picture];
}

/* A figure by figure.html, for NULL what makes it. */
static void add_figure(struct page *p, struct strbuf *out, enum report_picture kind,
                       const struct page_figure *figure, const struct strbuf *image) {
    struct strbuf command = {.bytes = NULL};
    json_t *const values = json_object();
    command_of(&command, kind, p->results);
    page_text(p, values, "kind", report_picture_name(kind));
    page_text(p, values, "caption", caption_of(kind));
    page_text(p, values, "command", command.bytes);
    if (figure != NULL) {
        page_text(p, values, "name", figure->name);
        page_text(p, values, "source", figure->source != NULL ? figure->source : "");
        page_text(p, values, "image", image->bytes);
        page_text(p, values, "data", figure->data != NULL ? figure->data : "");
    }
    if (command.failed || !mustache(out, asset("figure.html"), values))
        p->failed = true;
    json_decref(values);
    strbuf_release(&command);
}

/* The picture inside the page, as an image so that names within one SVG do not meet those of another; a reader
   without the font gets one of the same widths. */
static enum trm_status embed(struct page *p, struct strbuf *out, const struct page_figure *figure,
                             struct trm_error *error) {
    static const char font[] = "font-family=\"Liberation Sans\"";
    struct strbuf svg = {.bytes = NULL}, path = {.bytes = NULL}, image = {.bytes = NULL};
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
        strbuf_add_base64(&image, svg.bytes, svg.size);
        p->failed = p->failed || svg.failed || image.failed;
        if (!p->failed)
            add_figure(p, out, figure->kind, figure, &image);
    }
    free(data);
    strbuf_release(&svg);
    strbuf_release(&path);
    strbuf_release(&image);
    return status;
}

/* All pictures of a kind (of one source, where it is not NULL); where there is none, which command makes it. */
static enum trm_status put_figures(struct page *p, json_t *values, enum report_picture kind,
                                   const char *source, struct trm_error *error) {
    struct strbuf html = {.bytes = NULL};
    enum trm_status status = TRM_OK;
    for (size_t i = 0; status == TRM_OK && i < p->figure_count; i++) {
        const struct page_figure *const f = &p->figures[i];
        if (f->kind == kind && (source == NULL || (f->source != NULL && strcmp(f->source, source) == 0)))
            status = embed(p, &html, f, error);
    }
    if (status == TRM_OK && html.size == 0 && source == NULL)
        add_figure(p, &html, kind, NULL, NULL);
    page_text(p, values, report_picture_name(kind), html.size > 0 ? html.bytes : "");
    p->failed = p->failed || html.failed;
    strbuf_release(&html);
    return status;
}

/* ---- the whole */

/* Data sets, routers and online stores, each with its own pictures. */
static enum trm_status put_parts(struct page *p, json_t *values, struct trm_error *error) {
    const struct results *const c = p->found;
    json_t *const data_sets = page_array(p, values, "data_sets"),
                  *const routers = page_array(p, values, "routers"),
                  *const onlines = page_array(p, values, "onlines");
    enum trm_status status = TRM_OK;
    size_t evaluated = 0;
    for (size_t i = 0; status == TRM_OK && i < c->data_sets; i++) {
        json_t *const entry = page_entry(p, data_sets);
        page_data_set(p, entry, &c->data_set[i]);
        status = put_figures(p, entry, REPORT_ORACLE_BY_EPOCH, c->data_set[i].name, error);
    }
    for (size_t i = 0; status == TRM_OK && i < c->routers; i++) {
        json_t *const entry = page_entry(p, routers);
        page_router(p, entry, &c->router[i]);
        evaluated += c->router[i].data_set != NULL;
        status = put_figures(p, entry, REPORT_CONFUSION_MATRIX, c->router[i].name, error);
    }
    page_flag(p, values, "evaluated", evaluated > 0);
    for (size_t i = 0; status == TRM_OK && i < c->onlines; i++) {
        json_t *const entry = page_entry(p, onlines);
        page_online(p, entry, &c->online[i]);
        status = put_figures(p, entry, REPORT_ONLINE_COMPARISON, c->online[i].name, error);
        if (status == TRM_OK)
            status = put_figures(p, entry, REPORT_ROUTING_BY_EPOCH, c->online[i].name, error);
    }
    return status;
}

static const struct table_column problems[] = {{"file", TABLE_TEXT, NULL, 1},
                                               {"why it is not used", TABLE_TEXT, NULL, 1}};

/* The colours of the pictures as variables of the style, for light and dark. */
static void put_palette(struct page *p, json_t *values) {
    struct strbuf css = {.bytes = NULL};
    for (int dark = 0; dark < 2; dark++) {
        strbuf_addf(&css, dark ? "@media screen and (prefers-color-scheme:dark){:root{" : ":root{");
        for (int policy = 0; policy < REPORT_POLICIES; policy++) {
            char colour[8];
            report_policy_colour(policy, dark, colour);
            strbuf_addf(&css, "--%s:%s;", report_policy_word(policy), colour);
        }
        strbuf_addf(&css, dark ? "}}\n" : "}\n");
    }
    for (int policy = 0; policy < REPORT_POLICIES; policy++)
        strbuf_addf(&css, ".p-%s{--own:var(--%s)}\n", report_policy_word(policy), report_policy_word(policy));
    page_text(p, values, "palette", css.bytes);
    p->failed = p->failed || css.failed;
    strbuf_release(&css);
}

/* The script, and its hash: the page allows no other. */
static void put_script(struct page *p, json_t *values) {
    const char *const script = asset("script.js");
    struct sha256_ctx state;
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct strbuf hash = {.bytes = NULL};
    sha256_init(&state);
    sha256_update(&state, strlen(script), (const uint8_t *)script);
    sha256_digest(&state, sizeof digest, digest);
    strbuf_add_base64(&hash, digest, sizeof digest);
    page_text(p, values, "script", script);
    page_text(p, values, "script_hash", hash.bytes);
    p->failed = p->failed || hash.failed;
    strbuf_release(&hash);
}

static enum trm_status put_values(struct page *p, json_t *values, struct trm_error *error) {
    const struct results *const c = p->found;
    enum trm_status status = TRM_OK;
    put_palette(p, values);
    put_script(p, values);
    page_text(p, values, "style", asset("style.css"));
    page_text(p, values, "version", muon_version_text());
    page_text(p, values, "results", p->results);
    for (int kind = 0; status == TRM_OK && kind < REPORT_PICTURES; kind++)
        status = put_figures(p, values, (enum report_picture)kind, NULL, error);
    page_runs(p, values);
    page_flag(p, values, "unused", c->problems > 0);
    struct table t;
    table_begin(&t, p, "problems");
    table_columns(&t, problems, 2);
    for (size_t i = 0; i < c->problems; i++) {
        table_row(&t, false);
        table_text(&t, c->problem[i].name);
        table_text(&t, c->problem[i].text);
    }
    table_end(&t, values, "Files, and why they are not used");
    return status == TRM_OK ? put_parts(p, values, error) : status;
}

static enum trm_status write_page(const struct page *p, const struct strbuf *html, bool overwrite,
                                  struct trm_error *error) {
    struct strbuf path = {.bytes = NULL};
    strbuf_addf(&path, "%s/report.html", p->output);
    const enum trm_status status =
        path.failed || p->failed ? trm_fail(error, TRM_NO_MEMORY, "%s: no memory for the page", p->output)
                                 : file_write(path.bytes, html->bytes, html->size, overwrite, error);
    strbuf_release(&path);
    return status;
}

enum trm_status page_write(const char *results, const char *output, const struct results *found,
                           const struct page_figure *figures, size_t figure_count, bool overwrite,
                           struct trm_error *error) {
    /* From a folder of its own elsewhere the stores have whole names. */
    char *const whole = realpath(results, NULL);
    const size_t length = strlen(results);
    const bool below = strncmp(output, results, length) == 0 && strcmp(output + length, "/report") == 0;
    struct page p = {.results = results,
                     .stores = below || whole == NULL ? ".." : whole,
                     .output = output,
                     .found = found,
                     .figures = figures,
                     .figure_count = figure_count};
    struct strbuf html = {.bytes = NULL};
    json_t *const values = json_object();
    enum trm_status status = put_values(&p, values, error);
    if (status == TRM_OK) {
        p.failed = p.failed || !mustache(&html, asset("page.html"), values);
        status = write_page(&p, &html, overwrite, error);
    }
    json_decref(values);
    strbuf_release(&html);
    free(whole);
    return status;
}
