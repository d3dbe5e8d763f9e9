/* With P = [W G]'[W G], one symmetric product: W'W - I = P11 - I, S = P12, N = P22 - S'S. That N loses digits of
   Gamma'Gamma where most of G is normal, as S does: muon_panel_error says by how much. */
#include "muon/float/panel.h"

#include "linalg/linalg.h"
#include "muon/matrix.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool muon_panel_create(struct muon_panel *p, size_t m, size_t n) {
    const size_t nn = n * n;
    float *const pool = calloc(2 * m * n + 7 * nn, sizeof *pool);
    *p = (struct muon_panel){.m = m, .n = n, .W = pool};
    if (pool == NULL)
        return false;
    p->G = p->W + m * n;
    p->S = p->G + m * n, p->Omega = p->S + nn, p->N = p->Omega + nn, p->Gram = p->N + nn;
    return true;
}

void muon_panel_destroy(struct muon_panel *p) {
    free(p->W); /* the whole pool */
}

/* ||P11 - I||_F / sqrt(n) */
static double orthonormality_error(const struct muon_panel *p) {
    double sum = 0.0;
    for (size_t j = 0; j < p->n; j++) {
        const float *const column = p->Gram + j * 2 * p->n;
        const double diagonal = (double)column[j] - 1.0;
        sum += diagonal * diagonal;
        for (size_t i = j + 1; i < p->n; i++)
            sum += 2.0 * (double)column[i] * (double)column[i];
    }
    return sqrt(sum / (double)p->n);
}

static void reduce(struct muon_panel *p) {
    const size_t n = p->n, nn = n * n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            p->S[i + j * n] = p->Gram[n + j + i * 2 * n];
            p->N[i + j * n] = p->Gram[n + i + (n + j) * 2 * n];
        }
    const blasint k = (blasint)n;
    cblas_ssyrk(CblasColMajor, CblasLower, CblasTrans, k, k, -1.0f, p->S, k, 1.0f, p->N, k);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++)
            p->N[i + j * n] = p->N[j + i * n];
    memcpy(p->Omega, p->S, nn * sizeof *p->Omega);
    lin_skew(n, p->Omega);
    double trace = 0.0;
    for (size_t i = 0; i < n; i++)
        trace += (double)p->N[i + i * n];
    const double omega = lin_norm(nn, p->Omega);
    p->tangent = sqrt(fmax(omega * omega + trace, 0.0));
}

bool muon_panel_load(struct muon_panel *p, const struct muon_matrix *W, const struct muon_matrix *G) {
    const double squares = muon_matrix_squares(G);
    if (!(squares > 1e-250 && squares < 1e250)) /* NaN included */
        return false;
    p->scale = sqrt(squares);
    muon_matrix_read_float(W, 1.0, p->W);
    muon_matrix_read_float(G, p->scale, p->G);
    lin_tall_gram_lower(p->m, 2 * p->n, p->W, p->Gram);
    p->orthogonality = orthonormality_error(p);
    if (!(p->orthogonality <= 5e-4))
        return false;
    reduce(p);
    return isfinite(p->tangent);
}

void muon_panel_shift(const struct muon_panel *p, const float *T, float *A) {
    lin_tall_product(p->m, p->n, -1.0, p->W, T, 1.0, A);
}

void muon_panel_gram(const struct muon_panel *p, const float *A, float *Gram) {
    lin_tall_gram_lower(p->m, p->n, A, Gram);
}

double muon_panel_outside(const struct muon_panel *p) {
    double trace = 0.0;
    for (size_t i = 0; i < p->n; i++)
        trace += (double)p->N[i + i * p->n];
    return trace / (p->tangent * p->tangent);
}

double muon_panel_error(const struct muon_panel *p) {
    const double normal = sqrt(fmax(0.0, 1.0 - p->tangent * p->tangent)); /* ||sym S||_F, as ||G||_F = 1 */
    return fmax(p->orthogonality, FLT_EPSILON) * fmax(1.0, normal / p->tangent);
}
