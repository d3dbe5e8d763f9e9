#include "muon/stack.h"

#include "base/threads.h"
#include "muon/solver.h"

#include <omp.h>
#include <stdlib.h>

struct muon_stack {
    size_t n, count;
    struct muon_solver *solvers[]; /* one a thread */
};

static size_t team(size_t threads) {
    const struct threads_before before = threads_enter(threads);
    const size_t most = (size_t)omp_get_max_threads();
    threads_leave(before);
    return most;
}

enum trm_status muon_stack_create(struct muon_stack **out, const char *name, size_t m, size_t n,
                                  const struct muon_options *options, size_t threads,
                                  struct trm_error *error) {
    const size_t count = team(threads);
    *out = NULL;
    struct muon_stack *const stack = calloc(1, sizeof *stack + count * sizeof *stack->solvers);
    if (stack == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "out of memory for %zu solvers", count);
    stack->n = n, stack->count = count;
    for (size_t i = 0; i < count; i++) {
        const enum trm_status status = muon_solver_create(&stack->solvers[i], name, m, n, options, error);
        if (status != TRM_OK) {
            muon_stack_destroy(stack);
            return status;
        }
    }
    *out = stack;
    return TRM_OK;
}

void muon_stack_destroy(struct muon_stack *stack) {
    for (size_t i = 0; stack != NULL && i < stack->count; i++)
        muon_solver_destroy(stack->solvers[i]);
    free(stack);
}

enum trm_status muon_stack_solve(struct muon_stack *stack, size_t count, const struct muon_matrix *W,
                                 const struct muon_matrix *G, const double *radii, const double *warm,
                                 struct muon_matrix *A, double *X, struct muon_info *info) {
    const size_t nn = stack->n * stack->n;
    size_t first = count; /* that failed */
    enum trm_status failure = TRM_OK;
    const struct threads_before before = threads_enter(stack->count);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < count; i++) {
        struct muon_solver *const solver = stack->solvers[omp_get_thread_num()];
        muon_solver_set_turn(solver, (double)i);
        const enum trm_status status =
            muon_solver_solve(solver, &W[i], &G[i], radii[i], warm != NULL ? warm + i * nn : NULL, &A[i],
                              X != NULL ? X + i * nn : NULL, &info[i]);
#pragma omp critical(muon_stack_failure)
        if (status != TRM_OK && i < first)
            first = i, failure = status;
    }
    threads_leave(before);
    return failure;
}
