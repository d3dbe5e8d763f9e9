/* Values of page.html about an evaluation: the router first, then its baselines, each value with its interval. */
#include "report/page/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct metric {
    enum trm_metric metric;
    struct table_column column;
} gains[] = {{TRM_METRIC_change, {"change of the loss a step, \u00d7 0.001", TABLE_INTERVAL, "%.3f", 1e3}},
             {TRM_METRIC_vs_random, {"better than random, %", TABLE_INTERVAL, "%.1f", 1}},
             {TRM_METRIC_vs_admm, {"better than always admm, %", TABLE_INTERVAL, "%.1f", 1}},
             {TRM_METRIC_vs_single, {"better than the best single arm, %", TABLE_INTERVAL, "%.1f", 1}},
             {TRM_METRIC_gap_closed, {"part of the gap to the oracle closed", TABLE_INTERVAL, "%.2f", 1}},
             {TRM_METRIC_regret, {"mean regret, \u00d7 0.001", TABLE_INTERVAL, "%.3f", 1e3}},
             {TRM_METRIC_regret_p95,
              {"95th percentile of regret, \u00d7 0.001", TABLE_INTERVAL, "%.3f", 1e3}}},
  choices[] = {{TRM_METRIC_agreement, {"oracle agreement, %", TABLE_INTERVAL, "%.1f", 100.0}},
               {TRM_METRIC_agreement_tied, {"within ties, %", TABLE_INTERVAL, "%.1f", 100.0}},
               {TRM_METRIC_macro_f1, {"macro-F1", TABLE_INTERVAL, "%.3f", 1}},
               {TRM_METRIC_calibration, {"calibration error", TABLE_INTERVAL, "%.3f", 1}},
               {TRM_METRIC_switches, {"switches, %", TABLE_INTERVAL, "%.1f", 100.0}}};

enum { GAINS = sizeof gains / sizeof *gains, CHOICES = sizeof choices / sizeof *choices };
_Static_assert(GAINS + CHOICES == TRM_METRICS, "every metric has its column");

/* Below these an interval says nothing, and the headline says that a router learned from little. */
enum { GROUPS_MIN = TRM_FEWEST_GROUPS, SAMPLES_MIN = TRM_FEWEST_SAMPLES };

static void put_interval(struct page *p, struct table *t, const struct trm_interval *v) {
    table_interval(t, v->value, p->intervals ? v->low : NAN, p->intervals ? v->high : NAN);
}

/* A row a policy, a column a metric. */
static void put_metrics(struct page *p, json_t *values, const char *name, const char *caption,
                        const struct metric *metrics, size_t count, const struct trm_evaluation *e) {
    struct table t;
    table_begin(&t, p, name);
    table_column(&t, &(struct table_column){"policy", TABLE_TEXT, NULL, 1});
    for (size_t m = 0; m < count; m++)
        table_column(&t, &metrics[m].column);
    const bool shares = metrics == choices;
    for (size_t a = 0; shares && a < e->names.count; a++) {
        char head[16 + TRM_ARM_NAME];
        snprintf(head, sizeof head, "chooses %s, %%", e->names.name[a]);
        if ((e->arms >> a & 1) != 0)
            table_column(&t, &(struct table_column){head, TABLE_INTERVAL, "%.1f", 100.0});
    }
    for (size_t i = 0; i < e->score_count; i++) {
        table_row(&t, i == 0);
        table_text(&t, e->scores[i].name);
        for (size_t m = 0; m < count; m++)
            put_interval(p, &t, &e->scores[i].metric[metrics[m].metric]);
        for (size_t a = 0; shares && a < e->names.count; a++)
            if ((e->arms >> a & 1) != 0)
                put_interval(p, &t, &e->scores[i].share[a]);
    }
    table_end(&t, values, caption);
}

static void put_references(struct page *p, json_t *values, const struct trm_evaluation *e) {
    static const struct table_column columns[] = {
        {"reference", TABLE_TEXT, NULL, 1},
        {"change of the loss a step, \u00d7 0.001", TABLE_INTERVAL, "%.3f", 1e3}};
    const struct {
        const char *name;
        const struct trm_interval *value;
    } rows[] = {{"oracle", &e->oracle},
                {"best single arm", &e->single},
                {"always admm", &e->admm},
                {"random", &e->random},
                {"oracle's gain over the best single arm", &e->gap}};
    struct table t;
    table_begin(&t, p, "references");
    table_columns(&t, columns, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_row(&t, false);
        table_text(&t, rows[i].name);
        put_interval(p, &t, rows[i].value);
    }
    table_end(&t, values, "What they are measured against");
}

