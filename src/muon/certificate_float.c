/* For any invertible V, and M = G + W X,
       ||M||_* <= ||M V||_* ||V^-1||_2,     ||M V||_* <= sum_i ||M v_i||_2          (triangle inequality, M V = sum M
       v_i e_i')
   and equality holds where the v_i are the right singular vectors of M; what they miss them by counts in
   second order. So two products in float bound d from above, without an eigen-decomposition of their own.

   Rounding, with u = 2^-24, g_k = k u / (1 - k u) and sums of at most c terms in one product (Higham 2002, section
   3.5):
       M^ = fl(G + W X)    ||M - M^||_F <= g (||G||_F + || |W||X| ||_F) <= g (||G||_F + ||W||_F ||X||_F)
       Y  = fl(M^ V)       ||M^ V - Y||_F <= g ||M^||_F ||V||_F
   and ||.||_* <= sqrt(n) ||.||_F. Products over more than c columns are cut, and their parts added, so
   that g = g_{c + n/c + 4}, the 4 for G, W and X rounded to float. V'V is in double, and so is <G, A>. */
#include "muon/certificate_float.h"
#include "muon/certificate.h"
#include "muon/certificate_parts.h"
#include "muon/precision.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { cut = 128, farthest = 60 }; /* columns of one product; exponent of numbers that float takes */

static const double small = 1e-2; /* of the largest singular value: float sees those below as rounding */

static double unit_roundoff(double k) {
    const double ku = k * 0x1p-24;
    return ku / (1.0 - ku);
}

/* g of a product over n columns, with the rounding of its factors to float. */
static double product_error(size_t n) {
    const size_t terms = n < cut ? n : cut, parts = (n + cut - 1) / cut;
    return unit_roundoff((double)(terms + parts + 4));
}

static double norm(size_t count, const float *a) {
    double s[8] = {0.0}, rest = 0.0;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t k = 0; k < 8; k++)
            s[k] += (double)a[i + k] * (double)a[i + k];
    for (; i < count; i++)
        rest += (double)a[i] * (double)a[i];
    return sqrt(((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7])) + rest);
}

static void narrow(size_t count, const double *from, float *to) {
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

/* C <- A B, or C + A B, of some rows of A and C, with leading dimension m; B: n x n. part: rows x n. */
static void product_rows(size_t m, size_t n, size_t rows, const float *A, const float *B, bool add, float *C,
                         float *part) {
    for (size_t at = 0; at < n; at += cut) {
        const bool first = at == 0;
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, (blasint)rows, (blasint)n,
                    (blasint)(n - at < cut ? n - at : cut), 1.0f, A + at * m, (blasint)m, B + at, (blasint)n,
                    first && add ? 1.0f : 0.0f, first ? C : part, (blasint)(first ? m : rows));
        for (size_t j = 0; !first && j < n; j++)
            for (size_t i = 0; i < rows; i++)
                C[i + j * m] += part[i + j * rows];
    }
}

/* The same of all rows, m x n; where there are parts, by as many rows as a cache holds of them. */
static void product(size_t m, size_t n, const float *A, const float *B, bool add, float *C, float *part) {
    const size_t rows = n > cut ? 256 : m;
    for (size_t at = 0; at < m; at += rows)
        product_rows(m, n, m - at < rows ? m - at : rows, A + at, B, add, C + at, part);
}

/* One certificate at work. */
struct claim {
    size_t m, n;
    double *w, *g, *a;        /* W, G, A: m x n, in double */
    float *left, *sum, *part; /* m x n: W, then Y; G, then M^; of a product that is cut */
    double *T, *Gram, *v;     /* n x n: W'A; V'V; V in double */
    float *x;                 /* n x n, X in float */
    const double *X;
    const float *V;
};

size_t muon_certify_float_work(size_t m, size_t n) {
    return 3 * m * n + (3 * m * n + 1) / 2 + 3 * n * n + (n * n + 1) / 2;
}

