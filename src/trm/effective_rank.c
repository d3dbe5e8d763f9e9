#include "trm/trm.h"

#include <math.h>

double trm_effective_rank(const double *sigma, size_t count) {
    double sum = 0, entropy = 0;
    for (size_t i = 0; i < count; i++)
        sum += sigma[i];
    if (!(sum > 0))
        return 0;
    for (size_t i = 0; i < count; i++) {
        const double p = sigma[i] / sum;
        if (p > 0)
            entropy -= p * log(p);
    }
    return exp(entropy);
}
