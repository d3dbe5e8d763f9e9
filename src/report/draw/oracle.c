/* oracle_by_epoch */
#include "report/draw/draw.h"

#include <stdlib.h>
#include <string.h>

struct tally {
    size_t *count; /* (epochs, TRM_ARMS) */
    size_t epochs;
};

static bool tally_labels(struct tally *t, const struct trm_sample *samples, size_t count) {
    *t = (struct tally){.count = NULL};
    for (size_t i = 0; i < count; i++)
        if (samples[i].epoch >= t->epochs)
            t->epochs = samples[i].epoch + 1;
    t->count = calloc(t->epochs + 1, TRM_ARMS * sizeof *t->count);
    if (t->count == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        t->count[samples[i].epoch * TRM_ARMS + (size_t)samples[i].label]++;
    return true;
}

static void add_shares(struct plot *plot, const struct tally *t, int arm) {
    plot_block(plot);
    text_add(&plot->data, "1 NaN\n"); /* gnuplot does not count a block without rows */
    for (size_t e = 0; e < t->epochs; e++) {
        const size_t *const row = t->count + e * TRM_ARMS;
        size_t all = 0;
        for (int a = 0; a < TRM_ARMS; a++)
            all += row[a];
        if (all > 0)
            text_add(&plot->data, "%zu %.10g\n", e + 1, 100.0 * (double)row[arm] / (double)all);
    }
}

void draw_oracle_by_epoch(struct plot *plot, const struct trm_sample *samples, size_t count) {
    struct tally tally;
    unsigned present = 0, drawn = 0;
    if (!tally_labels(&tally, samples, count)) {
        plot->data.failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        present |= samples[i].present;
    plot->width = 760, plot->height = 400;
    draw_style(plot);
    text_add(&plot->script, "set title 'Which solver lowered the loss most at a step'\n"
                            "set ylabel 'share of the steps where it was best (%%)'\n"
                            "set yrange [0:*]\nset key outside right top noopaque\nset rmargin 22\n");
    draw_epoch_axis(plot, tally.epochs);
    for (int arm = 0; arm < TRM_ARMS; arm++) {
        if ((present >> arm & 1) == 0)
            continue;
        text_add(&plot->script, drawn++ == 0 ? "plot " : ", \\\n  ");
        text_add(&plot->script, "data index %zu using 1:2 ", plot->blocks);
        draw_look(plot, arm, chooser_name(arm), 1);
        add_shares(plot, &tally, arm);
    }
    free(tally.count);
}
