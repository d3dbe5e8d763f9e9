/* Names, colours and marks of those who choose solvers. */
#include "report/read/runs.h"

#include <string.h>

static const struct {
    const char *colour;
    int mark;
} looks[CHOOSERS] = {
    [MUON_SOLVER_spectral_clip] = {"#56b4e9", 4},
    [MUON_SOLVER_dual_ascent] = {"#e69f00", 9},
    [MUON_SOLVER_quasi_newton] = {"#0072b2", 7},
    [MUON_SOLVER_frank_wolfe] = {"#cc79a7", 13},
    [MUON_SOLVER_admm] = {"#009e73", 5},
    [CHOOSER_ROUTER] = {"#000000", 11},
    [CHOOSER_RANDOM] = {"#999999", 6},
    [CHOOSER_OTHER] = {"#d55e00", 2},
};

static const char *const others[] = {"router", "random", "another solver"};

int chooser_find(const char *name) {
    for (int i = 0; i < CHOOSER_OTHER; i++)
        if (strcmp(name, chooser_name(i)) == 0)
            return i;
    return CHOOSER_OTHER;
}

const char *chooser_name(int chooser) {
    return chooser < MUON_LABEL_COUNT ? muon_solver_name(chooser) : others[chooser - MUON_LABEL_COUNT];
}

const char *chooser_colour(int chooser) {
    return looks[chooser].colour;
}

int chooser_mark(int chooser) {
    return looks[chooser].mark;
}
