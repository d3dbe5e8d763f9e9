#include "router/recursion.h"

#include "router/recursion_loops.h"

#include <cblas.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef TRM_RECURSION_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

/* OpenBLAS has kernels that do not pack their matrices first, for up to so many products. A call a little
   above it is made in two halves of its rows: an epoch is then 13 % faster. */
static size_t rows_at_once(size_t m, size_t n, size_t k) {
    const size_t most = 1000000;
    return m * n * k > most && m * n * k <= 2 * most ? (m + 1) / 2 : m;
}

/* C (m, n) = A (m, k) B (k, n) + beta C */
static void product(size_t m, size_t n, size_t k, const real *A, const real *B, real beta, real *C) {
    const size_t most = rows_at_once(m, n, k);
    if (m == 1 && beta == 0) /* a decision: BLAS would spend its time on B */
        loops_row_product(n, k, A, B, C);
    else
        for (size_t row = 0; row < m; row += most)
            GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)(m - row < most ? m - row : most), (int)n,
                 (int)k, 1, A + row * k, (int)k, B, (int)n, beta, C + row * n, (int)n);
}

/* C (m, n) = A (m, k) B' + beta C, B (n, k) */
static void product_transposed(size_t m, size_t n, size_t k, const real *A, const real *B, real beta,
                               real *C) {
    const size_t most = rows_at_once(m, n, k);
    for (size_t row = 0; row < m; row += most)
        GEMM(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(m - row < most ? m - row : most), (int)n, (int)k,
             1, A + row * k, (int)k, B, (int)k, beta, C + row * n, (int)n);
}

/* C (m, n) += A' B, A (k, m), B (k, n): the gradient of a weight */
static void add_outer(size_t m, size_t n, size_t k, const real *A, const real *B, real *C) {
    GEMM(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, A, (int)m, B, (int)n, 1, C,
         (int)n);
}

struct recursion_offsets RECURSION(offsets)(const struct trm_router_config *s) {
    struct recursion_offsets at = {0};
    size_t next = 0;
    at.embed_weight = next, next += s->features * s->width;
    at.embed_bias = next, next += s->width;
    for (size_t i = 0; i < s->blocks; i++) {
        at.up[i] = next, next += s->width * 2 * s->hidden;
        at.down[i] = next, next += s->hidden * s->width;
    }
    at.head = next, next += s->width * s->arms;
    at.halt_weight = next, next += s->width * 2;
    at.halt_bias = next, next += 2;
    at.count = next;
    return at;
}

/* Lay out every array in one allocation: with memory NULL only count. Each begins on 64 bytes. */
static size_t place(struct recursion *r, real *memory) {
    const struct trm_router_config *const s = &r->shape;
    const size_t D = s->width, rows = r->rows, kept = r->slots * rows, line = 64 / sizeof(real);
    size_t used = 0;
#define PLACE(array, count)                                                                                  \
    do {                                                                                                     \
        if (memory != NULL)                                                                                  \
            (array) = memory + used;                                                                         \
        used += ((count) + line - 1) / line * line;                                                          \
    } while (0)
    PLACE(r->features, rows * s->features);
    PLACE(r->x, rows * D);
    PLACE(r->y, rows * D);
    PLACE(r->z, rows * D);
    PLACE(r->dx, rows * D);
    PLACE(r->ds, rows * D);
    PLACE(r->dg, rows * s->hidden);
    PLACE(r->logits, rows * s->arms);
    PLACE(r->halt, rows * 2);
    for (size_t i = 0; i < s->blocks; i++) {
        PLACE(r->h[i], kept * D);
        PLACE(r->A[i], kept * 2 * s->hidden);
        PLACE(r->g[i], kept * s->hidden);
        PLACE(r->dV[i], kept * D);
        PLACE(r->scale[i], kept);
    }
    PLACE(r->h[s->blocks], kept * D);
#undef PLACE
    return used;
}

bool RECURSION(create)(struct recursion *r, const struct trm_router_config *shape, size_t rows, bool trains) {
    *r = (struct recursion){.shape = *shape, .rows = rows, .slots = trains ? shape->inner + 1 : 1};
    const size_t reals = place(r, NULL), bytes = (reals * sizeof(real) + 63) / 64 * 64;
    r->memory = aligned_alloc(64, bytes);
    if (r->memory == NULL)
        return false;
    memset(r->memory, 0, bytes);
    place(r, r->memory);
    return true;
}

void RECURSION(destroy)(struct recursion *r) {
    free(r->memory);
    *r = (struct recursion){0};
}

void RECURSION(start)(struct recursion *r, const struct recursion_net *net, size_t batch) {
    const struct trm_router_config *const s = &r->shape;
    r->batch = batch;
    for (size_t i = 0; i < batch; i++) {
        memcpy(r->x + i * s->width, net->parameters + net->at.embed_bias, s->width * sizeof(real));
        memcpy(r->y + i * s->width, net->y0, s->width * sizeof(real));
        memcpy(r->z + i * s->width, net->z0, s->width * sizeof(real));
    }
    memset(r->dx, 0, batch * s->width * sizeof(real));
    product(batch, s->width, s->features, r->features, net->parameters + net->at.embed_weight, 1, r->x);
}

