#include "cli/views/solve_report.h"

#include "cli/message.h"
#include "cli/views/print_json.h"

#include <stdio.h>
#include <string.h>

static struct solve_field *add(struct solve_report *report, const char *key) {
    struct solve_field *field = &report->fields[report->count++];
    *field = (struct solve_field){.key = key};
    return field;
}

static void add_word(struct solve_report *report, const char *key, const char *word) {
    struct solve_field *field = add(report, key);
    field->kind = FIELD_WORD;
    field->word = word;
    snprintf(field->text, sizeof field->text, "%s", word);
}

static void add_count(struct solve_report *report, const char *key, size_t count) {
    struct solve_field *field = add(report, key);
    field->kind = FIELD_COUNT;
    field->count = count;
    snprintf(field->text, sizeof field->text, "%zu", count);
}

static void add_number(struct solve_report *report, const char *key, double number) {
    struct solve_field *field = add(report, key);
    field->kind = FIELD_NUMBER;
    field->number = number;
    snprintf(field->text, sizeof field->text, "%.17g", number);
}

void solve_report_fill(struct solve_report *report, const char *solver, size_t m, size_t n, double radius,
                       const struct muon_info *info) {
    report->count = 0;
    add_word(report, "solver", solver);
    add_count(report, "m", m);
    add_count(report, "n", n);
    add_number(report, "radius", radius);
    add_word(report, "status", muon_outcome_name(info->outcome));
    add_count(report, "iterations", info->iterations);
    add_number(report, "primal", info->primal);
    add_number(report, "dual", info->dual);
    add_number(report, "gap", info->gap);
    if (muon_solver_find(solver) == MUON_SOLVER_frank_wolfe)
        add_number(report, "gap_full", info->gap_full);
    add_number(report, "tangency", info->tangency);
    add_number(report, "norm", info->norm);
    add_number(report, "frobenius", info->frobenius);
    add_number(report, "nuclear", info->nuclear);
    add_count(report, "rank", info->rank);
    add_number(report, "seconds", info->seconds);
}

void solve_report_add_projection(struct solve_report *report, double distance) {
    add_number(report, "projected", distance);
}

size_t solve_report_metadata(const struct solve_report *report, struct st_meta metadata[SOLVE_FIELDS]) {
    size_t count = 0;
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->fields[i].key, "seconds") != 0)
            metadata[count++] = (struct st_meta){report->fields[i].key, report->fields[i].text};
    return count;
}

static json_t *as_json(const struct solve_field *field) {
    switch (field->kind) {
    case FIELD_WORD:
        return json_string(field->word);
    case FIELD_COUNT:
        return json_count(field->count);
    case FIELD_NUMBER:
        return json_number(field->number);
    }
    return NULL;
}

int solve_report_print(const struct solve_report *report, bool json) {
    json_t *document = json ? json_object() : NULL;
    for (size_t i = 0; i < report->count; i++) {
        const struct solve_field *field = &report->fields[i];
        if (json)
            json_put(&document, field->key, as_json(field));
        else if (field->kind == FIELD_NUMBER)
            printf("%-12s%.6g\n", field->key, field->number);
        else
            printf("%-12s%s\n", field->key, field->text);
    }
    return json ? print_json(document) : cli_flush_output(CLI_DONE);
}
