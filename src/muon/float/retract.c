/* With Gram = I + F,  (I + F)^{-1/2} = I + D,  D = F (c_1 + F (c_2 + ...)),  c_k = (-1)^k (2k)! / (4^k k!^2).

   D is of the size of F, so that products in float leave What + What D with FLT_EPSILON ||F|| of error, where What P in
   float would have FLT_EPSILON sqrt(n). What stays in double throughout. */
#include "muon/float/retract.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

static const double farthest = 0.0625, wanted = 1e-9;

size_t muon_float_retract_work(size_t m, size_t n) {
    return 2 * m * n + 3 * n * n;
}

/* F = Gram - I; returns ||F||_1, which bounds its eigenvalues. */
static double deviation(size_t n, const double *Gram, float *F) {
    double largest = 0.0;
    for (size_t j = 0; j < n; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < n; i++) {
            const double f = Gram[i + j * n] - (i == j ? 1.0 : 0.0);
            F[i + j * n] = (float)f;
            sum += fabs(f);
        }
        largest = sum > largest || isnan(sum) ? sum : largest;
    }
    return largest;
}

/* Terms of the series until the next, c size^(k + 1) <= size^(k + 1), is not wanted. */
static int terms(double size) {
    double left = size * size;
    int k = 1;
    while (left > wanted) {
        left *= size;
        k++;
    }
    return k;
}

static double coefficient(int k) {
    double c = 1.0;
    for (int i = 1; i <= k; i++)
        c *= -(2.0 * i - 1.0) / (2.0 * i);
    return c;
}

bool muon_float_retract(size_t m, size_t n, const double *Gram, double *What, float *work) {
    const size_t nn = n * n, count = m * n;
    float *const F = work, *D = F + nn,
                 *next = D + nn, *const narrow = F + 3 * nn, *const shift = narrow + count;
    const double size = deviation(n, Gram, F);
    if (!(size <= farthest))
        return false;
    int k = terms(size);
    for (size_t i = 0; i < nn; i++)
        D[i] = (float)coefficient(k) * F[i];
    while (--k > 0) { /* D <- F (c_k + D) */
        for (size_t i = 0; i < n; i++)
            D[i + i * n] += (float)coefficient(k);
        lin_mul(n, F, D, next);
        float *const now = next;
        next = D, D = now;
    }
    for (size_t i = 0; i < count; i++)
        narrow[i] = (float)What[i];
    lin_tall_product(m, n, 1.0, narrow, D, 0.0, shift);
    for (size_t i = 0; i < count; i++)
        What[i] += (double)shift[i];
    return true;
}
