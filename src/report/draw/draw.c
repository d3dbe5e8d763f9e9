#include "report/draw/draw.h"

void draw_style(struct plot *plot) {
    text_add(&plot->script, "set border 3 lc rgb '#555555' lw 0.8\n"
                            "set tics nomirror tc rgb '#222222'\n"
                            "set grid lc rgb '#e2e2e2' lw 0.6 lt 1\n"
                            "set key noautotitle Left reverse samplen 2.4 spacing 1.25 width 1 opaque\n"
                            "set lmargin 9\n"
                            "set rmargin 3\n");
}

void draw_panels(struct plot *plot, unsigned panels) {
    text_add(&plot->script, "set multiplot layout 1,%u\n", panels);
}

void draw_look(struct plot *plot, int chooser, const char *title, unsigned every) {
    text_add(&plot->script, "with linespoints lc rgb '%s' lw %s pt %d ps 0.8 pi %u", chooser_colour(chooser),
             chooser == CHOOSER_ROUTER ? "2.6" : "1.7", chooser_mark(chooser), every);
    if (title != NULL) {
        text_add(&plot->script, " title ");
        text_gnuplot(&plot->script, title);
    }
}

void draw_title(struct plot *plot, const char *what, const struct report_run *run) {
    struct text title = {.bytes = NULL};
    text_add(&title, "%s", what);
    if (run != NULL)
        text_add(&title, ", %s on %s", run->model, run->dataset);
    if (title.failed)
        plot->script.failed = true;
    else {
        text_add(&plot->script, "set title ");
        text_gnuplot(&plot->script, title.bytes);
        text_add(&plot->script, "\n");
    }
    text_free(&title);
}

void draw_epoch_axis(struct plot *plot, size_t epochs) {
    const size_t steps[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000};
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && epochs / steps[i] > 10)
        i++;
    const double margin = epochs > 1 ? 0.02 * (double)(epochs - 1) : 0.5;
    text_add(&plot->script, "set xlabel 'epoch'\nset xtics %zu\nset xrange [%g:%g]\n", steps[i], 1.0 - margin,
             (double)epochs + margin);
}