static struct claim place(size_t m, size_t n, double *work) {
    struct claim c = {.m = m, .n = n, .w = work, .g = work + m * n, .a = work + 2 * m * n};
    c.T = work + 3 * m * n, c.Gram = c.T + n * n, c.v = c.Gram + n * n;
    c.left = (float *)(void *)(c.v + n * n), c.sum = c.left + m * n, c.part = c.sum + m * n;
    c.x = c.part + m * n;
    return c;
}

/* ||V^-1||_2, or infinity */
static double inverse_norm(const struct claim *c) {
    const size_t n = c->n;
    const blasint k = (blasint)n;
    for (size_t i = 0; i < n * n; i++)
        c->v[i] = (double)c->V[i];
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, k, k, 1.0, c->v, k, 0.0, c->Gram, k);
    double off = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double diagonal = c->Gram[j + j * n] - 1.0;
        off += diagonal * diagonal;
        for (size_t i = j + 1; i < n; i++)
            off += 2.0 * c->Gram[i + j * n] * c->Gram[i + j * n];
    }
    const double omega = sqrt(off) + (double)n * (double)n * DBL_EPSILON; /* ||V'V - I||_F */
    return omega < 0.5 ? 1.0 / sqrt(1.0 - omega) : INFINITY;
}

static struct muon_float_bound nuclear_bound(const struct claim *c) {
    const size_t m = c->m, n = c->n, count = m * n;
    const double error = sqrt((double)n) * product_error(n);
    narrow(n * n, c->X, c->x);
    narrow(count, c->w, c->left);
    narrow(count, c->g, c->sum);
    const double factors = norm(count, c->sum) + norm(count, c->left) * norm(n * n, c->x);
    product(m, n, c->left, c->x, true, c->sum, c->part);  /* M^ = G + W X */
    product(m, n, c->sum, c->V, false, c->left, c->part); /* Y = M^ V */
    double columns = 0.0;
    for (size_t j = 0; j < n; j++)
        columns += norm(m, c->left + j * m);
    const double inverse = inverse_norm(c), of_y = error * norm(count, c->sum) * norm(n * n, c->V);
    /* of the sums in double, p's included, for which ||A||_F <= b sqrt(n) */
    const double own = (double)count * fmax(1.0, sqrt((double)n) / 8.0) * DBL_EPSILON;
    const double rounding =
        columns * (inverse - 1.0) + of_y * inverse + error * factors + own * (columns + factors);
    return (struct muon_float_bound){columns + rounding, rounding};
}

struct muon_float_bound muon_float_bound(const struct muon_matrix *W, const struct muon_matrix *G,
                                         const double *X, const float *V, double *work) {
    const size_t m = W->rows, n = W->cols;
    struct claim c = place(m, n, work);
    c.X = X, c.V = V;
    muon_claim_unpack(W, c.w);
    muon_claim_unpack(G, c.g);
    if (abs(muon_claim_exponent(m * n, c.g)) > farthest || abs(muon_claim_exponent(n * n, X)) > farthest)
        return (struct muon_float_bound){INFINITY, INFINITY};
    return nuclear_bound(&c);
}

bool muon_certify_float(const struct muon_matrix *A, const double *X, struct muon_float_bound bound,
                        const double *sigma, double radius, double tol, double *work,
                        struct muon_info *info) {
    const size_t m = A->rows, n = A->cols;
    const struct claim c = place(m, n, work);
    if (!(isfinite(bound.value) && sigma[n - 1] > small * sigma[0]))
        return false;
    muon_claim_unpack(A, c.a);
    const double primal = -muon_claim_inner(m * n, c.g, c.a);
    const double tangency = muon_claim_tangency(m, n, c.w, c.a, radius, c.T);
    const double earned =
        muon_claim_inner(n * n, X, c.T); /* <X, W'A>: what p owes to A not being quite tangent */
    const double dual = radius * bound.value, gap = (dual - primal) / dual,
                 tangent = (dual - primal + earned) / dual;
    if (!muon_float_certifies(bound.rounding / bound.value, tol) ||
        !(primal > 0.0 && fmax(gap, tangent) <= tol) || !isfinite(tangent + tangency))
        return false;
    muon_describe_step(n, sigma, radius, info);
    info->primal = primal, info->dual = dual, info->tangency = tangency;
    info->gap = info->gap_full = gap, info->gap_tangent = tangent;
    return true;
}
