#include "cli/views/evaluate.h"

#include "cli/views/table.h"
#include "storage/json.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SOLVERS_MAX = 64 };

#define ROUTER "{policies.0."
#define REFERENCE "{references."
static const struct view_line of_router[] = {
    {"policy",
     ROUTER "name}: {split.test_samples} test samples in {split.test_groups} group{split.test_groups:s} "
            "({tested}), {split.train_samples} training samples"},
    {"95 % intervals", "{intervals}"},
    {"oracle agreement", ROUTER "agreement:.1%} %"},
    {"  within ties", ROUTER "agreement_tied:.1%} %"},
    {"expected loss change vs random", ROUTER "vs_random:.2f} %"},
    {"expected loss change vs always admm", ROUTER "vs_admm:.2f} %"},
    {"expected loss change vs best single arm", ROUTER "vs_single:.2f} %"},
    {"gap to the oracle closed", "{closed}"},
    {"mean regret", ROUTER "regret:.5f}"},
    {"95th percentile of the regret", ROUTER "regret_p95:.5f}"},
    {"macro-F1", ROUTER "macro_f1:.3f}"},
    {"calibration error", ROUTER "calibration:.3f}"},
    {"switches", ROUTER "switches:.1%} % of steps"},
    {"mean change of the loss", ROUTER "change:.5f}"},
    {"  of the oracle", REFERENCE "change_oracle:.5f}"},
    {"  of the best single arm", REFERENCE "change_best_single:.5f} (" REFERENCE "best_single_arm})"},
    {"  of random choice", REFERENCE "change_random:.5f}"},
    {"  of always admm", REFERENCE "change_admm:.5f}"},
    {"neighbouring steps with the same best arm", REFERENCE "label_persistence:.1%} %"},
    {"us a decision", ROUTER "us:.1f}"},
};

static const struct view_column of_policies[] = {
    {"policy", "{name}"},
    {"agree %", "{agreement.value:.1%}"},
    {"with ties %", "{agreement_tied.value:.1%}"},
    {"change", "{change.value:.5f}"},
    {"regret", "{regret.value:.5f}"},
    {"vs random %", "{vs_random.value:.2f}"},
    {"vs admm %", "{vs_admm.value:.2f}"},
    {"vs best %", "{vs_single.value:.2f}"},
    {"gap closed", "{gap_closed.value:.3f}"},
    {"macro-F1", "{macro_f1.value:.3f}"},
    {"cycles", "{cycles:.2f}"},
    {"us", "{us:.1f}"},
};

static const struct view_line of_labels[] = {
    {"best at no test step", "{never_best}"},
    {"not in the data", "{absent}"},
};

/* What is no member of it as it stands. */
static void add_words(json_t *document) {
    const json_t *const references = json_object_get(document, "references"), *const router = json_array_get(
                                                                                  json_object_get(document,
                                                                                                  "policies"),
                                                                                  0);
    char text[128];
    const bool noise = json_is_true(json_object_get(references, "gap_within_noise"));
    if (!noise && view_fill(router, "{gap_closed:.3f}", text, sizeof text))
        json_object_set_new(document, "closed", json_text(text));
    if (noise)
        json_object_set_new(document, "closed", json_text("none to close: the gap is within noise"));
    view_fill(document,
              json_is_true(json_object_get(json_object_get(document, "split"), "other_data"))
                  ? "other data"
                  : "{split.kind} split",
              text, sizeof text);
    json_object_set_new(document, "tested", json_text(text));
    view_fill(document, "from {resamples} resamples of groups", text, sizeof text);
    json_object_set_new(
        document, "intervals",
        json_text(json_integer_value(json_object_get(document, "resamples")) > 0 ? text : "none"));
}

static bool holds(const json_t *list, const json_t *item) {
    const json_t *other;
    size_t i;
    json_array_foreach(list, i, other) if (json_equal(other, item)) return true;
    return false;
}

static size_t sum(const json_t *counts) {
    const json_t *count;
    size_t i, total = 0;
    json_array_foreach(counts, i, count) total += (size_t)json_integer_value(count);
    return total;
}

/* A row a solver that was best somewhere: how often each was chosen there; the others in words. */
static void print_confusion(const json_t *document) {
    const json_t *const solvers = json_object_get(document, "solvers"),
                        *const labels = json_object_get(document, "labels"),
                        *const router = json_array_get(json_object_get(document, "policies"), 0);
    struct view_column columns[SOLVERS_MAX + 1] = {{"best \\ chosen", "{label}"}};
    char texts[SOLVERS_MAX][32];
    json_t *rows = json_array(), *words = json_object(), *never = json_array(), *absent = json_array();
    json_t *label;
    size_t i, count = 1;
    json_array_foreach(labels, i, label) {
        json_t *const chosen = json_array_get(json_object_get(router, "confusion"), i);
        json_t *row = json_object();
        json_put(&row, "label", json_incref(label));
        json_put(&row, "chosen", json_incref(chosen));
        json_append(sum(chosen) > 0         ? &rows
                    : holds(solvers, label) ? &never
                                            : &absent,
                    sum(chosen) > 0 ? json_incref(row) : json_incref(label));
        json_decref(row);
        if (!holds(solvers, label) || count > SOLVERS_MAX)
            continue;
        snprintf(texts[count - 1], sizeof *texts, "{chosen.%zu}", i);
        columns[count] = (struct view_column){json_string_value(label), texts[count - 1]};
        count++;
    }
    printf("\n");
    view_table(rows, columns, count);
    if (json_array_size(never) > 0)
        json_put(&words, "never_best", json_incref(never));
    if (json_array_size(absent) > 0)
        json_put(&words, "absent", json_incref(absent));
    view_lines(words, VIEW(of_labels));
    json_decref(rows);
    json_decref(words);
    json_decref(never);
    json_decref(absent);
}

/* How often the router chooses each solver. */
static void print_shares(const json_t *document) {
    static const struct view_column columns[] = {{"chosen", "{solver}"}, {"%", "{share:.1%}"}};
    json_t *const router = json_array_get(json_object_get(document, "policies"), 0);
    json_t *rows = json_array(), *share;
    const char *solver;
    json_object_foreach(json_object_get(router, "share"), solver, share) {
        json_t *row = json_object();
        json_put(&row, "solver", json_text(solver));
        json_put(&row, "share", json_incref(share));
        json_append(&rows, row);
    }
    printf("\n");
    view_table(rows, VIEW(columns));
    json_decref(rows);
}

void evaluate_view(json_t *document) {
    static const struct view_line of_note[] = {{"note:", "{note}"}};
    json_t *note;
    size_t i;
    add_words(document);
    view_lines(document, VIEW(of_router));
    print_shares(document);
    printf("\n");
    view_table(json_object_get(document, "policies"), VIEW(of_policies));
    print_confusion(document);
    json_array_foreach(json_object_get(document, "notes"), i, note) {
        json_t *const of = json_pack("{s:O}", "note", note);
        view_lines(of, VIEW(of_note));
        json_decref(of);
    }
}
