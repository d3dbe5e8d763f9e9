#include "muon/float/direction.h"

#include "muon/inner/repair.h"

void muon_float_direction(size_t n, const double *B, const double *F, double wanted, double *Y,
                          double *work) {
    const size_t nn = n * n;
    float *const b = (float *)(void *)work, *const f = b + nn, *const y = f + nn;
    for (size_t i = 0; i < nn; i++) {
        b[i] = (float)B[i];
        f[i] = (float)F[i];
    }
    muon_repair_direction(n, b, f, wanted, y, y + nn);
    for (size_t i = 0; i < nn; i++)
        Y[i] = (double)y[i];
}
