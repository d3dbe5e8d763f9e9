/* The directions. With G = U diag(s) V' and G'G = V diag(s^2) V', a function f of the singular values acts as
   G V diag(f(s) / s) V', so one eigen-decomposition of n x n gives both sign functions:

     sgd     A = -lr G                                                  (Nesterov: G = gradient + momentum buf)
     adamw   A = -lr m / (sqrt(v) + 1e-8), m and v without their bias   Loshchilov & Hutter 2019; beta2 = 0.999
     muon    A = -b sqrt(max(1, out/in)) U diag(p^5(s / ||G||_F)) V'    Jordan et al. 2024: five Newton-Schulz steps
     with
             p(s) = 3.4445 s - 4.7750 s^3 + 2.0315 s^5, here on the singular values, which is what they do to G but for
             rounding (published in bfloat16)
             with a pull c, W <- (1 - c) M + c polar(M) for the M = (1 - b weight_decay) W + A that it would be; or with
             the rows of M at norm 1 in place of polar(M)
     spel    A = -b msign(P G), P G = G - W sym(W'G), and then W <- polar(W + A)    Yang & Lai 2026, arXiv 2601.21487

   Weight decay is decoupled from the gradient for sgd, adamw and muon. spel has none, as its scale is fixed. */
#include "experiment/rule.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

static float at(const struct muon_matrix *a, size_t i, size_t j) {
    return ((const float *)a->data)[i * a->row_stride + j * a->col_stride];
}

static bool sgd(const struct rule_matrix *x) {
    for (size_t j = 0; j < x->n; j++)
        for (size_t i = 0; i < x->m; i++)
            x->A[i + j * x->m] = -x->rate * at(&x->G, i, j);
    return true;
}

/* buf = sum of momentum^k gradient, so m = (1 - beta1) buf with beta1 = momentum */
static bool adamw(const struct rule_matrix *x) {
    const double beta2 = 0.999;
    const double first = (1.0 - x->momentum) / (1.0 - pow(x->momentum, x->step));
    const double second = 1.0 / (1.0 - pow(beta2, x->step));
    for (size_t j = 0; j < x->n; j++)
        for (size_t i = 0; i < x->m; i++) {
            const double g = at(&x->gradient, i, j);
            float *const v = (float *)x->second.data + i * x->second.row_stride + j * x->second.col_stride;
            *v = (float)(beta2 * *v + (1.0 - beta2) * g * g);
            x->A[i + j * x->m] = -x->rate * first * at(&x->G, i, j) / (sqrt(second * *v) + 1e-8);
        }
    return true;
}

static void read_matrix(const struct muon_matrix *from, double *to) {
    for (size_t j = 0; j < from->cols; j++)
        for (size_t i = 0; i < from->rows; i++)
            to[i + j * from->rows] = at(from, i, j);
}

/* A <- scale M V diag(f(s)) V' for M (m x n) = U diag(s) V'; work: spectral_work. M may not be A. */
static bool spectral(size_t m, size_t n, const double *M, double scale,
                     double (*f)(double s, double largest, double norm), double *A, double *work) {
    double *const V = work, *const F = V + n * n, *const scratch = F + n * n, *const lambda = scratch + n * n,
                  *const eig = lambda + n;
    double squares = 0.0;
    lin_tall_gram(m, n, M, V);
    if (!lin_eig(n, V, lambda, V, eig))
        return false;
    for (size_t i = 0; i < n; i++)
        squares += fmax(lambda[i], 0.0);
    const double largest = sqrt(fmax(lambda[n - 1], 0.0)), norm = sqrt(squares);
    for (size_t i = 0; i < n; i++)
        lambda[i] = f(sqrt(fmax(lambda[i], 0.0)), largest, norm);
    lin_eig_function(n, V, lambda, F, scratch);
    lin_tall_product(m, n, scale, M, F, 0.0, A);
    return true;
}

/* 1 / s, and 0 for what is rounding only */
static double sign(double s, double largest, double norm) {
    (void)norm;
    return s > 1e-6 * largest ? 1.0 / s : 0.0;
}

static double newton_schulz(double s, double largest, double norm) {
    (void)largest;
    const double scale = fmax(norm, 1e-7);
    double factor = 1.0 / scale; /* p^k(s / scale) / s */
    for (int k = 0; k < 5; k++) {
        const double q = factor * s * factor * s;
        factor *= 3.4445 + q * (-4.7750 + q * 2.0315);
    }
    return factor;
}

/* A <- scale M with each row (of what a layer calls rows) at norm 1; one of zeros stays */
static void unit_rows(const struct rule_matrix *x, const double *M, double scale) {
    const bool tall = x->m == x->out; /* else M is transposed, and its columns are the rows */
    const size_t length = tall ? x->n : x->m, within = tall ? x->m : 1, between = tall ? 1 : x->m;
    for (size_t r = 0; r < x->out; r++) {
        double squares = 0.0;
        for (size_t k = 0; k < length; k++)
            squares += M[r * between + k * within] * M[r * between + k * within];
        for (size_t k = 0; k < length; k++)
            x->A[r * between + k * within] =
                squares > 0.0 ? scale * M[r * between + k * within] / sqrt(squares) : 0.0;
    }
}

/* A <- (1 - c) M + c polar(M) - kept W for M = kept W + A: what is added to kept W in the end */
static bool pull(const struct rule_matrix *x) {
    const size_t count = x->m * x->n;
    double *const M = x->work;
    read_matrix(&x->W, M);
    for (size_t k = 0; k < count; k++)
        M[k] = x->kept * M[k] + x->A[k];
    if (x->pull_to_rows)
        unit_rows(x, M, x->pull);
    else if (!spectral(x->m, x->n, M, x->pull, sign, x->A, M + count))
        return false;
    for (size_t j = 0; j < x->n; j++)
        for (size_t i = 0; i < x->m; i++)
            x->A[i + j * x->m] += (1.0 - x->pull) * M[i + j * x->m] - x->kept * at(&x->W, i, j);
    return true;
}

static bool muon(const struct rule_matrix *x) {
    double *const M = x->work;
    read_matrix(&x->G, M);
    const double shape = x->out > x->in ? sqrt((double)x->out / (double)x->in) : 1.0;
    return spectral(x->m, x->n, M, -x->rate * shape, newton_schulz, x->A, M + x->m * x->n) &&
           (x->pull == 0.0 || pull(x));
}

static bool spel(const struct rule_matrix *x) {
    const size_t m = x->m, n = x->n;
    double *const M = x->work, *const S = M + m * n, *const W = x->A;
    read_matrix(&x->G, M);
    read_matrix(&x->W, W);
    lin_tall_inner(m, n, W, M, S);
    lin_sym(n, S);
    lin_tall_product(m, n, -1.0, W, S, 1.0, M); /* P G = G - W sym(W'G) */
    return spectral(m, n, M, -x->rate, sign, x->A, S);
}

size_t rule_work(size_t m, size_t n) {
    return m * n + 3 * n * n + n + lin_eig_work(n);
}

const struct rule *rule_of(const struct run_settings *settings) {
    static const struct rule rules[RUN_OPTIMIZERS] = {
        [RUN_manifold_muon] = {.orthonormal = true, .radius = true},
        [RUN_sgd] = {.direction = sgd},
        [RUN_adamw] = {.squares = true, .direction = adamw},
        [RUN_muon] = {.radius = true, .direction = muon},
        [RUN_spel] = {.orthonormal = true, .radius = true, .direction = spel},
    };
    return &rules[settings->optimizer];
}
