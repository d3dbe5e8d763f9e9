/* confusion_matrix */
#include "report/draw/draw.h"

static size_t row_sum(const size_t row[TRM_ARMS]) {
    size_t sum = 0;
    for (int c = 0; c < TRM_ARMS; c++)
        sum += row[c];
    return sum;
}

static void add_tics(struct plot *plot, const size_t confusion[TRM_ARMS][TRM_ARMS]) {
    text_add(&plot->script, "set xtics (");
    for (int i = 0; i < TRM_ARMS; i++)
        text_add(&plot->script, "%s'%s' %d", i > 0 ? ", " : "", chooser_name(i), i);
    text_add(&plot->script, ") scale 0\nset ytics (");
    for (int i = 0; i < TRM_ARMS; i++)
        text_add(&plot->script, "%s\"%s\\nn = %zu\" %d", i > 0 ? ", " : "", chooser_name(i),
                 row_sum(confusion[i]), i);
    text_add(&plot->script, ") scale 0\n");
}

/* An empty row is no row of zeros: it is left white, hatched, and says so. */
static void add_empty_row(struct plot *plot, int row, unsigned present) {
    text_add(&plot->script,
             "set object rectangle from -0.5,%g to %g,%g fc rgb '#cccccc' fs transparent pattern 4 noborder "
             "front\n",
             row - 0.5, TRM_ARMS - 0.5, row + 0.5);
    text_add(&plot->script, "set label '%s' at %g,%d center front tc rgb '#444444' boxed\n",
             (present >> row & 1) == 0 ? "not in the data" : "never the best in the test part",
             0.5 * (TRM_ARMS - 1), row);
}

static void add_row(struct plot *plot, int row, const size_t counts[TRM_ARMS]) {
    const size_t sum = row_sum(counts);
    for (int c = 0; c < TRM_ARMS; c++) {
        const double share = sum > 0 ? (double)counts[c] / (double)sum : 0.0;
        text_add(&plot->data, "%d %d %.10g\n", c, row, share); /* an empty row: white under its hatching */
        if (sum > 0)
            text_add(&plot->script,
                     "set label \"%zu\\n%.0f %%\" at %d,%d center offset 0,0.5 front tc rgb '%s'\n",
                     counts[c], 100.0 * share, c, row, share > 0.65 ? "#ffffff" : "#111111");
    }
}

void draw_confusion_matrix(struct plot *plot, const size_t confusion[TRM_ARMS][TRM_ARMS], unsigned present) {
    plot->width = 800, plot->height = 540;
    plot_block(plot);
    text_add(&plot->script,
             "set title 'Choices of the router on the test part'\nset border 15 lc rgb '#555555' lw 0.8\n"
             "set xlabel 'chosen by the router'\nset ylabel 'best solver (oracle)'\n"
             "set xrange [-0.5:%g]\nset yrange [%g:-0.5]\nset cbrange [0:1]\n"
             "set palette defined (0 '#ffffff', 0.25 '#c6dbef', 0.5 '#6baed6', 0.75 '#2171b5', 1 "
             "'#08306b')\n"
             "set cblabel 'share of the row'\nset cbtics 0.25 scale 0.4\n"
             "set style textbox opaque fc rgb '#ffffff' noborder margins 2,1\n",
             TRM_ARMS - 0.5, TRM_ARMS - 0.5);
    add_tics(plot, confusion);
    for (int r = 0; r < TRM_ARMS; r++) {
        add_row(plot, r, confusion[r]);
        if (row_sum(confusion[r]) == 0)
            add_empty_row(plot, r, present);
    }
    for (int i = 1; i < TRM_ARMS; i++)
        text_add(&plot->script,
                 "set arrow from %g,-0.5 to %g,%g nohead front lc rgb '#999999' lw 0.6\n"
                 "set arrow from -0.5,%g to %g,%g nohead front lc rgb '#999999' lw 0.6\n",
                 i - 0.5, i - 0.5, TRM_ARMS - 0.5, i - 0.5, TRM_ARMS - 0.5, i - 0.5);
    text_add(&plot->script, "plot data using 1:2:3 with image pixels notitle\n");
}
