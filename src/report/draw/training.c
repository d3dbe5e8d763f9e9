/* solver_comparison and trm_training */
#include "report/assets.h"
#include "report/draw/draw.h"

#include <math.h>
#include <stdlib.h>

enum { POINTS = 50 }; /* of a curve, at most about */

void plot_table(struct plot *plot, const char *columns) {
    strbuf_addf(&plot->data, "%s%s\n", plot->data.size > 0 ? "\n\n" : "", columns);
}

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
    plot_table(plot, "step\tloss");
    for (size_t i = 0; i < points; i++)
        strbuf_addf(&plot->data, "%.10g\t%.10g\n", x[i] + 1.0, y[i]);
    free(x);
}

static void add_accuracies(struct plot *plot, const struct report_run *run) {
    plot_table(plot, "epoch\taccuracy");
    strbuf_addf(&plot->data, "1\tNaN\n"); /* gnuplot does not count a table without rows */
    for (size_t i = 0; i < run->epochs_done; i++)
        if (run->epoch[i].has_test)
            strbuf_addf(&plot->data, "%zu\t%.10g\n", run->epoch[i].epoch + 1,
                        100.0 * run->epoch[i].test_accuracy);
}

/* Data set and network are those of the first run; all runs of the picture share them. */
static void add_head(struct plot *plot, const struct report_runs *runs, size_t window) {
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
    plot_table(plot, "title\tepochs\twindow\ttested");
    if (first != NULL) {
        strbuf_addf(&plot->data, ", ");
        strbuf_add_field(&plot->data, first->model);
        strbuf_addf(&plot->data, " on ");
        strbuf_add_field(&plot->data, first->dataset);
    }
    strbuf_addf(&plot->data, "\t%zu\t%zu\t%d\n", epochs, window, tested);
}

/* Act on each run of the picture, in label order; the first of a solver has its name in the key. */
static void each_run(struct plot *plot, const struct report_runs *runs, size_t window) {
    plot_table(plot, "solver\tkeyed");
    for (int pass = 0; pass < 2; pass++)
        for (int policy = 0; policy < REPORT_POLICIES; policy++) {
            bool keyed = false;
            for (size_t i = 0; i < runs->count; i++) {
                const struct report_run *const run = &runs->at[i];
                if (!run->in_picture || run->policy != policy)
                    continue;
                if (pass == 0) {
                    strbuf_add_field(&plot->data, run->solver);
                    strbuf_addf(&plot->data, "\t%d\n", !keyed || policy == REPORT_POLICY_OTHER);
                } else {
                    add_losses(plot, run, window);
                    add_accuracies(plot, run);
                }
                keyed = true;
            }
        }
}

void draw_solver_comparison(struct plot *plot, const struct report_runs *runs) {
    const size_t window = choose_window(runs);
    plot->script = asset("solver_comparison.gp");
    add_head(plot, runs, window);
    each_run(plot, runs, window);
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
