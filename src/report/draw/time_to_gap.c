/* time_to_gap */
#include "report/draw/bench.h"
#include "report/draw/draw.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PANEL_WIDTH = 260, PANEL_HEIGHT = 190, COLUMNS_MAX = 4 };
enum { LEFT = 85, RIGHT = 20, TOP = 40, BOTTOM = 115, ACROSS = 22, DOWN = 80 }; /* margins and spaces */

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

static bool same_panel(const struct bench_point *a, const struct bench_point *b) {
    return strcmp(a->file, b->file) == 0;
}

/* Points from `first` on that share its panel (and its solver). */
static size_t run_length(const struct bench_point *points, size_t first, size_t count, bool of_solver) {
    size_t i = first;
    while (i < count && same_panel(&points[i], &points[first]) &&
           (!of_solver || points[i].solver == points[first].solver))
        i++;
    return i - first;
}

/* "conv2_step200, 288 x 64" of "folder/conv2_step200.safetensors" */
static void add_title(struct plot *plot, const struct bench_point *p) {
    static const char ending[] = ".safetensors";
    const char *const slash = strrchr(p->file, '/'), *const name = slash != NULL ? slash + 1 : p->file;
    const char *const end = strstr(name, ending);
    const size_t length = end != NULL && end[sizeof ending - 1] == '\0' ? (size_t)(end - name) : strlen(name);
    struct text title = {.bytes = NULL};
    text_add(&title, "%.*s, %zu × %zu", (int)length, name, p->m, p->n);
    text_add(&plot->script, "set title ");
    if (!title.failed)
        text_gnuplot(&plot->script, title.bytes);
    text_add(&plot->script, "\n");
    plot->script.failed = plot->script.failed || title.failed;
    text_free(&title);
}

/* The curve of a solver in two blocks: what it reached; then, where it ended early, from its last point to its
   end. */
static void add_curve(struct plot *plot, const struct bench_point *points, size_t count) {
    const int chooser = chooser_find(muon_solver_name(points[0].solver));
    size_t reached = 0;
    while (reached < count && points[reached].reached)
        reached++;
    const size_t curve = plot_block(plot);
    for (size_t i = 0; i < reached; i++)
        text_add(&plot->data, "%.10g %.10g\n", points[i].ms, points[i].tol);
    if (reached == 0)
        text_add(&plot->data, "1 NaN\n"); /* gnuplot does not count a block without rows */
    text_add(&plot->script, "data index %zu using 1:2 ", curve);
    draw_look(plot, chooser, NULL, 1);
    if (reached < count) {
        const struct bench_point *const end = &points[reached];
        const size_t rest = plot_block(plot);
        if (reached > 0)
            text_add(&plot->data, "%.10g %.10g\n", points[reached - 1].ms, points[reached - 1].tol);
        text_add(&plot->data, "%.10g %.10g\n", end->ms, end->gap > 0 ? end->gap : end->tol);
        text_add(&plot->script, ", data index %zu using 1:2 with lines lc rgb '%s' lw 1.2 dt (2,4)", rest,
                 chooser_colour(chooser));
        text_add(&plot->script,
                 ", data index %zu every ::%d using 1:2 with points lc rgb '%s' lw 1.6 pt 2 ps 1", rest,
                 reached > 0 ? 1 : 0, chooser_colour(chooser));
    }
}

/* Limits of both axes, shared by all panels. */
static void add_ranges(struct plot *plot, const struct bench_point *points, size_t count) {
    double low = INFINITY, high = 0, tight = 1, loose = 0;
    for (size_t i = 0; i < count; i++) {
        const double gap = points[i].reached ? points[i].tol : points[i].gap;
        low = fmin(low, points[i].ms), high = fmax(high, points[i].ms);
        tight = fmin(tight, points[i].tol);
        loose = fmax(loose, fmax(gap, points[i].tol));
    }
    text_add(&plot->script, "set logscale xy\nset xrange [%g:%g]\nset yrange [%g:%g]\nset format x '%%g'\n",
             0.7 * low, 1.4 * high, 0.6 * tight, 1.6 * loose);
}

