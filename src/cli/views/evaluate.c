#include "cli/views/evaluate.h"

#include <math.h>
#include <stdio.h>

/* "12.3 [10.1, 14.2]", or why there is no number. */
static void show(char text[64], const struct trm_interval *i, double scale, int digits, const char *unit) {
    if (isnan(i->value))
        snprintf(text, 64, "-");
    else if (isnan(i->low))
        snprintf(text, 64, "%.*f%s", digits, scale * i->value, unit);
    else
        snprintf(text, 64, "%.*f%s [%.*f, %.*f]", digits, scale * i->value, unit, digits, scale * i->low,
                 digits, scale * i->high);
}

struct row {
    enum trm_metric metric;
    const char *label;
    double scale;
    int digits;
    const char *unit;
};

static const struct row rows[] = {
    {TRM_METRIC_agreement, "oracle agreement", 100, 1, " %"},
    {TRM_METRIC_agreement_tied, "  within ties", 100, 1, " %"},
    {TRM_METRIC_vs_random, "expected loss change vs random", 1, 2, " %"},
    {TRM_METRIC_vs_admm, "expected loss change vs always admm", 1, 2, " %"},
    {TRM_METRIC_vs_single, "expected loss change vs best single arm", 1, 2, " %"},
    {TRM_METRIC_gap_closed, "gap to the oracle closed", 1, 3, ""},
    {TRM_METRIC_regret, "mean regret", 1, 5, ""},
    {TRM_METRIC_regret_p95, "95th percentile of the regret", 1, 5, ""},
    {TRM_METRIC_macro_f1, "macro-F1", 1, 3, ""},
    {TRM_METRIC_calibration, "calibration error", 1, 3, ""},
    {TRM_METRIC_switches, "switches", 100, 1, " % of steps"},
    {TRM_METRIC_change, "mean change of the loss", 1, 5, ""},
};

static void print_line(const char *label, const struct trm_interval *i, double scale, int digits,
                       const char *unit) {
    char text[64];
    show(text, i, scale, digits, unit);
    printf("%-42s %s\n", label, text);
}

static void print_first(const struct trm_evaluation *e) {
    const struct trm_score *const s = &e->scores[0];
    char label[32 + TRM_ARM_NAME_SIZE];
    printf("%s on %zu test samples in %zu group%s (%s split), ", s->name, e->samples, e->groups,
           e->groups == 1 ? "" : "s", trm_split_name((int)e->split.kind));
    printf("%s%zu training samples", e->train_samples < TRM_FEWEST_SAMPLES ? "only " : "", e->train_samples);
    if (e->resamples > 0)
        printf("; 95 %% intervals from %zu resamples of groups\n", e->resamples);
    else
        printf("; no intervals%s\n", e->groups < TRM_FEWEST_GROUPS ? ": too few groups" : "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].metric == TRM_METRIC_gap_closed && e->gap_within_noise)
            printf("%-42s none to close: the gap is within noise\n", rows[i].label);
        else
            print_line(rows[i].label, &s->metric[rows[i].metric], rows[i].scale, rows[i].digits,
                       rows[i].unit);
    }
    snprintf(label, sizeof label, "  of the best single arm, %s", e->names.name[e->best_single]);
    print_line("  of the oracle", &e->oracle, 1, 5, "");
    print_line(label, &e->single, 1, 5, "");
    print_line("  of random choice", &e->random, 1, 5, "");
    if (!isnan(e->admm.value))
        print_line("  of always admm", &e->admm, 1, 5, "");
    for (size_t arm = 0; arm < e->names.count; arm++)
        if (e->arms >> arm & 1) {
            snprintf(label, sizeof label, "chosen: %s", e->names.name[arm]);
            print_line(label, &s->share[arm], 100, 1, " %");
        }
    print_line("neighbouring steps with the same best arm", &e->persistence, 100, 1, " %");
    if (!isnan(s->microseconds))
        printf("%-42s %.1f\n", "us a decision", s->microseconds);
}

/* A number of `width` places, '-' where there is none. */
static void print_cell(double value, int digits) {
    if (isnan(value))
        printf(" %10s", "-");
    else
        printf(" %10.*f", digits, value);
}

static void print_policies(const struct trm_evaluation *e) {
    printf("\n%-24s %10s %10s %10s %10s %10s %10s %10s %10s %10s\n", "policy", "agree %", "change",
           "vs rand %", "vs admm %", "vs best %", "gap closed", "macro-F1", "cycles", "us");
    for (size_t i = 0; i < e->score_count; i++) {
        const struct trm_score *const s = &e->scores[i];
        printf("%-24s", s->name);
        print_cell(100 * s->metric[TRM_METRIC_agreement].value, 1);
        print_cell(s->metric[TRM_METRIC_change].value, 5);
        print_cell(s->metric[TRM_METRIC_vs_random].value, 2);
        print_cell(s->metric[TRM_METRIC_vs_admm].value, 2);
        print_cell(s->metric[TRM_METRIC_vs_single].value, 2);
        print_cell(s->metric[TRM_METRIC_gap_closed].value, 3);
        print_cell(s->metric[TRM_METRIC_macro_f1].value, 3);
        print_cell(s->cycles, 2);
        print_cell(s->microseconds, 1);
        printf("\n");
    }
}

static void print_confusion(const struct trm_evaluation *e) {
    printf("\n%-16s", "best \\ chosen");
    for (size_t arm = 0; arm < e->names.count; arm++)
        printf(" %13s", e->names.name[arm]);
    printf("\n");
    for (size_t label = 0; label < e->names.count; label++) {
        size_t total = 0;
        for (size_t arm = 0; arm < e->names.count; arm++)
            total += e->scores[0].confusion[label][arm];
        printf("%-16s", e->names.name[label]);
        for (size_t arm = 0; arm < e->names.count; arm++)
            if (total > 0)
                printf(" %13zu", e->scores[0].confusion[label][arm]);
        printf("%s\n", total > 0              ? ""
                       : e->arms >> label & 1 ? " (best at no test step)"
                                              : " (not in the data)");
    }
}

void evaluate_view_print(const struct trm_evaluation *evaluation) {
    print_first(evaluation);
    print_policies(evaluation);
    print_confusion(evaluation);
    for (size_t i = 0; i < evaluation->note_count; i++)
        printf("%snote: %s\n", i == 0 ? "\n" : "", evaluation->notes[i]);
}
