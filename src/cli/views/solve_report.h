/* What a solve found, as JSON, as a table for people and as metadata of the output file: one list of fields.
 */
#ifndef TRM_CLI_VIEWS_SOLVE_REPORT_H
#define TRM_CLI_VIEWS_SOLVE_REPORT_H

#include "muon/muon.h"
#include "storage/safetensors.h"

#include <stdbool.h>

struct solve_field {
    const char *key;
    enum { FIELD_WORD, FIELD_COUNT, FIELD_NUMBER } kind;
    const char *word;
    size_t count;
    double number;
    char text[32]; /* the value with all its digits */
};

enum { SOLVE_FIELDS = 17 };

struct solve_report {
    struct solve_field fields[SOLVE_FIELDS];
    size_t count;
};

void solve_report_fill(struct solve_report *report, const char *solver, size_t m, size_t n, double radius,
                       const struct muon_info *info);
/* W was replaced by its polar factor: how far it was from it, ||W - polar(W)||_F / sqrt(n). */
void solve_report_add_projection(struct solve_report *report, double distance);
/* All fields but seconds, so that the same solve gives the same file. Points into report. Returns how many.
 */
size_t solve_report_metadata(const struct solve_report *report, struct st_meta metadata[SOLVE_FIELDS]);
/* To stdout; the exit status. */
int solve_report_print(const struct solve_report *report, bool json);

#endif
