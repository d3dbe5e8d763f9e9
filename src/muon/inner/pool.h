/* One allocation cut into arrays of reals. Without memory it only counts how many are wanted, so that one function
   says both how much a struct needs and where its arrays lie. */
#ifndef TRM_MUON_POOL_H
#define TRM_MUON_POOL_H

#include "muon/inner/names.h"

#include <stddef.h>

struct muon_pool {
    real *memory; /* NULL: only count */
    size_t used;  /* reals */
};

static inline real *muon_pool_take(struct muon_pool *pool, size_t count) {
    real *const array = pool->memory != NULL ? pool->memory + pool->used : NULL;
    pool->used += count;
    return array;
}

#endif
