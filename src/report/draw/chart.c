#include "report/draw/chart.h"

#include "report/draw/draw.h"
#include "report/read/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct chart *c, json_t *object, const char *name, json_t *value) {
    c->failed = json_object_set_new(object, name, value) != 0 || c->failed;
}

static void append(struct chart *c, json_t *array, json_t *value) {
    c->failed = json_array_append_new(array, value) != 0 || c->failed;
}

/* Text of a file, that need not be UTF-8. */
static json_t *clean(struct chart *c, const char *untrusted) {
    struct strbuf text = {.bytes = NULL};
    strbuf_add_field(&text, untrusted);
    json_t *const value = json_string(text.bytes != NULL ? text.bytes : "");
    c->failed = c->failed || text.failed;
    strbuf_release(&text);
    return value;
}

static json_t *real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

void chart_begin(struct chart *c, const char *title, const char *axes) {
    json_t *const names = json_array();
    *c = (struct chart){.json = json_object()};
    for (size_t length; *axes != '\0'; axes += length + (axes[length] == ',')) {
        length = strcspn(axes, ",");
        append(c, names, json_stringn(axes, length));
    }
    put(c, c->json, "title", clean(c, title));
    put(c, c->json, "axes", names);
    put(c, c->json, "views", json_array());
    put(c, c->json, "curves", json_array());
}

void chart_free(struct chart *c) {
    json_decref(c->json);
    *c = (struct chart){.json = NULL};
}

void chart_note(struct chart *c, const char *note) {
    put(c, c->json, "note", clean(c, note));
}

static json_t *list(const struct chart *c, const char *name) {
    return json_object_get(c->json, name);
}

size_t chart_views(const struct chart *c) {
    return json_array_size(list(c, "views"));
}

bool chart_is_empty(const struct chart *c) {
    const json_t *curve;
    size_t i;
    json_array_foreach(list(c, "curves"), i,
                       curve) if (json_array_size(json_object_get(curve, "y")) > 0) return false;
    return true;
}

size_t chart_view(struct chart *c, const char *name, const char *label, bool logarithmic) {
    json_t *const view = json_object();
    put(c, view, "name", clean(c, name));
    put(c, view, "label", json_string(label));
    put(c, view, "log", json_boolean(logarithmic));
    put(c, view, "ticks", json_array());
    append(c, list(c, "views"), view);
    return chart_views(c) - 1;
}

void chart_log_axis(struct chart *c, size_t view) {
    put(c, json_array_get(list(c, "views"), view), "xlog", json_true());
}

void chart_tick(struct chart *c, size_t view, const char *text) {
    append(c, json_object_get(json_array_get(list(c, "views"), view), "ticks"), clean(c, text));
}

json_t *chart_curve(struct chart *c, size_t view, const char *name, int policy, size_t ordinal) {
    json_t *const curve = json_object(), *const x = json_array();
    put(c, curve, "view", json_integer((json_int_t)view));
    put(c, curve, "name", clean(c, name));
    put(c, curve, "policy", json_string(report_policy_word(policy)));
    put(c, curve, "mark", json_integer(report_policy_mark(policy, ordinal)));
    put(c, curve, "dash", json_integer((json_int_t)(ordinal % 4)));
    put(c, curve, "x", x);
    for (size_t i = 0; i < json_array_size(list(c, "axes")); i++)
        append(c, x, json_array());
    put(c, curve, "y", json_array());
    put(c, curve, "low", json_array());
    put(c, curve, "high", json_array());
    append(c, list(c, "curves"), curve);
    return curve;
}

void chart_curve_hide(struct chart *c, json_t *curve) {
    put(c, curve, "hidden", json_true());
}

void chart_curve_single(struct chart *c, json_t *curve, const char *of) {
    put(c, curve, "single", json_true());
    put(c, curve, "of", clean(c, of));
}

void chart_point(struct chart *c, json_t *curve, const double *x, double y, double low, double high) {
    const bool band = isfinite(low) && isfinite(high);
    for (size_t i = 0; i < json_array_size(list(c, "axes")); i++)
        append(c, json_array_get(json_object_get(curve, "x"), i), real(x[i]));
    append(c, json_object_get(curve, "y"), real(y));
    if (!band)
        return;
    append(c, json_object_get(curve, "low"), real(low));
    append(c, json_object_get(curve, "high"), real(high));
}

/* ---- for gnuplot */

