/* The elementwise passes of recursion.c, compiled for three instruction sets each and picked at run time. In
   a header because tests include the whole source in double. */
#ifndef TRM_ROUTER_RECURSION_LOOPS_H
#define TRM_ROUTER_RECURSION_LOOPS_H

#include "base/target_clones.h"
#include "router/recursion.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define IN_CLONE static inline __attribute__((always_inline))

#ifdef TRM_RECURSION_DOUBLE

IN_CLONE real exp_of(real x) {
    return exp(x);
}

#else

/* e^x to about one unit in the last place, in operations that have vector forms. x = n ln 2 + t, |t| <= ln 2
   / 2; ln 2 in two parts (Cody & Waite 1980), e^t by the polynomial of Cephes' expf; 2^n built from its bits.
   Adding 1.5 * 2^23 rounds to the integer n, and leaves it in the low bits. x is cut to [-87, 88]. */
IN_CLONE real exp_of(real x) {
    const float shift = 0x1.8p23f;
    const float within = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const float shifted = within * 1.44269504088896341f + shift, n = shifted - shift;
    const float t = within - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * t + 1.3981999507e-3f;
    p = p * t + 8.3334519073e-3f;
    p = p * t + 4.1665795894e-2f;
    p = p * t + 1.6666665459e-1f;
    p = p * t + 5.0000001201e-1f;
    p = p * t * t + t + 1.0f;
    uint32_t bits;
    float power;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127u) << 23;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

#endif

TARGET_CLONES static void loops_sigmoid(size_t count, const real *restrict a, real *restrict out) {
    for (size_t i = 0; i < count; i++)
        out[i] = 1 / (1 + exp_of(-a[i]));
}

/* g = silu(a) o b from A = a | b. keep: a <- b silu'(a), b <- silu(a), the derivatives of g. */
TARGET_CLONES static void loops_swiglu(size_t rows, size_t H, real *restrict A, real *restrict g, bool keep) {
    for (size_t r = 0; r < rows; r++) {
        real *restrict const a = A + r * 2 * H, *restrict const b = a + H, *restrict const to = g + r * H;
        if (!keep) {
            for (size_t j = 0; j < H; j++)
                to[j] = a[j] / (1 + exp_of(-a[j])) * b[j];
            continue;
        }
        for (size_t j = 0; j < H; j++) {
            const real sigmoid = 1 / (1 + exp_of(-a[j])), silu = a[j] * sigmoid, factor = b[j];
            to[j] = silu * factor;
            a[j] = factor * (sigmoid + silu * (1 - sigmoid));
            b[j] = silu;
        }
    }
}

/* A holds the derivatives of g; A <- gradient of A */
TARGET_CLONES static void loops_swiglu_back(size_t rows, size_t H, const real *restrict dg,
                                            real *restrict A) {
    for (size_t r = 0; r < rows; r++) {
        real *restrict const a = A + r * 2 * H, *restrict const b = a + H;
        const real *restrict const d = dg + r * H;
        for (size_t j = 0; j < H; j++) {
            a[j] *= d[j];
            b[j] *= d[j];
        }
    }
}

enum { LANES = 16 }; /* sums go into so many partial sums, so that they have vector forms too */

IN_CLONE real sum_lanes(const real lane[LANES]) {
    real sum = 0;
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* o = u / sqrt(mean u^2 + 1e-5), u = h + o; scale = that factor, one a row */
TARGET_CLONES static void loops_normalise(size_t rows, size_t D, const real *restrict h, real *restrict o,
                                          real *restrict scale) {
    for (size_t r = 0; r < rows; r++, h += D, o += D) {
        real lane[LANES] = {0};
        size_t j = 0;
        for (; j + LANES <= D; j += LANES)
            for (size_t k = 0; k < LANES; k++) {
                o[j + k] += h[j + k];
                lane[k] += o[j + k] * o[j + k];
            }
        for (; j < D; j++) {
            o[j] += h[j];
            lane[0] += o[j] * o[j];
        }
        const real factor = 1 / (real)sqrt((double)(sum_lanes(lane) / (real)D + (real)1e-5));
        scale[r] = factor;
        for (j = 0; j < D; j++)
            o[j] *= factor;
    }
}

/* du = (do - o mean(do o)) scale */
TARGET_CLONES static void loops_normalise_back(size_t rows, size_t D, const real *restrict o,
                                               const real *restrict scale, const real *restrict dout,
                                               real *restrict du) {
    for (size_t r = 0; r < rows; r++, o += D, dout += D, du += D) {
        real lane[LANES] = {0};
        size_t j = 0;
        for (; j + LANES <= D; j += LANES)
            for (size_t k = 0; k < LANES; k++)
                lane[k] += dout[j + k] * o[j + k];
        for (; j < D; j++)
            lane[0] += dout[j] * o[j];
        const real mean = sum_lanes(lane) / (real)D, factor = scale[r];
        for (j = 0; j < D; j++)
            du[j] = (dout[j] - o[j] * mean) * factor;
    }
}

static void loops_add2(size_t count, const real *a, const real *b, real *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] + b[i];
}

static void loops_add3(size_t count, const real *a, const real *b, const real *c, real *out) {
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] + b[i] + c[i];
}

/* sum (columns) += the sum of the rows of a */
static void loops_add_columns(size_t rows, size_t columns, const real *a, real *sum) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            sum[j] += a[r * columns + j];
}

/* c (n) = a (k) B, B (k, n): eight rows of B a pass over c */
TARGET_CLONES static void loops_row_product(size_t n, size_t k, const real *restrict a,
                                            const real *restrict B, real *restrict c) {
    size_t i = 0;
    memset(c, 0, n * sizeof(real));
    for (; i + 8 <= k; i += 8, B += 8 * n)
        for (size_t j = 0; j < n; j++)
            c[j] += a[i] * B[j] + a[i + 1] * B[n + j] + a[i + 2] * B[2 * n + j] + a[i + 3] * B[3 * n + j] +
                    (a[i + 4] * B[4 * n + j] + a[i + 5] * B[5 * n + j] + a[i + 6] * B[6 * n + j] +
                     a[i + 7] * B[7 * n + j]);
    for (; i < k; i++, B += n)
        for (size_t j = 0; j < n; j++)
            c[j] += a[i] * B[j];
}

#endif
