/* trm_training */
#include "report/draw/draw.h"

#include <math.h>
#include <stdio.h>

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

static void add_view(struct chart *c, const struct history *h, const char *name, const char *label,
                     const enum history_column columns[2], double scale, bool validated) {
    const size_t view = chart_view(c, name, label, false);
    for (int i = 0; i < (validated ? 2 : 1); i++) {
        json_t *const curve = chart_curve(c, view, i == 0 ? "training" : "validation",
                                          i == 0 ? (int)MUON_SOLVER_quasi_newton : REPORT_POLICY_OTHER, 0);
        for (size_t row = 0; row < h->count; row += h->count / 2000 + 1)
            chart_point(c, curve, &h->column[HISTORY_epoch][row], scale * h->column[columns[i]][row], NAN,
                        NAN);
    }
}

void draw_trm_training(struct chart *c, const struct history *h) {
    static const enum history_column loss[] = {HISTORY_train_loss, HISTORY_val_loss},
                                     accuracy[] = {HISTORY_train_accuracy, HISTORY_val_accuracy};
    const double kept = kept_epoch(h);
    char note[64];
    chart_begin(c, "Training of the router", "epoch");
    snprintf(note, sizeof note, "kept: epoch %.10g", kept);
    if (kept > 0)
        chart_note(c, note);
    add_view(c, h, "loss", "loss a sample, nats", loss, 1.0, kept > 0);
    add_view(c, h, "accuracy", "choices equal to the oracle's (%)", accuracy, 100.0, kept > 0);
}
