/* A method at work on one reduced problem: its own state, and what it shares with the others. */
#ifndef TRM_MUON_INNER_SEARCH_H
#define TRM_MUON_INNER_SEARCH_H

#include "muon/inner/reduced.h"

struct muon_search {
    struct muon_reduced r; /* m, n, k, options: the caller's to set */
    const struct muon_method *method;
    void *state; /* the method's, method->size bytes, zeroed */
    double best_gap;
    size_t improved_at; /* the iteration of that gap */
};

/* Where its arrays lie; not scratch_mn. */
void muon_search_place(struct muon_search *search, struct muon_pool *pool);

/* Begin on r.reduction at X' = start, n x n, where its dual value beats that of X' = 0; start may be NULL. */
void muon_search_begin(struct muon_search *search, const real *start);
/* The same at a start that is known to be good. */
void muon_search_begin_at(struct muon_search *search, const real *start);

/* Iterate until the reduced gap is at most r.target_gap, the method stalls (r.stalled; also where the gap did not fall
   by 0.1 % within 50 iterations, in float 16) or fails (r.failed), or *iterations, which counts on, is max_iter. A
   reduced gap below -1e-9 says that N lost digits and is no progress. */
void muon_search_go_on(struct muon_search *search, size_t *iterations, size_t max_iter);

#endif