static const char *text_of(const json_t *object, const char *name) {
    const char *const text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static void add_number(struct plot *plot, const json_t *value) {
    if (json_is_number(value))
        strbuf_addf(&plot->data, "%.10g\t", json_number_value(value));
    else
        strbuf_addf(&plot->data, "NaN\t");
}

static bool is_drawn(const json_t *curve) {
    return json_object_get(curve, "hidden") == NULL && json_object_get(curve, "single") == NULL;
}

static void add_curve(const struct chart *c, struct plot *plot, const json_t *curve) {
    const json_t *const x = json_object_get(curve, "x"), *const y = json_object_get(curve, "y"),
                        *const low = json_object_get(curve, "low"),
                        *const high = json_object_get(curve, "high");
    const size_t axes = json_array_size(list(c, "axes"));
    strbuf_addf(&plot->data, "\n\n");
    for (size_t i = 0; i < axes; i++)
        strbuf_addf(&plot->data, "%s\t", json_string_value(json_array_get(list(c, "axes"), i)));
    strbuf_addf(&plot->data, "y\tlow\thigh\n");
    if (json_array_size(y) == 0) { /* gnuplot does not count a table without rows */
        for (size_t i = 0; i < axes; i++)
            strbuf_addf(&plot->data, "1\t");
        strbuf_addf(&plot->data, "NaN\tNaN\tNaN\n");
    }
    for (size_t row = 0; row < json_array_size(y); row++) {
        for (size_t i = 0; i < axes; i++)
            add_number(plot, json_array_get(json_array_get(x, i), row));
        add_number(plot, json_array_get(y, row));
        add_number(plot, json_array_get(low, row));
        add_number(plot, json_array_get(high, row));
        plot->data.bytes[plot->data.size - 1] = '\n'; /* for the tab */
    }
}

void chart_plot(const struct chart *c, struct plot *plot) {
    const json_t *view, *curve;
    size_t i, k, drawn = 0;
    plot_table(plot, "title\tnote");
    strbuf_addf(&plot->data, "%s\t%s\n", text_of(c->json, "title"),
                json_object_get(c->json, "note") != NULL ? text_of(c->json, "note") : "-");
    plot_table(plot, "name\tlabel\tlog\txlog\tfirst\tlast\tpoints");
    json_array_foreach(list(c, "views"), i, view) {
        const size_t first = drawn;
        size_t points = 0;
        json_array_foreach(list(c, "curves"), k, curve) {
            if (!is_drawn(curve) || (size_t)json_integer_value(json_object_get(curve, "view")) != i)
                continue;
            points += json_array_size(json_object_get(curve, "y"));
            drawn++;
        }
        strbuf_add_field(&plot->data, text_of(view, "name"));
        strbuf_addf(&plot->data, "\t");
        strbuf_add_field(&plot->data, text_of(view, "label"));
        strbuf_addf(&plot->data, "\t%d\t%d\t%zu\t%zd\t%zu\n", json_is_true(json_object_get(view, "log")),
                    json_is_true(json_object_get(view, "xlog")), first, (ssize_t)drawn - 1, points);
    }
    plot_table(plot, "name\tpolicy\tmark\tdash\tband");
    json_array_foreach(list(c, "curves"), k, curve) {
        if (!is_drawn(curve))
            continue;
        strbuf_add_field(&plot->data, text_of(curve, "name"));
        strbuf_addf(&plot->data, "\t%s\t%d\t%d\t%d\n", text_of(curve, "policy"),
                    (int)json_integer_value(json_object_get(curve, "mark")),
                    (int)json_integer_value(json_object_get(curve, "dash")) + 1,
                    json_array_size(json_object_get(curve, "low")) > 0);
    }
    plot_table(plot, "view\tplace\ttext\n-1\t0\t"); /* one row at least */
    json_array_foreach(list(c, "views"), i, view) {
        const json_t *const ticks = json_object_get(view, "ticks");
        for (size_t t = 0; t < json_array_size(ticks); t++)
            strbuf_addf(&plot->data, "%zu\t%zu\t%s\n", i, t, json_string_value(json_array_get(ticks, t)));
    }
    json_array_foreach(list(c, "curves"), k, curve) if (is_drawn(curve)) add_curve(c, plot, curve);
    plot->data.failed = plot->data.failed || c->failed || plot->data.bytes == NULL;
}

/* ---- for the page */

/* "</script>" within a text must not end the element. */
char *chart_text(const struct chart *c) {
    char *const text = c->failed ? NULL : json_dumps(c->json, JSON_COMPACT | JSON_REAL_PRECISION(5));
    struct strbuf safe = {.bytes = NULL};
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        strbuf_add(&safe, *at == '<' ? "\\u003c" : at, *at == '<' ? 6 : 1);
    free(text);
    return safe.failed ? NULL : safe.bytes;
}
