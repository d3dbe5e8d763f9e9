#include "oracle/dataset.h"

#include "muon/muon.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)TRM_ARMS == (int)MUON_LABEL_COUNT, "the first arms are the solvers that are labels");

struct trm_arm_names trm_arm_names_solvers(void) {
    struct trm_arm_names arms = {.count = 0};
    for (int solver = 0; solver < TRM_ARMS; solver++)
        (void)trm_arm_names_add(&arms, muon_solver_name(solver));
    return arms;
}

bool trm_arm_names_add(struct trm_arm_names *arms, const char *name) {
    if (arms->count == TRM_ARMS_MOST || name[0] == '\0' || strlen(name) >= TRM_ARM_NAME ||
        trm_arm_names_find(arms, name) >= 0)
        return false;
    snprintf(arms->name[arms->count++], TRM_ARM_NAME, "%s", name);
    return true;
}

int trm_arm_names_find(const struct trm_arm_names *arms, const char *name) {
    for (size_t i = 0; i < arms->count; i++)
        if (strcmp(arms->name[i], name) == 0)
            return (int)i;
    return -1;
}

bool trm_arm_names_equal(const struct trm_arm_names *a, const struct trm_arm_names *b) {
    for (size_t i = 0; i < a->count && a->count == b->count; i++)
        if (strcmp(a->name[i], b->name[i]) != 0)
            return false;
    return a->count == b->count;
}

uint64_t trm_arm_names_all(const struct trm_arm_names *arms) {
    return arms->count < 64 ? (UINT64_C(1) << arms->count) - 1 : UINT64_MAX;
}
