/* Names, colours and marks of those who choose solvers. */
#include "report/assets.h"
#include "report/read/runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const others[] = {"router", "random", "another solver"};

int report_policy_find(const char *name) {
    for (int i = 0; i < REPORT_POLICY_OTHER; i++)
        if (strcmp(name, report_policy_name(i)) == 0)
            return i;
    return REPORT_POLICY_OTHER;
}

const char *report_policy_name(int policy) {
    return policy < MUON_LABEL_COUNT ? muon_solver_name(policy) : others[policy - MUON_LABEL_COUNT];
}

const char *report_policy_word(int policy) {
    return policy == REPORT_POLICY_OTHER ? "other" : report_policy_name(policy);
}

/* What stands behind "NAME_POLICY = " in the style; "" where it has no such line. */
static const char *style_value(const char *name, int policy) {
    char line[80];
    snprintf(line, sizeof line, "\n%s_%s ", name, report_policy_word(policy));
    const char *at = strstr(asset("style.gp"), line);
    if (at != NULL)
        at += strlen(line), at += strspn(at, " ='");
    return at != NULL ? at : "";
}

void report_policy_colour(int policy, bool dark, char colour[8]) {
    snprintf(colour, 8, "%.7s", style_value(dark ? "dark" : "colour", policy));
}

int report_policy_mark(int policy, size_t ordinal) {
    static const int marks[] = {7, 5, 9, 13, 11, 4, 6, 2};
    const int own = (int)strtol(style_value("mark", policy), NULL, 10);
    size_t at = 0;
    while (at < sizeof marks / sizeof *marks - 1 && marks[at] != own)
        at++;
    return ordinal == 0 ? own : marks[(at + ordinal) % (sizeof marks / sizeof *marks)];
}
