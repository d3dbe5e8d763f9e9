/* The network of the router as loops over batch-major matrices: forward, and backward by hand. In float here;
   tests compile the same source in double (TRM_RECURSION_DOUBLE) to compare it with finite differences.

   Letters, rows r of a batch, D width, H hidden, all matrices row-major:
     x, y, z (r, D)   embedded features, answer, latent
     h (r, D)         input of a block;  A = h U (r, 2H), a | b its halves
     g (r, H)         silu(a) o b;  u = h + g V;  o = u / rms(u), the next block's h
   f is called n + 1 times in a cycle: n times for z, then once for y. What one cycle needs to go back is kept
   by call, one call's rows below the other's, so that a weight's gradient is one product a cycle. */
#ifndef TRM_ROUTER_RECURSION_H
#define TRM_ROUTER_RECURSION_H

#include "router/router.h"

#ifdef TRM_RECURSION_DOUBLE
typedef double real;
#define RECURSION(verb) recursion_double_##verb
#else
typedef float real;
#define RECURSION(verb) recursion_##verb
#endif

enum { RECURSION_MAX_BLOCKS = 16 };

/* Where each parameter begins in the one buffer. */
struct recursion_offsets {
    size_t embed_weight, embed_bias, up[RECURSION_MAX_BLOCKS], down[RECURSION_MAX_BLOCKS];
    size_t head, halt_weight, halt_bias, count;
};

struct recursion_net {
    struct trm_router_config shape;
    struct recursion_offsets at;
    const real *parameters; /* (at.count) */
    const real *y0, *z0;    /* (D) */
};

/* A workspace, for one thread at a time. */
struct recursion {
    struct trm_router_config shape;
    size_t rows, slots;                /* largest batch; calls that are kept: n + 1 to go back, else 1 */
    size_t batch;                      /* rows of the batch at hand */
    real *memory;                      /* all of what follows */
    real *features;                    /* (rows, features), standardised */
    real *x, *y, *z;                   /* (rows, D) */
    real *dx, *ds;                     /* (rows, D): gradients of x and of f's value or input */
    real *dg;                          /* (rows, H) */
    real *logits;                      /* (rows, arms), of the last cycle */
    real *halt;                        /* (rows, 2) */
    real *h[RECURSION_MAX_BLOCKS + 1]; /* (slots * batch, D): inputs of block i; the last is f's value */
    real *A[RECURSION_MAX_BLOCKS];     /* (slots * batch, 2H): h U, then its derivatives, then its gradient */
    real *g[RECURSION_MAX_BLOCKS];     /* (slots * batch, H) */
    real *dV[RECURSION_MAX_BLOCKS];    /* (slots * batch, D): gradient of u */
    real *scale[RECURSION_MAX_BLOCKS]; /* (slots * batch): 1 / rms(u) */
};

struct recursion_offsets RECURSION(offsets)(const struct trm_router_config *shape);

/* trains: keep what backward needs. False where memory is short; r is then empty. */
bool RECURSION(create)(struct recursion *r, const struct trm_router_config *shape, size_t rows, bool trains);
void RECURSION(destroy)(struct recursion *r);

/* x from r->features (batch <= rows, set by the caller), y and z to their fixed values, dx to 0. */
void RECURSION(start)(struct recursion *r, const struct recursion_net *net, size_t batch);
/* One cycle: r->y, r->z, r->logits and r->halt move on. */
void RECURSION(cycle)(struct recursion *r, const struct recursion_net *net);
/* Gradient of the cycle just run, from those of its logits (batch, arms) and halting logits (batch, 2), added
   to gradient (at.count) and to dx. y and z from before the cycle are constants. */
void RECURSION(cycle_back)(struct recursion *r, const struct recursion_net *net, const real *dlogits,
                           const real *dhalt, real *gradient);
/* After the last cycle_back: the embedding's share, from dx. */
void RECURSION(finish_back)(struct recursion *r, const struct recursion_net *net, real *gradient);

/* 1 / (1 + e^-a) as the network computes it, for tests. (count) */
void RECURSION(sigmoid)(const real *a, real *out, size_t count);

#endif
