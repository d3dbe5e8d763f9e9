/* trm_training */
#include "report/assets.h"
#include "report/draw/draw.h"

#include <math.h>

void plot_table(struct plot *plot, const char *columns) {
    strbuf_addf(&plot->data, "%s%s\n", plot->data.size > 0 ? "\n\n" : "", columns);
}

/* The checkpoint's rule: highest validation accuracy, then lowest validation loss, then earliest; NAN where
   nothing was validated. */
static double kept_epoch(const struct history *h) {
    const double *const accuracy = h->column[HISTORY_val_accuracy], *const loss = h->column[HISTORY_val_loss];
    size_t best = 0;
    for (size_t i = 1; i < h->count; i++)
        if (!isfinite(accuracy[best]) || accuracy[i] > accuracy[best] ||
            (accuracy[i] == accuracy[best] && loss[i] < loss[best]))
            best = i;
    return isfinite(accuracy[best]) ? h->column[HISTORY_epoch][best] : 0.0;
}

void draw_trm_training(struct plot *plot, const struct history *h) {
    const double last = h->column[HISTORY_epoch][h->count - 1];
    plot->script = asset("trm_training.gp");
    plot_table(plot, "epochs\tkept");
    strbuf_addf(&plot->data, "%.10g\t%.10g\n", last >= 1 && last < 1e6 ? last : (double)h->count,
                kept_epoch(h));
    plot_table(plot, "epoch\ttrain_loss\ttrain_accuracy\tval_loss\tval_accuracy");
    for (size_t i = 0; i < h->count; i++)
        strbuf_addf(&plot->data, "%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", h->column[HISTORY_epoch][i],
                    h->column[HISTORY_train_loss][i], 100.0 * h->column[HISTORY_train_accuracy][i],
                    h->column[HISTORY_val_loss][i], 100.0 * h->column[HISTORY_val_accuracy][i]);
}
