/* The reduction of a random problem, without a solver around it. */
#ifndef TRM_TESTS_MUON_SUPPORT_REDUCED_H
#define TRM_TESTS_MUON_SUPPORT_REDUCED_H

#include "support.h"

#include "muon/inner/reduced.h"
#include "muon/problem.h"

#define SUPPORT_RADIUS 0.3

/* A reduction with its own memory, as solver.c lays it out. */
struct support_fixture {
    struct support_problem p;
    struct muon_problem *problem;
    struct muon_reduced r;
    double *W, *G; /* m x n, G divided by its norm */
    double *stack; /* memory for muon_reduced_stack */
    double *pool;
};

struct support_fixture support_fixture_make(uint64_t seed, size_t m, size_t n);
void support_fixture_free(struct support_fixture *f);
/* W B + Gp C by loops, Gp = G - W W'G; freshly allocated. */
double *support_full(const struct support_fixture *f, const double *B, const double *C);

#endif
