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

enum { UNKNOWN = -1 };

/* A name without looks yet, the first in the alphabet behind `last` (NULL: of all); NULL: there is none. */
static const char *next_unknown(const char *const *names, size_t count, const int *policy, const char *last) {
    const char *next = NULL;
    for (size_t i = 0; i < count; i++)
        if (policy[i] == UNKNOWN && (last == NULL || strcmp(names[i], last) > 0) &&
            (next == NULL || strcmp(names[i], next) < 0))
            next = names[i];
    return next;
}

static bool is_free(const int *policy, size_t count, int wanted) {
    for (size_t i = 0; i < count; i++)
        if (policy[i] == wanted)
            return false;
    return true;
}

static void give(const char *const *names, size_t count, const char *name, int looks, int *policy) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            policy[i] = looks;
}

/* The solver that an arm's name begins with. */
static int solver_of(const char *name) {
    for (int i = 0; i < MUON_LABEL_COUNT; i++) {
        const size_t length = strlen(report_policy_name(i));
        if (strncmp(name, report_policy_name(i), length) == 0 && strchr(":@", name[length]) != NULL)
            return i;
    }
    return REPORT_POLICY_OTHER;
}

void report_policies_of(const char *const *names, size_t count, int *policy) {
    for (size_t i = 0; i < count; i++) {
        const int own = report_policy_find(names[i]);
        policy[i] = own == REPORT_POLICY_OTHER ? UNKNOWN : own;
    }
    const char *name = NULL;
    while ((name = next_unknown(names, count, policy, name)) != NULL)
        if (solver_of(name) != REPORT_POLICY_OTHER && is_free(policy, count, solver_of(name)))
            give(names, count, name, solver_of(name), policy);
    while ((name = next_unknown(names, count, policy, NULL)) != NULL) {
        int looks = REPORT_POLICY_OTHER, solver = 0;
        while (!is_free(policy, count, looks) && solver < MUON_LABEL_COUNT)
            looks = solver++;
        give(names, count, name, is_free(policy, count, looks) ? looks : REPORT_POLICY_OTHER, policy);
    }
}

void report_policies_of_arms(const struct trm_arm_names *arms, int policy[TRM_ARMS_MOST]) {
    const char *names[TRM_ARMS_MOST];
    for (size_t a = 0; a < arms->count; a++)
        names[a] = arms->name[a];
    report_policies_of(names, arms->count, policy);
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
