#include "router/adamw.h"

#include "base/target_clones.h"

#include <math.h>

TARGET_CLONES void adamw_step(float *restrict p, float *restrict m, float *restrict v,
                              const float *restrict g, size_t count, double lr, double decay, uint64_t step) {
    const float b1 = 0.9f, b2 = 0.95f, eps = 1e-8f;
    const float shrink = (float)(1.0 - lr * decay);
    const float rate = (float)(lr / (1.0 - pow(0.9, (double)step)));
    const float root = (float)(1.0 / sqrt(1.0 - pow(0.95, (double)step)));
    for (size_t i = 0; i < count; i++) {
        m[i] = b1 * m[i] + (1.0f - b1) * g[i];
        v[i] = b2 * v[i] + (1.0f - b2) * g[i] * g[i];
        p[i] = p[i] * shrink - rate * m[i] / (sqrtf(v[i]) * root + eps);
    }
}

enum { LANES = 8 };

TARGET_CLONES double vector_square(const float *a, size_t count) {
    double lane[LANES] = {0}, sum = 0.0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)a[i + k] * (double)a[i + k];
    for (; i < count; i++)
        lane[0] += (double)a[i] * (double)a[i];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

TARGET_CLONES void vector_add(float *restrict sum, const float *restrict other, size_t count) {
    for (size_t i = 0; i < count; i++)
        sum[i] += other[i];
}

TARGET_CLONES void vector_scale(float *a, float factor, size_t count) {
    for (size_t i = 0; i < count; i++)
        a[i] *= factor;
}

TARGET_CLONES void vector_average(float *restrict average, const float *restrict a, float keep,
                                  size_t count) {
    for (size_t i = 0; i < count; i++)
        average[i] = keep * average[i] + (1.0f - keep) * a[i];
}
