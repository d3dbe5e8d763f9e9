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

static void interval_cell(struct strbuf *page, const char *format, double factor,
                          const struct trm_interval *v) {
    if (!isfinite(v->value)) {
        strbuf_addf(page, "<td>\u2013</td>");
        return;
    }
    strbuf_addf(page, "<td>");
    page_value(page, format, factor * v->value);
    if (isfinite(v->low) && isfinite(v->high)) {
        strbuf_addf(page, "<small>");
        page_value(page, format, factor * v->low);
        strbuf_addf(page, " \u2026 ");
        page_value(page, format, factor * v->high);
        strbuf_addf(page, "</small>");
    }
    strbuf_addf(page, "</td>");
}

static void table(struct strbuf *page, const struct trm_evaluation *e, const struct column *columns,
                  size_t count, bool shares) {
    strbuf_addf(page, "<div class=\"scroll\"><table>\n<tr><th>policy</th>");
    for (size_t c = 0; c < count; c++)
        strbuf_addf(page, "<th>%s</th>", columns[c].head);
    for (int a = 0; shares && a < TRM_ARMS; a++)
        if ((e->arms >> a & 1) != 0)
            strbuf_addf(page, "<th>chooses %s, %%</th>", report_policy_name(a));
    strbuf_addf(page, "</tr>\n");
    for (size_t i = 0; i < e->score_count; i++) {
        const struct trm_score *const s = &e->scores[i];
        strbuf_addf(page, i == 0 ? "<tr class=\"own\">" : "<tr>");
        page_name(page, s->name, -1);
        for (size_t c = 0; c < count; c++)
            interval_cell(page, columns[c].format, columns[c].factor, &s->metric[columns[c].metric]);
        for (int a = 0; shares && a < TRM_ARMS; a++)
            if ((e->arms >> a & 1) != 0)
                interval_cell(page, "%.1f", 100.0, &s->share[a]);
        strbuf_addf(page, "</tr>\n");
    }
    strbuf_addf(page, "</table></div>\n");
}

static void reference(struct strbuf *page, const char *name, const struct trm_interval *v) {
    strbuf_addf(page, "<tr>");
    page_name(page, name, -1);
    interval_cell(page, "%.3f", 1e3, v);
    strbuf_addf(page, "</tr>\n");
}

void page_evaluation(struct strbuf *page, const struct trm_evaluation *e) {
    strbuf_addf(page,
                "<p>On the %zu samples of the test part, in %zu groups; %zu samples were trained on and %zu "
                "chose the epoch. "
                "Small figures: 95 %% intervals from %zu resamples of the groups.</p>\n",
                e->samples, e->groups, e->train_samples, e->validation_samples, e->resamples);
    for (size_t i = 0; i < e->note_count; i++) {
        strbuf_addf(page, "<p class=\"warning\">");
        strbuf_add_html(page, e->notes[i]);
        strbuf_addf(page, "</p>\n");
    }
    strbuf_addf(page, "<h4>What its choices gain</h4>\n");
    table(page, e, gains, GAINS, false);
    strbuf_addf(
        page,
        "<p class=\"note\">The change of the loss is next loss \u2212 loss: the lower, the better; better "
        "than: "
        "positive is better. Part of the gap: 1 is the oracle, 0 the best single arm of the training part "
        "(%s); a dash where there is none to close.</p>\n",
        e->best_single >= 0 && e->best_single < TRM_ARMS ? report_policy_name(e->best_single) : "none");
    strbuf_addf(page, "<h4>How it chooses</h4>\n");
    table(page, e, choices, CHOICES, true);
    strbuf_addf(
        page, "<h4>What they are measured against</h4>\n<div class=\"scroll\"><table>\n<tr><th>reference</th>"
              "<th>change of the loss a step, \u00d7 0.001</th></tr>\n");
    reference(page, "oracle", &e->oracle);
    reference(page, "best single arm", &e->single);
    reference(page, "always admm", &e->admm);
    reference(page, "random", &e->random);
    reference(page, "oracle's gain over the best single arm", &e->gap);
    strbuf_addf(
        page,
        "</table></div>\n<p class=\"note\">%s Labels of neighbouring steps are equal in %.1f %% of the "
        "cases.</p>\n",
        e->gap_within_noise
            ? "The oracle's gain over the best single arm is within its noise: there is nothing that "
              "choosing could be shown to gain."
            : "The oracle knows the outcome of the very step it chooses for, so that part of its gain "
              "is luck.",
        100.0 * e->persistence.value);
}
