/* The lists of operations of a chain: how they are made, and how they are run. */
#include "nn/onednn_chain.h"

#include "base/clock.h"

#include <string.h>

dnnl_status_t chain_describe(struct onednn_chain *c, const void *op_desc, const_dnnl_primitive_desc_t hint,
                             dnnl_primitive_desc_t *out) {
    TRY(dnnl_primitive_desc_create(out, op_desc, c->attributes, c->engine, hint));
    c->descriptions[c->description_count++] = *out;
    return dnnl_success;
}

layout chain_query(const_dnnl_primitive_desc_t description, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(description, what, 0);
}

void chain_forget_descriptions(struct onednn_chain *c) {
    for (size_t i = 0; i < c->description_count; i++)
        dnnl_primitive_desc_destroy(c->descriptions[i]);
    c->description_count = 0;
}

/* ---- appending ---- */

static void add(struct onednn_chain *c, int programs, const struct op *op) {
    for (int p = 0; p < PROGRAM_COUNT; p++)
        if (programs & (1 << p))
            c->ops[p][c->op_count[p]++] = *op;
}

static bool is_convolution(const_dnnl_primitive_desc_t description) {
    dnnl_primitive_kind_t kind = dnnl_undefined_primitive;
    return dnnl_primitive_desc_query(description, dnnl_query_primitive_kind, 0, &kind) == dnnl_success &&
           kind == dnnl_convolution;
}

dnnl_status_t chain_append(struct onednn_chain *c, int programs, const_dnnl_primitive_desc_t description,
                           const arg *args, int arg_count) {
    struct op op = {.arg_count = arg_count, .is_convolution = is_convolution(description)};
    memcpy(op.args, args, (size_t)arg_count * sizeof *args);
    TRY(dnnl_primitive_create(&op.primitive, description));
    c->primitives[c->primitive_count++] = op.primitive;
    layout scratchpad = chain_query(description, dnnl_query_scratchpad_md);
    if (scratchpad != NULL && dnnl_memory_desc_get_size(scratchpad) > 0) {
        arg *last = &op.args[op.arg_count++];
        last->arg = DNNL_ARG_SCRATCHPAD;
        TRY(chain_memory(c, scratchpad, SCRATCHPAD, NULL, &last->memory));
    }
    add(c, programs, &op);
    return dnnl_success;
}

void chain_append_own(struct onednn_chain *c, int programs, const struct layer *l,
                      void (*own)(const struct layer *l, enum program program)) {
    add(c, programs, &(struct op){.own = own, .layer = l});
}

dnnl_status_t chain_reorder(struct onednn_chain *c, int programs, dnnl_memory_t from, dnnl_memory_t to) {
    dnnl_primitive_desc_t description;
    TRY(dnnl_reorder_primitive_desc_create(&description, chain_layout(from), c->engine, chain_layout(to),
                                           c->engine, c->attributes));
    c->descriptions[c->description_count++] = description;
    return chain_append(c, programs, description, (const arg[]){{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}, 2);
}

dnnl_status_t chain_converted(struct onednn_chain *c, int programs, dnnl_memory_t from, layout wanted,
                              dnnl_memory_t *out) {
    *out = from;
    if (dnnl_memory_desc_equal(chain_layout(from), wanted))
        return dnnl_success;
    TRY(chain_memory(c, wanted, KEPT, NULL, out));
    return chain_reorder(c, programs, from, *out);
}

dnnl_status_t chain_target(struct onednn_chain *c, dnnl_memory_t to, layout given, dnnl_memory_t *out) {
    *out = to;
    return dnnl_memory_desc_equal(chain_layout(to), given) ? dnnl_success
                                                           : chain_memory(c, given, KEPT, NULL, out);
}

dnnl_status_t chain_deliver(struct onednn_chain *c, dnnl_memory_t from, dnnl_memory_t to) {
    return from == to ? dnnl_success : chain_reorder(c, IN_BACKWARD, from, to);
}

/* ---- running ---- */

dnnl_status_t chain_execute(struct onednn_chain *c, enum program program) {
    for (size_t i = 0; i < c->op_count[program]; i++) {
        const struct op *op = &c->ops[program][i];
        if (op->primitive == NULL)
            op->own(op->layer, program);
        else
            TRY(dnnl_primitive_execute(op->primitive, c->stream, op->arg_count, op->args));
    }
    return dnnl_stream_wait(c->stream);
}

static dnnl_status_t time_alone(const struct onednn_chain *c, const struct op *op, size_t repeats,
                                double *seconds) {
    double fastest = 0;
    for (size_t i = 0; i < repeats; i++) {
        const double begin = clock_seconds();
        TRY(dnnl_primitive_execute(op->primitive, c->stream, op->arg_count, op->args));
        TRY(dnnl_stream_wait(c->stream));
        const double elapsed = clock_seconds() - begin;
        fastest = i == 0 || elapsed < fastest ? elapsed : fastest;
    }
    *seconds += fastest;
    return dnnl_success;
}

enum trm_status onednn_chain_time_convolutions(struct onednn_chain *c, size_t repeats, double *seconds,
                                               struct trm_error *error) {
    static const enum program passes[] = {TRAIN, BACKWARD};
    *seconds = 0;
    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < c->op_count[passes[p]]; i++) {
            const struct op *op = &c->ops[passes[p]][i];
            const dnnl_status_t status =
                op->is_convolution ? time_alone(c, op, repeats, seconds) : dnnl_success;
            if (status != dnnl_success)
                return trm_fail(error, TRM_NUMERIC, "oneDNN could not time a convolution (its status %d)",
                                (int)status);
        }
    return TRM_OK;
}
