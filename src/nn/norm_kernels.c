#include "nn/norm_kernels.h"

#include "base/target_clones.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { CHUNK = 256, NO_PLACE = 4 };

/* Join n more values to the `count` there are. */
INLINE void moments_join(struct moments m, size_t channels, double count, const float *mean,
                         const float *square, double n) {
    const double share = n / (count + n), weight = count * share;
    for (size_t c = 0; c < channels; c++) {
        const double away = (double)mean[c] - m.mean[c];
        m.mean[c] += away * share;
        m.square[c] += (double)square[c] + away * away * weight;
    }
}

#define V 16
#include "nn/norm_loops.h"
#define V 8
#include "nn/norm_loops.h"
#define V 1
#include "nn/norm_loops.h"

static const struct norm_kernels KERNELS[] = {
    {16, strip_statistics_16, strip_apply_16, strip_sums_16, strip_back_16},
    {8, strip_statistics_8, strip_apply_8, strip_sums_8, strip_back_8},
    {1, strip_statistics_1, strip_apply_1, strip_sums_1, strip_back_1},
};

const struct norm_kernels *norm_kernels_for(size_t block) {
    const struct norm_kernels *k = KERNELS;
    while (block % k->lanes != 0)
        k++;
    return k;
}
