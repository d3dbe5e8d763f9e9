/* A direction of the repair in float, for code in double. */
#ifndef TRM_MUON_FLOAT_DIRECTION_H
#define TRM_MUON_FLOAT_DIRECTION_H

#include <stddef.h>

/* As muon_repair_direction, to float's rounding. work: 4 n x n. */
void muon_float_direction(size_t n, const double *B, const double *F, double wanted, double *Y, double *work);

#endif
