#include "trm.h"

#include "linalg/linalg.h"

double trm_effective_rank(const double *sigma, size_t count) {
    return lin_effective_rank(count, sigma);
}
