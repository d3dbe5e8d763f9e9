#include "linalg/linalg.h"

#include <math.h>

double lin_spectral_norm(size_t count, const double *sigma) {
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, sigma[i]);
    return largest;
}

double lin_effective_rank(size_t count, const double *sigma) {
    double sum = 0.0, entropy = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += sigma[i];
    if (!(sum > 0.0))
        return 0.0;
    for (size_t i = 0; i < count; i++) {
        const double p = sigma[i] / sum;
        if (p > 0.0)
            entropy -= p * log(p);
    }
    return exp(entropy);
}

double lin_condition(size_t count, const double *sigma, double floor) {
    double smallest = INFINITY;
    for (size_t i = 0; i < count; i++)
        smallest = fmin(smallest, sigma[i]);
    const double largest = lin_spectral_norm(count, sigma);
    return largest > 0.0 ? largest / fmax(smallest, floor * largest) : 1.0;
}
