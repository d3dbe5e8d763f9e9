/* time_to_gap and scaling */
#include "report/assets.h"
#include "report/draw/draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *bench_gap_text(double gap, char text[32]) {
    snprintf(text, 32, gap < 0.1 + 1e-12 ? "%.3e" : "%g", gap);
    char *const exponent = strchr(text, 'e');
    if (exponent == NULL)
        return text;
    char *mantissa_end = exponent; /* 1.000e-02 -> 1e-2 */
    while (mantissa_end[-1] == '0')
        mantissa_end--;
    if (mantissa_end[-1] == '.')
        mantissa_end--;
    int power = 0;
    for (const char *digit = exponent + 2; *digit != '\0'; digit++)
        power = 10 * power + (*digit - '0');
    snprintf(mantissa_end, 32 - (size_t)(mantissa_end - text), "e-%d", power);
    return text;
}

/* Points from `first` on that are of its file. */
static size_t panel_length(const struct bench_point *points, size_t first, size_t count) {
    size_t i = first;
    while (i < count && strcmp(points[i].file, points[first].file) == 0)
        i++;
    return i - first;
}

/* "conv2_step200, 288 x 64" of "folder/conv2_step200.safetensors" */
static void add_title(struct plot *plot, const struct bench_point *p) {
    static const char ending[] = ".safetensors";
    const char *const slash = strrchr(p->file, '/'), *const name = slash != NULL ? slash + 1 : p->file;
    const char *const end = strstr(name, ending);
    const size_t length = end != NULL && end[sizeof ending - 1] == '\0' ? (size_t)(end - name) : strlen(name);
    struct strbuf title = {.bytes = NULL};
    strbuf_addf(&title, "%.*s, %zu × %zu", (int)length, name, p->m, p->n);
    plot->data.failed = plot->data.failed || title.failed;
    if (!title.failed)
        strbuf_add_field(&plot->data, title.bytes);
    strbuf_addf(&plot->data, "\n");
    strbuf_release(&title);
}

/* The curve of a solver on a file in two tables: what it reached; then, where it ended early, from its last point
   to its end. */
static void add_curve(struct plot *plot, const struct bench_point *points, size_t count, int solver) {
    const struct bench_point *last = NULL, *end = NULL;
    plot_table(plot, "ms\tgap\n1\tNaN"); /* gnuplot does not count a table without rows */
    for (size_t i = 0; i < count && end == NULL; i++)
        if (points[i].solver == solver && points[i].reached) {
            last = &points[i];
            strbuf_addf(&plot->data, "%.10g\t%.10g\n", last->ms, last->tol);
        } else if (points[i].solver == solver)
            end = &points[i];
    plot_table(plot, "ms\tgap\tend\n1\tNaN\t0");
    if (last != NULL && end != NULL)
        strbuf_addf(&plot->data, "%.10g\t%.10g\t0\n", last->ms, last->tol);
    if (end != NULL)
        strbuf_addf(&plot->data, "%.10g\t%.10g\t1\n", end->ms, end->gap > 0 ? end->gap : end->tol);
}

static bool has_solver(const struct bench_point *points, size_t count, int solver) {
    for (size_t i = 0; i < count; i++)
        if (points[i].solver == solver)
            return true;
    return false;
}

/* Numbers of panels and solvers, and the ends of both axes, which all panels share. */
static void add_head(struct plot *plot, const struct bench_point *points, size_t count) {
    double low = INFINITY, high = 0, tight = 1, loose = 0;
    size_t panels = 0;
    int solvers = 0;
    for (size_t i = 0; i < count; i += panel_length(points, i, count))
        panels++;
    for (int id = 0; muon_solver_name(id) != NULL; id++)
        solvers += has_solver(points, count, id);
    for (size_t i = 0; i < count; i++) {
        const double gap = points[i].reached ? points[i].tol : points[i].gap;
        low = fmin(low, points[i].ms), high = fmax(high, points[i].ms);
        tight = fmin(tight, points[i].tol);
        loose = fmax(loose, fmax(gap, points[i].tol));
    }
    plot_table(plot, "panels\tsolvers\tms_low\tms_high\tgap_low\tgap_high");
    strbuf_addf(&plot->data, "%zu\t%d\t%.10g\t%.10g\t%.10g\t%.10g\n", panels, solvers, low, high, tight,
                loose);
}

void draw_time_to_gap(struct plot *plot, const struct bench_point *points, size_t count) {
    plot->script = asset("time_to_gap.gp");
    add_head(plot, points, count);
    plot_table(plot, "solver");
    for (int id = 0; muon_solver_name(id) != NULL; id++)
        if (has_solver(points, count, id))
            strbuf_addf(&plot->data, "%s\n", muon_solver_name(id));
    plot_table(plot, "title");
    for (size_t i = 0; i < count; i += panel_length(points, i, count))
        add_title(plot, &points[i]);
    for (size_t i = 0, length; i < count; i += length) {
        length = panel_length(points, i, count);
        for (int id = 0; muon_solver_name(id) != NULL; id++)
            if (has_solver(points, count, id))
                add_curve(plot, points + i, length, id);
    }
}

void draw_scaling(struct plot *plot, const char *solver, const struct bench_scale *rows, size_t count,
                  const double *exponents) {
    size_t sizes = 1; /* of one tolerance */
    double low = INFINITY, high = 0, products_low = INFINITY, products_high = 0;
    char gap[32];
    while (sizes < count && rows[sizes].tol == rows[0].tol)
        sizes++;
    for (size_t i = 0; i < count; i++) {
        const double products = rows[i].ms / rows[i].product_ms;
        low = fmin(low, rows[i].ms), high = fmax(high, rows[i].ms);
        products_low = fmin(products_low, products), products_high = fmax(products_high, products);
    }
    plot->script = asset("scaling.gp");
    plot_table(plot, "solver\tcurves\tsizes\tratio\tms_last\tms_low\tms_high\tproducts_low\tproducts_high");
    strbuf_addf(&plot->data, "%s\t%zu\t%zu\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", solver,
                count / sizes, sizes, (double)rows[0].m / (double)rows[0].n, rows[sizes - 1].ms, low, high,
                products_low, products_high);
    plot_table(plot, "gap\texponent");
    for (size_t t = 0; t < count / sizes; t++) {
        strbuf_addf(&plot->data, "%s\t", bench_gap_text(rows[t * sizes].tol, gap));
        strbuf_addf(&plot->data, isfinite(exponents[t]) ? "%.10g\n" : "NaN\n", exponents[t]);
    }
    for (size_t i = 0; i < count; i++) {
        if (i % sizes == 0)
            plot_table(plot, "n\tms\tproducts");
        if (rows[i].reached)
            strbuf_addf(&plot->data, "%zu\t%.10g\t%.10g\n", rows[i].n, rows[i].ms,
                        rows[i].ms / rows[i].product_ms);
        else
            strbuf_addf(&plot->data, "%zu\tNaN\tNaN\n", rows[i].n);
    }
}
