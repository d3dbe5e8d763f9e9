/* Names and colours of those who choose solvers. */
#include "report/assets.h"
#include "report/read/runs.h"

#include <stdio.h>
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

void report_policy_colour(int policy, char colour[8]) {
    char name[64];
    snprintf(name, sizeof name, "\ncolour_%s ",
             policy == REPORT_POLICY_OTHER ? "other" : report_policy_name(policy));
    const char *const line = strstr(asset("style.gp"), name), *const hash =
                                                                  line != NULL ? strchr(line, '#') : NULL;
    snprintf(colour, 8, "%.7s", hash != NULL ? hash : "#000000");
}
