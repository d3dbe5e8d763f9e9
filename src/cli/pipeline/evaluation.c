#include "cli/pipeline/evaluation.h"

#include "storage/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVALUATION_LIMIT = 1 << 24 };

/* metric: a member of trm_evaluation_json's policies; what it is multiplied with. */
static const struct {
    const char *metric, *title;
    double scale;
    int digits;
} columns[] = {
    {"agreement", "agreement %", 100.0, 1}, {"agreement_tied", "with ties %", 100.0, 1},
    {"vs_random", "vs random %", 1.0, 1},   {"vs_admm", "vs admm %", 1.0, 1},
    {"vs_single", "vs single %", 1.0, 1},   {"gap_closed", "gap closed", 1.0, 2},
    {"regret", "regret", 1.0, 5},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

/* A number, or "-" where the evaluation has none. */
static void print_value(const json_t *value, size_t column) {
    if (json_is_number(value))
        printf(" %12.*f", columns[column].digits, columns[column].scale * json_number_value(value));
    else
        printf(" %12s", "-");
}

static void print_policy(const json_t *policy) {
    printf("%-28.28s", json_string_value(json_object_get(policy, "name")));
    for (size_t c = 0; c < COLUMNS; c++)
        print_value(json_object_get(json_object_get(policy, columns[c].metric), "value"), c);
    printf("\n");
}

/* 95 % intervals of the first policy, the router. */
static void print_intervals(const json_t *policy) {
    static const char *const ends[] = {"low", "high"};
    for (size_t end = 0; end < 2; end++) {
        printf("%-28s", end == 0 ? "  95 %: from" : "  to");
        for (size_t c = 0; c < COLUMNS; c++)
            print_value(json_object_get(json_object_get(policy, columns[c].metric), ends[end]), c);
        printf("\n");
    }
}

static void print_table(const json_t *evaluation) {
    const json_t *const split = json_object_get(evaluation, "split"),
                        *const policies = json_object_get(evaluation, "policies"),
                        *const notes = json_object_get(evaluation, "notes");
    size_t i;
    json_t *item;
    printf("\nRouter on %lld test samples in %lld groups (split by %s)\n%-28s",
           (long long)json_integer_value(json_object_get(split, "test_samples")),
           (long long)json_integer_value(json_object_get(split, "test_groups")),
           json_string_value(json_object_get(split, "kind")), "policy");
    for (size_t c = 0; c < COLUMNS; c++)
        printf(" %12s", columns[c].title);
    printf("\n");
    json_array_foreach(policies, i, item) {
        print_policy(item);
        if (i == 0 && json_integer_value(json_object_get(evaluation, "resamples")) > 0)
            print_intervals(item);
    }
    json_array_foreach(notes, i, item) printf("note: %s\n", json_string_value(item));
}

enum trm_status pipeline_evaluation_print(const struct pipeline *pipeline, struct trm_error *error) {
    char path[PIPELINE_PATH];
    void *text = NULL;
    size_t size = 0;
    enum trm_status status = pipeline_path(pipeline, "evaluation.json", path, error);
    if (status == TRM_OK)
        status = file_read(path, EVALUATION_LIMIT, &text, &size, error);
    if (status != TRM_OK)
        return status;
    json_t *const evaluation = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    if (evaluation == NULL)
        return trm_fail(error, TRM_FORMAT, "%s: is no JSON; remove it and run again", path);
    print_table(evaluation);
    json_decref(evaluation);
    return TRM_OK;
}
