/* scaling */
#include "report/draw/bench.h"
#include "report/draw/draw.h"

#include <math.h>

/* Rows from `first` on that share its tolerance. */
static size_t run_length(const struct bench_scale *rows, size_t first, size_t count) {
    size_t i = first;
    while (i < count && rows[i].tol == rows[first].tol)
        i++;
    return i - first;
}

/* Block t: n, ms, ms in products, of the sizes that reached tolerance t */
static void add_data(struct plot *plot, const struct bench_scale *rows, size_t count) {
    for (size_t i = 0, length; i < count; i += length) {
        length = run_length(rows, i, count);
        plot_block(plot);
        for (size_t j = i; j < i + length; j++)
            if (rows[j].reached)
                text_add(&plot->data, "%zu %.10g %.10g\n", rows[j].n, rows[j].ms,
                         rows[j].ms / rows[j].product_ms);
            else
                text_add(&plot->data, "%zu NaN NaN\n", rows[j].n);
    }
}

static void add_curves(struct plot *plot, const char *solver, const struct bench_scale *rows, size_t count,
                       const double *exponents, int column) {
    static const char *const dashes[] = {"1", "(8,4)", "(2,3)"};
    static const int marks[] = {7, 5, 9};
    char gap[32];
    size_t t = 0;
    for (size_t i = 0; i < count; i += run_length(rows, i, count), t++) {
        text_add(&plot->script,
                 "%s data index %zu using 1:%d with linespoints lc rgb '%s' lw 1.8 ps 0.9 dt %s pt %d title "
                 "'%s to %s",
                 t == 0 ? "plot" : ",", t, column, chooser_colour(chooser_find(solver)), dashes[t % 3],
                 marks[t % 3], solver, bench_gap_text(rows[i].tol, gap));
        if (column == 2 && isfinite(exponents[t]))
            text_add(&plot->script, ": n^%.2f'", exponents[t]);
        else
            text_add(&plot->script, "'");
    }
}

/* n^3 through the largest size of the loosest gap. */
static void add_guide(struct plot *plot, const struct bench_scale *rows, size_t count) {
    const struct bench_scale *const last = &rows[run_length(rows, 0, count) - 1];
    text_add(&plot->script,
             ", %.10g * (x / %zu.0)**3 with lines lc rgb '#777777' lw 1.2 dt (2,4) title 'n^3'", last->ms,
             last->n);
}

/* y from a part of the smallest value to a multiple of the largest, so that the key has room. */
static void add_range(struct plot *plot, const struct bench_scale *rows, size_t count, bool products,
                      double below, double above) {
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < count; i++) {
        const double value = products ? rows[i].ms / rows[i].product_ms : rows[i].ms;
        low = fmin(low, value), high = fmax(high, value);
    }
    text_add(&plot->script, "set yrange [%g:%g]\n", below * low, above * high);
}

void draw_scaling(struct plot *plot, const char *solver, const struct bench_scale *rows, size_t count,
                  const double *exponents) {
    const size_t sizes = run_length(rows, 0, count);
    plot->width = 960, plot->height = 420;
    add_data(plot, rows, count);
    draw_style(plot);
    draw_panels(plot, 2);
    text_add(&plot->script,
             "set lmargin 11\nset logscale xy\nset xlabel 'n'\nset xrange [%g:%g]\nset xtics (",
             0.85 * (double)rows[0].n, 1.18 * (double)rows[sizes - 1].n);
    for (size_t j = 0; j < sizes; j++)
        text_add(&plot->script, "%s%zu", j > 0 ? ", " : "", rows[j].n);
    text_add(&plot->script, ")\nset format y '%%g'\n");
    text_add(&plot->script, "set title 'Time of one solve, m = %.3g n'\nset ylabel 'ms'\nset key top left\n",
             (double)rows[0].m / (double)rows[0].n);
    add_range(plot, rows, count, false, 0.3, 30);
    add_curves(plot, solver, rows, count, exponents, 2);
    add_guide(plot, rows, count);
    text_add(&plot->script,
             "\nset title 'In units of one n × n × n product (double)'\nset ylabel 'products'\n"
             "unset key\n");
    add_range(plot, rows, count, true, 0.5, 2);
    text_add(&plot->script, "set ytics (");
    for (int decade = -1; decade <= 6; decade++)
        text_add(&plot->script, "%s1e%d, 2e%d, 5e%d", decade >= 0 ? ", " : "", decade, decade, decade);
    text_add(&plot->script, ")\n");
    add_curves(plot, solver, rows, count, exponents, 3);
    text_add(&plot->script, "\nunset multiplot\n");
}
