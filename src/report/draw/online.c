/* routing_by_epoch and online_comparison */
#include "report/draw/draw.h"

#include <math.h>

void draw_routing_by_epoch(struct plot *plot, const struct online_summary *online,
                           const struct online_policy *policy) {
    plot->width = 760, plot->height = 400;
    plot_block(plot);
    for (size_t e = 0; e < online->epochs; e++) { /* epoch, then how high each box reaches */
        double height = 0;
        text_add(&plot->data, "%zu", e + 1);
        for (size_t arm = 0; arm < MUON_LABEL_COUNT; arm++) {
            height += 100.0 * policy->share[e * MUON_LABEL_COUNT + arm];
            text_add(&plot->data, " %.10g", height);
        }
        text_add(&plot->data, "\n");
    }
    draw_style(plot);
    draw_epoch_axis(plot, online->epochs);
    text_add(&plot->script,
             "set title 'What the router chose'\nset ylabel 'share of the steps (%%)'\n"
             "set xrange [0.4:%g]\nset yrange [0:100]\nset boxwidth 0.86\n"
             "set key outside right top noopaque\nset rmargin 22\nset style fill solid 1 border rgb "
             "'#ffffff'\nplot ",
             (double)online->epochs + 0.6);
    size_t drawn = 0;
    for (int arm = MUON_LABEL_COUNT - 1; arm >= 0; arm--) /* the highest first, the others in front of it */
        if (policy->total_share[arm] > 0)
            text_add(&plot->script, "%sdata using 1:%d with boxes lw 0.6 fc rgb '%s' title '%s'",
                     drawn++ > 0 ? ", \\\n  " : "", arm + 2, chooser_colour(arm), chooser_name(arm));
    text_add(&plot->script, "\n");
}

/* Mean test accuracy of a policy's runs after each epoch, over those that came so far. */
static void add_accuracies(struct plot *plot, const struct report_runs *runs, const char *policy,
                           size_t epochs) {
    plot_block(plot);
    text_add(&plot->data, "1 NaN\n"); /* gnuplot does not count a block without rows */
    for (size_t e = 0; e < epochs; e++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < runs->count; i++) {
            const struct report_run *const run = &runs->at[i];
            if (chooser_find(policy) == run->chooser && run->status == TRM_RUN_DONE && e < run->epochs_done &&
                run->epoch[e].has_test)
                sum += run->epoch[e].test_accuracy, count++;
        }
        if (count > 0)
            text_add(&plot->data, "%zu %.10g\n", e + 1, 100.0 * sum / (double)count);
    }
}

/* One row a policy, from the top: its seeds as small circles, their mean as its mark, its deviation as a bar. */
static void add_finals(struct plot *plot, const struct online_summary *online, size_t *means, size_t *seeds) {
    *means = plot_block(plot);
    for (size_t p = 0; p < online->policy_count; p++) {
        const struct online_spread *const a = &online->policy[p].test_accuracy;
        if (a->count > 0)
            text_add(&plot->data, "%.10g %zu %.10g\n", 100.0 * a->mean, p, 100.0 * a->deviation);
        else
            text_add(&plot->data, "NaN %zu 0\n", p);
    }
    *seeds = plot_block(plot);
    for (size_t i = 0; i < online->result_count; i++)
        text_add(&plot->data, "%.10g %zu\n", 100.0 * online->result[i].test_accuracy,
                 online->result[i].policy);
}

static void draw_finals(struct plot *plot, const struct online_summary *online) {
    size_t means, seeds;
    add_finals(plot, online, &means, &seeds);
    text_add(&plot->script,
             "set title 'After the last epoch'\nset xlabel 'test accuracy (%%)'\nunset ylabel\nunset key\n"
             "set lmargin 15\nset rmargin 3\nset xtics autofreq\nset xrange [*:*]\nset offsets graph 0.06, "
             "graph 0.06, 0, 0\n"
             "set yrange [%g:-0.6]\nset ytics (",
             (double)online->policy_count - 0.4);
    for (size_t p = 0; p < online->policy_count; p++) {
        text_add(&plot->script, "%s", p > 0 ? ", " : "");
        text_gnuplot(&plot->script, online->policy[p].name);
        text_add(&plot->script, " %zu", p);
    }
    text_add(&plot->script, ")\nplot data index %zu using 1:2 with points pt 6 ps 0.7 lc rgb '#777777'",
             seeds);
    for (size_t p = 0; p < online->policy_count; p++) {
        const int chooser = chooser_find(online->policy[p].name);
        text_add(&plot->script,
                 ", \\\n  data index %zu every ::%zu::%zu using 1:2:3 with xerrorbars pt %d ps 1.3 lw 1.8 lc "
                 "rgb '%s'",
                 means, p, p, chooser_mark(chooser), chooser_colour(chooser));
    }
    text_add(&plot->script, "\n");
}

void draw_online_comparison(struct plot *plot, const struct report_runs *runs,
                            const struct online_summary *online) {
    plot->width = 1080, plot->height = 400;
    draw_style(plot);
    draw_panels(plot, 2);
    text_add(&plot->script, "set title 'Test accuracy, mean over seeds'\n"
                            "set ylabel 'test images classified correctly (%%)'\nset key outside right top "
                            "noopaque\nset rmargin 22\n");
    draw_epoch_axis(plot, online->epochs);
    for (size_t p = 0; p < online->policy_count; p++) {
        text_add(&plot->script, "%sdata index %zu using 1:2 ", p == 0 ? "plot " : ", \\\n  ", plot->blocks);
        draw_look(plot, chooser_find(online->policy[p].name), online->policy[p].name, 1);
        add_accuracies(plot, runs, online->policy[p].name, online->epochs);
    }
    text_add(&plot->script, "\n");
    draw_finals(plot, online);
    text_add(&plot->script, "unset multiplot\n");
}
