/* Tables of an evaluation: the router first, then its baselines, each value with its interval. */
#include "report/page/page.h"

#include <math.h>

/* metric, head of its column, format, factor */
static const struct column {
    enum trm_metric metric;
    const char *head, *format;
    double factor;
} gains[] =
    {
        {TRM_METRIC_change, "change of the loss a step, \u00d7 0.001", "%.3f", 1e3},
        {TRM_METRIC_vs_random, "better than random, %", "%.1f", 1.0},
        {TRM_METRIC_vs_admm, "better than always admm, %", "%.1f", 1.0},
        {TRM_METRIC_vs_single, "better than the best single arm, %", "%.1f", 1.0},
        {TRM_METRIC_gap_closed, "part of the gap to the oracle closed", "%.2f", 1.0},
        {TRM_METRIC_regret, "mean regret, \u00d7 0.001", "%.3f", 1e3},
        {TRM_METRIC_regret_p95, "95th percentile of regret, \u00d7 0.001", "%.3f", 1e3},
},
  choices[] = {
      {TRM_METRIC_agreement, "oracle agreement, %", "%.1f", 100.0},
      {TRM_METRIC_agreement_tied, "within ties, %", "%.1f", 100.0},
      {TRM_METRIC_macro_f1, "macro-F1", "%.3f", 1.0},
      {TRM_METRIC_calibration, "calibration error", "%.3f", 1.0},
      {TRM_METRIC_switches, "switches, %", "%.1f", 100.0},
};

enum { GAINS = sizeof gains / sizeof *gains, CHOICES = sizeof choices / sizeof *choices };
_Static_assert(GAINS + CHOICES == TRM_METRICS, "every metric has its column");

static void interval_cell(struct text *page, const char *format, double factor,
                          const struct trm_interval *v) {
    if (!isfinite(v->value)) {
        text_add(page, "<td>\u2013</td>");
        return;
    }
    text_add(page, "<td>");
    page_value(page, format, factor * v->value);
    if (isfinite(v->low) && isfinite(v->high)) {
        text_add(page, "<small>");
        page_value(page, format, factor * v->low);
        text_add(page, " \u2026 ");
        page_value(page, format, factor * v->high);
        text_add(page, "</small>");
    }
    text_add(page, "</td>");
}

static void table(struct text *page, const struct trm_evaluation *e, const struct column *columns,
                  size_t count, bool shares) {
    text_add(page, "<div class=\"scroll\"><table>\n<tr><th>policy</th>");
    for (size_t c = 0; c < count; c++)
        text_add(page, "<th>%s</th>", columns[c].head);
    for (int a = 0; shares && a < TRM_ARMS; a++)
        if ((e->arms >> a & 1) != 0)
            text_add(page, "<th>chooses %s, %%</th>", chooser_name(a));
    text_add(page, "</tr>\n");
    for (size_t i = 0; i < e->score_count; i++) {
        const struct trm_score *const s = &e->scores[i];
        text_add(page, i == 0 ? "<tr class=\"own\">" : "<tr>");
        page_name(page, s->name, -1);
        for (size_t c = 0; c < count; c++)
            interval_cell(page, columns[c].format, columns[c].factor, &s->metric[columns[c].metric]);
        for (int a = 0; shares && a < TRM_ARMS; a++)
            if ((e->arms >> a & 1) != 0)
                interval_cell(page, "%.1f", 100.0, &s->share[a]);
        text_add(page, "</tr>\n");
    }
    text_add(page, "</table></div>\n");
}

static void reference(struct text *page, const char *name, const struct trm_interval *v) {
    text_add(page, "<tr>");
    page_name(page, name, -1);
    interval_cell(page, "%.3f", 1e3, v);
    text_add(page, "</tr>\n");
}

void page_evaluation(struct text *page, const struct trm_evaluation *e) {
    text_add(page,
             "<p>On the %zu samples of the test part, in %zu groups; %zu samples were trained on and %zu "
             "chose the epoch. "
             "Small figures: 95 %% intervals from %zu resamples of the groups.</p>\n",
             e->samples, e->groups, e->train_samples, e->validation_samples, e->resamples);
    for (size_t i = 0; i < e->note_count; i++) {
        text_add(page, "<p class=\"warning\">");
        text_html(page, e->notes[i]);
        text_add(page, "</p>\n");
    }
    text_add(page, "<h4>What its choices gain</h4>\n");
    table(page, e, gains, GAINS, false);
    text_add(
        page,
        "<p class=\"note\">The change of the loss is next loss \u2212 loss: the lower, the better; better "
        "than: "
        "positive is better. Part of the gap: 1 is the oracle, 0 the best single arm of the training part "
        "(%s); a dash where there is none to close.</p>\n",
        e->best_single >= 0 && e->best_single < TRM_ARMS ? chooser_name(e->best_single) : "none");
    text_add(page, "<h4>How it chooses</h4>\n");
    table(page, e, choices, CHOICES, true);
    text_add(page,
             "<h4>What they are measured against</h4>\n<div class=\"scroll\"><table>\n<tr><th>reference</th>"
             "<th>change of the loss a step, \u00d7 0.001</th></tr>\n");
    reference(page, "oracle", &e->oracle);
    reference(page, "best single arm", &e->single);
    reference(page, "always admm", &e->admm);
    reference(page, "random", &e->random);
    reference(page, "oracle's gain over the best single arm", &e->gap);
    text_add(page,
             "</table></div>\n<p class=\"note\">%s Labels of neighbouring steps are equal in %.1f %% of the "
             "cases.</p>\n",
             e->gap_within_noise
                 ? "The oracle's gain over the best single arm is within its noise: there is nothing that "
                   "choosing could be shown to gain."
                 : "The oracle knows the outcome of the very step it chooses for, so that part of its gain "
                   "is luck.",
             100.0 * e->persistence.value);
}
