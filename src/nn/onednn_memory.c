/* The memories of a chain, and their place in its one allocation. */
#include "nn/onednn_chain.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 4096, HUGE_PAGE = 2 << 20 };

layout chain_layout(dnnl_memory_t memory) {
    layout desc = NULL;
    dnnl_memory_get_memory_desc(memory, &desc);
    return desc;
}

void *chain_data(dnnl_memory_t memory) {
    void *data = NULL;
    if (memory != NULL)
        dnnl_memory_get_data_handle(memory, &data);
    return data;
}

dnnl_status_t chain_memory(struct onednn_chain *c, layout desc, enum place place, const void *caller,
                           dnnl_memory_t *out) {
    if (c->memory_count == MAX_MEMORIES)
        return dnnl_out_of_memory;
    void *handle = caller != NULL ? (void *)(uintptr_t)caller : DNNL_MEMORY_NONE;
    TRY(dnnl_memory_create(out, desc, c->engine, handle));
    c->memories[c->memory_count] = *out;
    c->places[c->memory_count++] = place;
    return dnnl_success;
}

dnnl_status_t chain_plain_memory(struct onednn_chain *c, int rank, const dnnl_dims_t dims, enum place place,
                                 const void *caller, dnnl_memory_t *out) {
    static const dnnl_format_tag_t tags[] = {[1] = dnnl_a, [2] = dnnl_ab, [4] = dnnl_abcd};
    dnnl_memory_desc_t desc;
    TRY(dnnl_memory_desc_init_by_tag(&desc, rank, dims, dnnl_f32, tags[rank]));
    return chain_memory(c, &desc, place, caller, out);
}

dnnl_status_t chain_bytes(struct onednn_chain *c, size_t bytes, dnnl_memory_t *out) {
    const dnnl_dims_t dims = {(dnnl_dim_t)bytes};
    dnnl_memory_desc_t desc;
    TRY(dnnl_memory_desc_init_by_tag(&desc, 1, dims, dnnl_u8, dnnl_a));
    return chain_memory(c, &desc, KEPT, NULL, out);
}

static size_t rounded(dnnl_memory_t memory) {
    return (dnnl_memory_desc_get_size(chain_layout(memory)) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* On huge pages where the system grants them: activations are streams of many MB, and a stream on small pages
   stops the processor's prefetching every 4 KB. */
static void *allocate(size_t bytes) {
    void *const working = aligned_alloc(HUGE_PAGE, (bytes / HUGE_PAGE + 1) * HUGE_PAGE);
    if (working != NULL && bytes >= HUGE_PAGE)
        madvise(working, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    return working;
}

/* Slots and scratchpad first, as large as their largest user, then what is kept. */
dnnl_status_t chain_place(struct onednn_chain *c, const struct onednn_chain *lender) {
    size_t offset[SHARED_COUNT + 1], largest[SHARED_COUNT] = {0}, total = 0;
    for (size_t i = 0; i < c->memory_count; i++) {
        const size_t bytes = rounded(c->memories[i]);
        if (c->places[i] < SHARED_COUNT && bytes > largest[c->places[i]])
            largest[c->places[i]] = bytes;
        else if (c->places[i] == KEPT)
            total += bytes;
    }
    offset[0] = 0;
    for (int s = 0; s < SHARED_COUNT; s++)
        offset[s + 1] = offset[s] + largest[s];
    total += offset[SHARED_COUNT];

    c->borrowed = lender != NULL && lender->working_bytes >= total;
    c->working_bytes = total;
    c->working = c->borrowed ? lender->working : allocate(total);
    if (c->working == NULL)
        return dnnl_out_of_memory;
    memset(c->working, 0, total); /* so that no page is first touched in a step */

    size_t kept = offset[SHARED_COUNT];
    for (size_t i = 0; i < c->memory_count; i++) {
        if (c->places[i] == CALLER)
            continue;
        const size_t at = c->places[i] == KEPT ? kept : offset[c->places[i]];
        TRY(dnnl_memory_set_data_handle(c->memories[i], (char *)c->working + at));
        if (c->places[i] == KEPT)
            kept += rounded(c->memories[i]);
    }
    return dnnl_success;
}
