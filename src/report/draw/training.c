/* trm_training */
#include "report/draw/draw.h"

#include <math.h>

#define TRAINING "with lines lc rgb '#0072b2' lw 1.8 title 'training'"
#define VALIDATION "with lines lc rgb '#d55e00' lw 1.8 dt (8,4) title 'validation'"

static bool has(const struct history *h, enum history_column column) {
    for (size_t i = 0; i < h->count; i++)
        if (isfinite(h->column[column][i]))
            return true;
    return false;
}

/* The checkpoint's rule: highest validation accuracy, then lowest validation loss, then earliest. */
static size_t kept_epoch(const struct history *h) {
    const double *const accuracy = h->column[HISTORY_val_accuracy], *const loss = h->column[HISTORY_val_loss];
    size_t best = 0;
    for (size_t i = 1; i < h->count; i++)
        if (accuracy[i] > accuracy[best] || (accuracy[i] == accuracy[best] && loss[i] < loss[best]))
            best = i;
    return best;
}

static void panel(struct plot *plot, const struct history *h, enum history_column training,
                  enum history_column validation, double scale) {
    const size_t block = plot_block(plot);
    for (size_t i = 0; i < h->count; i++)
        text_add(&plot->data, "%.10g %.10g %.10g\n", h->column[HISTORY_epoch][i],
                 scale * h->column[training][i], scale * h->column[validation][i]);
    text_add(&plot->script, "plot data index %zu using 1:2 " TRAINING, block);
    if (has(h, validation))
        text_add(&plot->script, ", data index %zu using 1:3 " VALIDATION, block);
    text_add(&plot->script, "\n");
}

void draw_trm_training(struct plot *plot, const struct history *h) {
    const double last = h->column[HISTORY_epoch][h->count - 1];
    plot->width = 960, plot->height = 380;
    draw_style(plot);
    draw_panels(plot, 2);
    draw_epoch_axis(plot, last >= 1 && last < 1e6 ? (size_t)last : h->count);
    text_add(&plot->script,
             "set title 'Router: loss'\nset ylabel 'loss a sample, nats'\nset key top right\n");
    if (has(h, HISTORY_val_accuracy)) {
        const double kept = h->column[HISTORY_epoch][kept_epoch(h)];
        text_add(&plot->script,
                 "set arrow 1 from %g, graph 0 to %g, graph 1 nohead lc rgb '#888888' lw 1 dt (2,3)\n", kept,
                 kept);
        text_add(&plot->script,
                 "set label 1 'kept: epoch %g' at %g, graph 0.07 %s offset %s,0 tc rgb '#555555'\n", kept,
                 kept, kept > 0.6 * last ? "right" : "left", kept > 0.6 * last ? "-0.6" : "0.6");
    }
    panel(plot, h, HISTORY_train_loss, HISTORY_val_loss, 1.0);
    text_add(&plot->script, "set title 'Router: accuracy'\nset ylabel 'choices equal to the oracle''s (%%)'\n"
                            "set key bottom right\nunset label 1\n");
    panel(plot, h, HISTORY_train_accuracy, HISTORY_val_accuracy, 100.0);
    text_add(&plot->script, "unset multiplot\n");
}
