/* Many problems of one shape in one call: heads of an attention, layers of one width. */
#ifndef TRM_MUON_STACK_H
#define TRM_MUON_STACK_H

#include "muon/muon.h"

TRM_C_BEGIN

/* Solvers for a stack: as many as there are threads to use, each with a workspace for m x n problems. */
struct muon_stack;

/* As muon_solver_create. threads: 0 for as many as the caller's OpenMP regions get. */
TRM_API enum trm_status muon_stack_create(struct muon_stack **out, const char *name, size_t m, size_t n,
                                          const struct muon_options *options, size_t threads,
                                          struct trm_error *error);
TRM_API void muon_stack_destroy(struct muon_stack *stack); /* NULL is fine */

/* Solve problem i of `count` from W[i] and G[i] into A[i], as muon_solver_solve does, side by side, one a thread: the
   bits are those of one after another. radii: count of them. X: NULL, or count n x n matrices that get X; warm: NULL,
   or such matrices to start from, which may be X. info: count. Of options with
   uncertified = K - 1 problems 0, K, 2 K, ... are certified. Allocates nothing. Returns the first status that is not
   TRM_OK, in order; the others are solved all the same, and info[i].outcome says which failed. */
TRM_API enum trm_status muon_stack_solve(struct muon_stack *stack, size_t count, const struct muon_matrix *W,
                                         const struct muon_matrix *G, const double *radii, const double *warm,
                                         struct muon_matrix *A, double *X, struct muon_info *info);

TRM_C_END

#endif