/* A mark at every decade of the gap; its value beside it where the panel is the first of its row. */
static void add_gap_axis(struct plot *plot, bool first) {
    text_add(&plot->script, first ? "set ylabel 'certified gap'\nset ytics (" : "unset ylabel\nset ytics (");
    for (int decade = 0; decade > -16; decade--)
        if (!first)
            text_add(&plot->script, "%s'' 1e%d", decade < 0 ? ", " : "", decade);
        else
            text_add(&plot->script, decade < 0 ? ", '1e%d' 1e%d" : "'1' 1", decade, decade);
    text_add(&plot->script, ")\n");
}

/* Marks and names of the solvers in one line below all panels. */
static void add_key(struct plot *plot, const struct bench_point *points, size_t count, double width,
                    double height) {
    enum { STEP = 135 };
    const double first = 0.5 * (width - STEP * (double)MUON_LABEL_COUNT);
    int tag = 0;
    for (int id = 0; muon_solver_name(id) != NULL; id++)
        for (size_t i = 0; i < count; i++)
            if (points[i].solver == id) {
                const int chooser = chooser_find(muon_solver_name(id));
                text_add(
                    &plot->script,
                    "set label %d '%s' at screen %g,%g left offset 1,0 tc rgb '#222222' point pt %d ps 1 lc "
                    "rgb '%s'\n",
                    tag + 1, muon_solver_name(id), (first + STEP * tag + 8) / width, 34 / height,
                    chooser_mark(chooser), chooser_colour(chooser));
                tag++;
                break;
            }
    text_add(&plot->script,
             "set label %d '× where a solver ends without the next gap; the gap of frank_wolfe is over its "
             "own set' "
             "at screen 0.5,%g center tc rgb '#555555'\n",
             tag + 1, 14 / height);
}

void draw_time_to_gap(struct plot *plot, const struct bench_point *points, size_t count) {
    size_t panels = 0;
    for (size_t i = 0; i < count; i += run_length(points, i, count, false))
        panels++;
    const size_t rows = (panels + COLUMNS_MAX - 1) / COLUMNS_MAX, columns = (panels + rows - 1) / rows;
    plot->width = (unsigned)(LEFT + RIGHT + (PANEL_WIDTH + ACROSS) * columns - ACROSS);
    plot->width = plot->width < 760 ? 760 : plot->width; /* the line of names */
    plot->height = (unsigned)(TOP + BOTTOM + (PANEL_HEIGHT + DOWN) * rows - DOWN);
    const double height = plot->height, width = plot->width;
    draw_style(plot);
    text_add(
        &plot->script,
        "unset lmargin\nunset rmargin\nunset key\nset multiplot layout %zu,%zu margins %g,%g,%g,%g spacing "
        "%g,%g\n",
        rows, columns, LEFT / width, 1 - RIGHT / width, BOTTOM / height, 1 - TOP / height, ACROSS / width,
        DOWN / height);
    add_ranges(plot, points, count);
    add_key(plot, points, count, width, height);
    size_t panel = 0;
    for (size_t i = 0, length; i < count; i += length, panel++) {
        length = run_length(points, i, count, false);
        add_title(plot, &points[i]);
        add_gap_axis(plot, panel % columns == 0);
        text_add(&plot->script, panel + columns >= panels ? "set xlabel 'ms'\n" : "unset xlabel\n");
        text_add(&plot->script, "plot ");
        for (size_t c = i, curve; c < i + length; c += curve) {
            curve = run_length(points, c, i + length, true);
            if (c > i)
                text_add(&plot->script, ", \\\n  ");
            add_curve(plot, &points[c], curve);
        }
        text_add(&plot->script, "\nunset label\n");
    }
    text_add(&plot->script, "unset multiplot\n");
}
