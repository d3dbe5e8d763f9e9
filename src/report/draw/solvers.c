/* solver_comparison */
#include "report/draw/draw.h"

#include <stdlib.h>

enum { POINTS = 50 }; /* of a curve, at most about */

/* A round window that leaves about POINTS points of the longest run. */
static size_t choose_window(const struct report_runs *runs) {
    static const size_t round[] = {1, 2, 3, 5};
    size_t longest = 0;
    for (size_t i = 0; i < runs->count; i++)
        if (runs->at[i].in_picture && runs->at[i].steps > longest)
            longest = runs->at[i].steps;
    for (size_t ten = 1;; ten *= 10)
        for (size_t i = 0; i < sizeof round / sizeof *round; i++)
            if (longest / (ten * round[i]) <= POINTS)
                return ten * round[i];
}

static void add_losses(struct plot *plot, const struct report_run *run, size_t window) {
    const size_t room = run->steps / window + 1;
    double *const x = calloc(2 * room, sizeof *x), *const y = x + room;
    if (x == NULL) {
        plot->data.failed = true;
        return;
    }
    const size_t points = report_run_smooth(run, window, x, y);
    plot_block(plot);
    for (size_t i = 0; i < points; i++)
        text_add(&plot->data, "%.10g %.10g\n", x[i] + 1.0, y[i]);
    free(x);
}

static void add_accuracies(struct plot *plot, const struct report_run *run) {
    plot_block(plot);
    text_add(&plot->data, "1 NaN\n"); /* gnuplot does not count a block without rows */
    for (size_t i = 0; i < run->epochs_done; i++)
        if (run->epoch[i].has_test)
            text_add(&plot->data, "%zu %.10g\n", run->epoch[i].epoch + 1,
                     100.0 * run->epoch[i].test_accuracy);
}

/* One curve a run, in label order; the first of a solver has its name in the key. */
static void add_curves(struct plot *plot, const struct report_runs *runs, size_t window) {
    size_t curves = 0;
    for (int chooser = 0; chooser < CHOOSERS; chooser++) {
        bool named = false;
        for (size_t i = 0; i < runs->count; i++) {
            const struct report_run *const run = &runs->at[i];
            if (!run->in_picture || run->chooser != chooser)
                continue;
            text_add(&plot->script, curves++ == 0 ? "plot " : ", \\\n  ");
            text_add(&plot->script, "data index %zu using 1:2 ", plot->blocks);
            const bool own_name = chooser == CHOOSER_OTHER;
            draw_look(plot, chooser, named && !own_name ? NULL : run->solver, window == 0 ? 1 : 8);
            named = true;
            if (window > 0)
                add_losses(plot, run, window);
            else
                add_accuracies(plot, run);
        }
    }
    text_add(&plot->script, "\n");
}

void draw_solver_comparison(struct plot *plot, const struct report_runs *runs) {
    const size_t window = choose_window(runs);
    const struct report_run *first = NULL;
    size_t epochs = 1;
    bool tested = false;
    for (size_t i = 0; i < runs->count; i++) {
        const struct report_run *const run = &runs->at[i];
        if (!run->in_picture)
            continue;
        first = first == NULL ? run : first;
        epochs = run->epochs > epochs ? run->epochs : epochs;
        for (size_t e = 0; e < run->epochs_done; e++)
            tested = tested || run->epoch[e].has_test;
    }
    plot->width = 960, plot->height = 400;
    draw_style(plot);
    draw_panels(plot, 2);
    draw_title(plot, "Training loss", first);
    text_add(&plot->script, "set xlabel 'step'\nset key top right\nset xrange [0:*]\nset format y '%%.1f'\n");
    if (window > 1)
        text_add(&plot->script, "set ylabel 'cross-entropy, nats (mean of %zu steps)'\n", window);
    else
        text_add(&plot->script, "set ylabel 'cross-entropy, nats'\n");
    add_curves(plot, runs, window);
    draw_title(plot, "Test accuracy", first);
    text_add(&plot->script, "set ylabel 'test images classified correctly (%%)'\nset key bottom right\n"
                            "set format y '%%g'\n");
    draw_epoch_axis(plot, epochs);
    if (!tested)
        text_add(&plot->script,
                 "set yrange [0:100]\nset label 'no epoch is done yet' at graph 0.5,0.5 center\n");
    add_curves(plot, runs, 0);
    text_add(&plot->script, "unset multiplot\n");
}
