/* Values of page.html about an evaluation: the router first, then its baselines, each value with its interval. */
#include "report/page/mustache.h"
#include "report/page/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* Below these an interval says nothing, and the headline says that a router learned from little. */
enum { GROUPS_MIN = TRM_FEWEST_GROUPS, SAMPLES_MIN = TRM_FEWEST_SAMPLES };

static void formatted(struct page *p, json_t *cell, const char *name, const char *format, double value) {
    struct strbuf text = {.bytes = NULL};
    mustache_number(&text, format, value);
    p->failed = p->failed || text.failed;
    page_text(p, cell, name, text.failed ? "" : text.bytes);
    strbuf_release(&text);
}

/* value, low and high as texts; low is "" where there is no interval. */
static void put_interval(struct page *p, json_t *cell, const char *format, double factor,
                         const struct trm_interval *v) {
    formatted(p, cell, "value", format, factor * v->value);
    if (p->intervals && isfinite(v->value) && isfinite(v->low) && isfinite(v->high)) {
        formatted(p, cell, "low", format, factor * v->low);
        formatted(p, cell, "high", format, factor * v->high);
    } else
        page_text(p, cell, "low", "");
}

/* The cells of a row, or with score NULL the heads of their columns. */
static void put_columns(struct page *p, json_t *cells, const struct column *columns, size_t count,
                        const struct trm_score *score) {
    for (size_t c = 0; c < count; c++) {
        json_t *const cell = page_entry(p, cells);
        if (score == NULL)
            page_text(p, cell, "head", columns[c].head);
        else
            put_interval(p, cell, columns[c].format, columns[c].factor, &score->metric[columns[c].metric]);
    }
}

static void put_shares(struct page *p, json_t *cells, const struct trm_evaluation *e,
                       const struct trm_score *score) {
    for (size_t a = 0; a < e->names.count; a++) {
        if ((e->arms >> a & 1) == 0)
            continue;
        json_t *const cell = page_entry(p, cells);
        char head[16 + TRM_ARM_NAME_SIZE];
        snprintf(head, sizeof head, "chooses %s, %%", e->names.name[a]);
        if (score == NULL)
            page_text(p, cell, "head", head);
        else
            put_interval(p, cell, "%.1f", 100.0, &score->share[a]);
    }
}

static void put_row(struct page *p, json_t *row, const struct trm_evaluation *e,
                    const struct trm_score *score) {
    json_t *const cells = page_array(p, row, "choices");
    put_columns(p, page_array(p, row, "gains"), gains, GAINS, score);
    put_columns(p, cells, choices, CHOICES, score);
    put_shares(p, cells, e, score);
}

static void put_reference(struct page *p, json_t *references, const char *name,
                          const struct trm_interval *v) {
    json_t *const row = page_entry(p, references);
    page_text(p, row, "policy", name);
    put_interval(p, row, "%.3f", 1e3, v);
}

/* Agreement of the router, and of always choosing the best single arm; the part of the gap that is closed. */
static void put_short(struct page *p, json_t *values, const struct trm_evaluation *e) {
    const struct trm_score *const own = &e->scores[0];
    put_interval(p, page_object(p, values, "agreement"), "%.1f", 100.0, &own->metric[TRM_METRIC_agreement]);
    if (isfinite(own->metric[TRM_METRIC_gap_closed].value))
        put_interval(p, page_object(p, values, "gap_closed"), "%.2f", 1.0,
                     &own->metric[TRM_METRIC_gap_closed]);
    for (size_t i = 1; i < e->score_count && e->best_single >= 0; i++) {
        const char *const name = e->scores[i].name;
        if (strncmp(name, "always ", 7) != 0 || strcmp(name + 7, e->names.name[e->best_single]) != 0)
            continue;
        json_t *const always = page_object(p, values, "always");
        page_text(p, always, "policy", name);
        put_interval(p, always, "%.1f", 100.0, &e->scores[i].metric[TRM_METRIC_agreement]);
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
    if (e->score_count > 0)
        put_short(p, values, e);
    put_row(p, values, e, NULL);
    json_t *const scores = page_array(p, values, "scores");
    for (size_t i = 0; i < e->score_count; i++) {
        json_t *const row = page_entry(p, scores);
        page_text(p, row, "policy", e->scores[i].name);
        page_flag(p, row, "own", i == 0);
        put_row(p, row, e, &e->scores[i]);
    }
    json_t *const references = page_array(p, values, "references");
    put_reference(p, references, "oracle", &e->oracle);
    put_reference(p, references, "best single arm", &e->single);
    put_reference(p, references, "always admm", &e->admm);
    put_reference(p, references, "random", &e->random);
    put_reference(p, references, "oracle's gain over the best single arm", &e->gap);
}