/* f of the sum in h[0] at this call; its value is left in h[blocks]. */
static const real *apply(struct recursion *r, const struct recursion_net *net, size_t call) {
    const size_t B = r->batch, D = r->shape.width, H = r->shape.hidden;
    const size_t row = r->slots > 1 ? call * B : 0;
    for (size_t i = 0; i < r->shape.blocks; i++) {
        const real *const U = net->parameters + net->at.up[i], *const V = net->parameters + net->at.down[i];
        real *const h = r->h[i] + row * D, *const o = r->h[i + 1] + row * D;
        real *const A = r->A[i] + row * 2 * H, *const g = r->g[i] + row * H;
        product(B, 2 * H, D, h, U, 0, A);               /* A = h U */
        loops_swiglu(B, H, A, g, r->slots > 1);         /* g = silu(a) o b, A <- its derivatives */
        product(B, D, H, g, V, 0, o);                   /* o = g V */
        loops_normalise(B, D, h, o, r->scale[i] + row); /* o = (h + o) / rms(h + o) */
    }
    return r->h[r->shape.blocks] + row * D;
}

void RECURSION(cycle)(struct recursion *r, const struct recursion_net *net) {
    const struct trm_router_config *const s = &r->shape;
    const size_t B = r->batch, size = B * s->width;
    for (size_t call = 0; call < s->inner; call++) {
        real *const sum = r->h[0] + (r->slots > 1 ? call * size : 0);
        loops_add3(size, r->z, r->y, r->x, sum);
        memcpy(r->z, apply(r, net, call), size * sizeof(real)); /* z = f(z + y + x) */
    }
    real *const sum = r->h[0] + (r->slots > 1 ? s->inner * size : 0);
    loops_add2(size, r->y, r->z, sum);
    memcpy(r->y, apply(r, net, s->inner), size * sizeof(real)); /* y = f(y + z) */
    product(B, s->arms, s->width, r->y, net->parameters + net->at.head, 0, r->logits);
    for (size_t i = 0; i < B; i++)
        memcpy(r->halt + 2 * i, net->parameters + net->at.halt_bias, 2 * sizeof(real));
    product(B, 2, s->width, r->y, net->parameters + net->at.halt_weight, 1, r->halt);
}

/* From ds, the gradient of f's value at this call, to that of its input, in ds again. */
static void apply_back(struct recursion *r, const struct recursion_net *net, size_t call) {
    const size_t B = r->batch, D = r->shape.width, H = r->shape.hidden, row = call * B;
    for (size_t i = r->shape.blocks; i-- > 0;) {
        const real *const U = net->parameters + net->at.up[i], *const V = net->parameters + net->at.down[i];
        real *const A = r->A[i] + row * 2 * H, *const du = r->dV[i] + row * D;
        loops_normalise_back(B, D, r->h[i + 1] + row * D, r->scale[i] + row, r->ds, du);
        product_transposed(B, H, D, du, V, 0, r->dg); /* dg = du V' */
        loops_swiglu_back(B, H, r->dg, A);            /* A = dA */
        memcpy(r->ds, du, B * D * sizeof(real));
        product_transposed(B, D, 2 * H, A, U, 1, r->ds); /* dh = du + dA U' */
    }
}

void RECURSION(cycle_back)(struct recursion *r, const struct recursion_net *net, const real *dlogits,
                           const real *dhalt, real *gradient) {
    const struct trm_router_config *const s = &r->shape;
    const size_t B = r->batch, D = s->width, H = s->hidden, kept = (s->inner + 1) * B;
    product_transposed(B, D, s->arms, dlogits, net->parameters + net->at.head, 0, r->ds);
    product_transposed(B, D, 2, dhalt, net->parameters + net->at.halt_weight, 1, r->ds);
    add_outer(D, s->arms, B, r->y, dlogits, gradient + net->at.head);
    add_outer(D, 2, B, r->y, dhalt, gradient + net->at.halt_weight);
    loops_add_columns(B, 2, dhalt, gradient + net->at.halt_bias);
    for (size_t call = s->inner + 1; call-- > 0;) {
        apply_back(r, net, call);
        if (call < s->inner)
            loops_add2(B * D, r->dx, r->ds, r->dx);
    }
    for (size_t i = 0; i < s->blocks; i++) {
        add_outer(D, 2 * H, kept, r->h[i], r->A[i], gradient + net->at.up[i]); /* dU += h' dA */
        add_outer(H, D, kept, r->g[i], r->dV[i], gradient + net->at.down[i]);  /* dV += g' du */
    }
}

void RECURSION(finish_back)(struct recursion *r, const struct recursion_net *net, real *gradient) {
    const struct trm_router_config *const s = &r->shape;
    add_outer(s->features, s->width, r->batch, r->features, r->dx, gradient + net->at.embed_weight);
    loops_add_columns(r->batch, s->width, r->dx, gradient + net->at.embed_bias);
}

void RECURSION(sigmoid)(const real *a, real *out, size_t count) {
    loops_sigmoid(count, a, out);
}
