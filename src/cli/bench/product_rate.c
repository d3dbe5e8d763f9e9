#include "cli/bench/product_rate.h"

#include "base/clock.h"

#include <cblas.h>
#include <stdlib.h>

enum { REPEATS_MIN = 5, REPEATS_MAX = 200 };
static const double seconds = 0.5; /* enough repeats have been made after that */

static double time_product(size_t size, void *pool, bool narrow) {
    const blasint n = (blasint)size;
    double *const d = pool;
    float *const f = pool;
    const double began = clock_seconds();
    if (narrow)
        cblas_sgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0F, f, n, f + size * size, n, 0.0F,
                    f + 2 * size * size, n);
    else
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, d, n, d + size * size, n, 0.0,
                    d + 2 * size * size, n);
    return clock_seconds() - began;
}

static double fastest_ms(size_t n, void *pool, bool narrow) {
    const double began = clock_seconds();
    double best = time_product(n, pool, narrow);
    for (int i = 1; i < REPEATS_MAX && (i < REPEATS_MIN || clock_seconds() - began < seconds); i++) {
        const double again = time_product(n, pool, narrow);
        best = again < best ? again : best;
    }
    return 1e3 * best;
}

enum trm_status product_rate_measure(size_t n, struct product_rate *rate, struct trm_error *error) {
    const size_t count = 3 * n * n;
    double *const pool = calloc(count, sizeof *pool);
    if (pool == NULL)
        return trm_fail(error, TRM_NO_MEMORY, "no memory for products of %zu x %zu", n, n);
    const double operations = 2.0 * (double)n * (double)n * (double)n;
    for (size_t i = 0; i < count; i++)
        pool[i] = 1.0 / (double)(1 + i % 97);
    rate->ms_f64 = fastest_ms(n, pool, false);
    for (size_t i = 0; i < count; i++)
        ((float *)(void *)pool)[i] = 1.0F / (float)(1 + i % 97);
    rate->ms_f32 = fastest_ms(n, pool, true);
    free(pool);
    rate->gflops_f64 = 1e-6 * operations / rate->ms_f64;
    rate->gflops_f32 = 1e-6 * operations / rate->ms_f32;
    return TRM_OK;
}
