/* W and G in float, and the reduction that comes of one pass over both. */
#ifndef TRM_MUON_FLOAT_PANEL_H
#define TRM_MUON_FLOAT_PANEL_H

#include "muon/muon.h"

struct muon_panel {
    size_t m, n;
    double scale;         /* ||G||_F before scaling */
    double orthogonality; /* ||W'W - I||_F / sqrt(n) */
    double tangent;       /* ||Gamma||_F / ||G||_F */
    float *W, *G;         /* m x n, one behind the other; G over its scale */
    float *S, *Omega, *N; /* n x n, W'G, skew(S), G'G - S'S */
    float *Gram;          /* 2n x 2n, the lower triangle of [W G]'[W G] */
};

/* Allocates for m x n. false: no memory. */
bool muon_panel_create(struct muon_panel *panel, size_t m, size_t n);
void muon_panel_destroy(struct muon_panel *panel);

/* Read and reduce W and G, whose shapes fit. false where float cannot take them: W is not orthonormal to 5e-4, a number
   is not finite, G is 0, or its squares leave the range of a double. */
bool muon_panel_load(struct muon_panel *panel, const struct muon_matrix *W, const struct muon_matrix *G);

/* A <- A - W T, A: m x n, T: n x n */
void muon_panel_shift(const struct muon_panel *panel, const float *T, float *A);
/* The lower triangle of A'A (n x n), A: m x n */
void muon_panel_gram(const struct muon_panel *panel, const float *A, float *Gram);

/* ||G - W S||_F^2 over that of the tangent part: float has it as a difference, of which nothing is left where it is small. */
double muon_panel_outside(const struct muon_panel *panel);

/* How far float misses the tangent part of G, relative to it: it rounds W, G and S to FLT_EPSILON and takes W'W as
   I, which is much where nearly all of G is normal. */
double muon_panel_error(const struct muon_panel *panel);

#endif