/* How often each solver was chosen where each was the best: the picture's numbers. */
static void put_confusion(struct page *p, json_t *values, const struct trm_evaluation *e) {
    struct table t;
    int policy[TRM_ARMS_MOST];
    report_policies_of_arms(&e->names, policy);
    table_begin(&t, p, "confusion");
    table_column(&t, &(struct table_column){"best solver (oracle)", TABLE_TEXT, NULL, 1});
    for (size_t a = 0; a < e->names.count; a++) {
        char head[16 + TRM_ARM_NAME];
        snprintf(head, sizeof head, "chose %s", e->names.name[a]);
        table_column(&t, &(struct table_column){head, TABLE_NUMBER, "%.0f", 1});
    }
    for (size_t a = 0; a < e->names.count; a++) {
        table_row(&t, false);
        table_policy(&t, e->names.name[a], policy[a]);
        for (size_t choice = 0; choice < e->names.count; choice++)
            table_count(&t, e->scores[0].confusion[a][choice]);
    }
    table_end(&t, values, "The router's choices against the oracle's, in test samples");
}

/* A value with its interval, for a sentence. */
static void put_words(struct page *p, json_t *values, const char *name, double scale,
                      const struct trm_interval *v) {
    json_t *const entry = page_object(p, values, name);
    page_number(p, entry, "value", scale * v->value);
    page_flag(p, entry, "interval", p->intervals && isfinite(v->low) && isfinite(v->high));
    page_number(p, entry, "low", scale * v->low);
    page_number(p, entry, "high", scale * v->high);
}

/* Agreement of the router, and of always choosing the best single arm; the part of the gap that is closed. */
static void put_short(struct page *p, json_t *values, const struct trm_evaluation *e) {
    const struct trm_score *const own = &e->scores[0];
    put_words(p, values, "agreement", 100.0, &own->metric[TRM_METRIC_agreement]);
    if (isfinite(own->metric[TRM_METRIC_gap_closed].value))
        put_words(p, values, "gap_closed", 1.0, &own->metric[TRM_METRIC_gap_closed]);
    for (size_t i = 1; i < e->score_count && e->best_single >= 0; i++) {
        const char *const name = e->scores[i].name;
        if (strncmp(name, "always ", 7) != 0 || strcmp(name + 7, e->names.name[e->best_single]) != 0)
            continue;
        put_words(p, values, "always", 100.0, &e->scores[i].metric[TRM_METRIC_agreement]);
        page_text(p, json_object_get(values, "always"), "policy", name);
    }
}

void page_evaluation(struct page *p, json_t *values, const struct trm_evaluation *e) {
    page_count(p, values, "samples", e->samples);
    page_count(p, values, "groups", e->groups);
    page_count(p, values, "train_samples", e->train_samples);
    page_count(p, values, "validation_samples", e->validation_samples);
    page_count(p, values, "resamples", e->resamples);
    p->intervals = e->groups >= GROUPS_MIN && e->resamples > 0;
    page_flag(p, values, "intervals", p->intervals);
    page_flag(p, values, "few_groups", e->groups < GROUPS_MIN);
    page_count(p, values, "groups_min", GROUPS_MIN);
    page_flag(p, values, "few_samples", e->train_samples < SAMPLES_MIN);
    page_flag(p, values, "within_noise", e->gap_within_noise);
    page_number(p, values, "persistence", 100.0 * e->persistence.value);
    page_text(p, values, "best_single", e->best_single >= 0 ? e->names.name[e->best_single] : "none");
    json_t *const notes = page_array(p, values, "notes");
    for (size_t i = 0; i < e->note_count; i++)
        page_text(p, page_entry(p, notes), "text", e->notes[i]);
    if (e->score_count == 0)
        return;
    put_short(p, values, e);
    put_metrics(p, values, "gains", "What its choices gain", gains, GAINS, e);
    put_metrics(p, values, "choices", "How it chooses", choices, CHOICES, e);
    put_references(p, values, e);
    put_confusion(p, values, e);
}
